#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <core/formats/onnx/lowering.h>

namespace lathe::formats::onnx {

using graph::Dim;
using graph::Literal;
using graph::Operand;
using graph::ValueId;
using tensor::DType;
using Operands = std::vector<Operand>;
using Integers = std::vector<std::int64_t>;

/// Literal operands.
[[nodiscard]] Operand integer(std::int64_t value);
[[nodiscard]] Operand number(double value);
[[nodiscard]] Operand flag(bool value);
[[nodiscard]] Operand integers(Integers values);
/// One literal when all elements are literals, else the list of them.
[[nodiscard]] Operand integersOf(const Operands& elements);
/// The first element of a tensor as a literal: a flag, an integer or a number.
[[nodiscard]] Operand scalarOf(const tensor::Tensor& data);
[[nodiscard]] Operand none();
/// The number that ATen has for a dtype.
[[nodiscard]] Operand dtypeNumber(DType dtype);

/// Two shapes broadcast against each other; dimensions that nobody knows stay unknown.
[[nodiscard]] std::optional<std::vector<Dim>> broadcast(const std::optional<std::vector<Dim>>& a, const std::optional<std::vector<Dim>>& b);
/// A shape of so many unknown dimensions.
[[nodiscard]] std::vector<Dim> unknownDims(std::size_t rank);

/// One ONNX node while it is lowered: its inputs as values, constants or integers, its attributes, and the nodes and outputs that it
/// becomes. What does not fit ends in a Refusal.
class Call {
public:
    Call(Lowering& lowering, const NodeProto& node) : m_lowering(lowering), m_node(node) {}

    [[nodiscard]] const NodeProto& node() const { return m_node; }
    [[nodiscard]] Lowering& lowering() { return m_lowering; }
    [[nodiscard]] std::int64_t opset() const { return m_lowering.opset(); }

    // Inputs.
    [[nodiscard]] std::size_t inputCount() const { return m_node.inputs.size(); }
    [[nodiscard]] bool has(std::size_t index) const { return index < m_node.inputs.size() && !m_node.inputs[index].empty(); }
    [[nodiscard]] ValueId input(std::size_t index);
    [[nodiscard]] Operand optionalInput(std::size_t index) { return has(index) ? Operand(input(index)) : none(); }
    /// The data of an input that is known now; nullptr when it is computed.
    [[nodiscard]] const tensor::Tensor* constant(std::size_t index);
    [[nodiscard]] const tensor::Tensor* constantOf(ValueId id);
    /// One number that is known now; refuses with "its <what> is not constant".
    [[nodiscard]] double constantNumber(std::size_t index, std::string_view what);
    [[nodiscard]] Integers constantIntegers(std::size_t index, std::string_view what);
    /// The elements of a list of integers, one operand each: literals where they are known. Its length must be known, if
    /// only from what goes with it (`length`).
    [[nodiscard]] Operands numbers(std::size_t index, std::optional<std::size_t> length = {});
    /// Nothing when neither elements nor length are known now.
    [[nodiscard]] std::optional<Numbers> knownNumbers(std::size_t index);
    /// The input as an operand for int[]: a literal, a list, or aten::_tensor_to_list of the tensor.
    [[nodiscard]] Operand integerList(std::size_t index);

    // Attributes; the default where the node has none.
    [[nodiscard]] const AttributeProto* attribute(std::string_view name) const;
    [[nodiscard]] std::int64_t integerAttribute(std::string_view name, std::int64_t otherwise) const;
    [[nodiscard]] double floatAttribute(std::string_view name, double otherwise) const;
    [[nodiscard]] std::string textAttribute(std::string_view name, std::string_view otherwise) const;
    [[nodiscard]] std::optional<Integers> integersAttribute(std::string_view name) const;

    // What is known about values.
    [[nodiscard]] const graph::Value& value(ValueId id) const { return m_lowering.graph.value(id); }
    [[nodiscard]] Known known(ValueId id) const { return {value(id).dtype, value(id).shape}; }
    [[nodiscard]] std::optional<DType> dtype(ValueId id) const { return value(id).dtype; }
    /// Unknown element types are taken for floats.
    [[nodiscard]] bool isFloat(ValueId id) const;
    [[nodiscard]] std::optional<std::int64_t> rank(ValueId id) const;
    [[nodiscard]] std::int64_t needRank(ValueId id) const;
    /// The dimension as an operand for an int: its size, or aten::size.int.
    [[nodiscard]] Operand size(ValueId id, std::int64_t dimension);
    /// a - b of two operands for an int.
    [[nodiscard]] Operand difference(const Operand& a, const Operand& b);
    /// `axis` counted from the front; refuses when it is negative and the rank unknown.
    [[nodiscard]] std::int64_t axisOf(std::int64_t axis, ValueId id) const;
    /// For operators of ATen that count from the back too: a negative axis stays where the rank is unknown.
    [[nodiscard]] std::int64_t axisFromEitherEnd(std::int64_t axis, ValueId id) const { return rank(id) ? axisOf(axis, id) : axis; }

    // Results. `emit` computes at once what has only constant operands and does not grow.
    ValueId emit(std::string op, Operands operands, Known known = {});
    std::vector<ValueId> emitMany(std::string op, Operands operands, std::size_t count, Known known = {});
    /// A value that is no tensor.
    ValueId emitScalar(std::string op, Operands operands, graph::TypeKind type);
    ValueId cast(ValueId id, DType dtype);
    ValueId castLike(ValueId id, ValueId other) { return dtype(other) ? cast(id, *dtype(other)) : id; }
    ValueId weight(std::string_view suffix, tensor::Tensor data);
    ValueId reshape(ValueId id, Integers shape);
    void output(std::size_t index, ValueId id);
    void output(std::size_t index, Numbers numbers);
    [[nodiscard]] bool wantsOutput(std::size_t index) const { return index < m_node.outputs.size() && !m_node.outputs[index].empty(); }

    [[noreturn]] void refuse(std::string reason) const;

private:
    Lowering& m_lowering;
    const NodeProto& m_node;
};

using Lower = void (*)(Call&);
struct OperatorEntry {
    std::string_view name;
    Lower lower;
};

/// The operators of ai.onnx that Lathe knows; nullptr for others.
[[nodiscard]] Lower findOperator(std::string_view domain, std::string_view name);

} // namespace lathe::formats::onnx
