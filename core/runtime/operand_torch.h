#pragma once

#include <optional>
#include <vector>

#include <ATen/core/function_schema.h>
#include <ATen/core/stack.h>

#include <core/graph/graph.h>
#include <core/runtime/instruction_torch.h>
#include <core/runtime/plan_torch.h>

namespace lathe::runtime {

/// A literal as the type that an operator's schema asks for: 1 for `int[2]` becomes [1, 1], 2 for `float` becomes 2.0, 3 for `Tensor` a
/// scalar tensor. Literals of type Device become `device`, because a plan moves the whole model. Nothing when it does not fit.
[[nodiscard]] std::optional<c10::IValue> convertLiteral(const graph::Literal& literal, const c10::Argument& argument, c10::Device device);
/// The same where no schema says the type.
[[nodiscard]] c10::IValue convertLiteral(const graph::Literal& literal);

/// The operands of one call, ready to be pushed on a stack: constants are converted once, at compile time.
class OperandList {
public:
    void addConstant(c10::IValue constant);
    void addSlot(graph::ValueId slot);
    /// A slot that holds a list of tensors where the operator wants `Tensor?[]`: rebuilt on each call, as TorchScript's types are exact.
    void addOptionalTensorList(graph::ValueId slot);
    /// A list made of operands; `elementType` nullptr: the type of its first element.
    void addList(OperandList elements, c10::TypePtr elementType);

    void push(const Slots& slots, torch::jit::Stack& stack) const;
    [[nodiscard]] std::size_t size() const { return m_items.size(); }

private:
    enum class Kind { Constant, Slot, OptionalTensorList, List };
    struct Item {
        Kind kind = Kind::Constant;
        c10::IValue constant;
        graph::ValueId slot = -1;
        std::vector<OperandList> list; ///< one entry when kind is List
        c10::TypePtr elementType;
    };
    std::vector<Item> m_items;
};

/// A list of the given values; `elementType` nullptr: tensors when empty, otherwise the type of the first (optional when some are None).
[[nodiscard]] c10::IValue makeList(std::span<const c10::IValue> elements, c10::TypePtr elementType);

/// Binds operands to a schema: converts literals, fills in defaults of missing trailing arguments. The error is a sentence without the
/// node's name.
[[nodiscard]] base::Result<OperandList> bindOperands(const graph::Graph& graph, const std::vector<graph::Operand>& operands,
                                                     const c10::FunctionSchema& schema, c10::Device device);
/// Without schema: every operand as it is.
[[nodiscard]] OperandList bindOperands(const std::vector<graph::Operand>& operands);

} // namespace lathe::runtime
