#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <torch/csrc/jit/ir/ir.h>

#include <core/formats/torchscript/module_builder_torch.h>
#include <core/graph/graph.h>

namespace lathe::formats {

/// Quantization of an activation as PyTorch's quantized operators see it: unsigned 8 bits.
struct Activation {
    double scale = 1;
    std::int64_t zeroPoint = 0, minimum = 0, maximum = 255;
    bool operator==(const Activation&) const = default;
    /// Fewer values than 8 bits hold, for CPUs whose 8-bit products may overflow.
    [[nodiscard]] bool isReduced() const { return minimum > 0 || maximum < 255; }
};

/// Which value of a TorchScript graph stands for each value of ours while forward is written. A value may exist as a quint8 tensor, as what
/// our graph calls it, or as both; the second is made from the first when somebody asks for it.
class JitValues {
public:
    JitValues(const graph::Graph& source, torch::jit::Graph& target, ModuleBuilder& modules);

    struct Quantized {
        torch::jit::Value* value = nullptr;
        Activation activation;
    };
    void set(graph::ValueId id, torch::jit::Value* value) { m_plain[id] = value; }
    void setQuantized(graph::ValueId id, const Quantized& quantized) { m_quantized[id] = quantized; }
    /// A quantized tensor (weight) that is dequantized when its value is needed.
    void setDequantizable(graph::ValueId id, torch::jit::Value* quantized) { m_dequantizable[id] = quantized; }

    [[nodiscard]] const Quantized* quantized(graph::ValueId id) const;
    [[nodiscard]] const Quantized* quantized(const graph::Operand& operand) const {
        return operand.isValue() ? quantized(operand.value()) : nullptr;
    }
    /// Weights become attributes of their name on first use.
    [[nodiscard]] torch::jit::Value* plain(graph::ValueId id);
    /// For an argument of type `formal`: a literal is converted to it as TorchScript itself would.
    [[nodiscard]] torch::jit::Value* operand(const graph::Operand& operand, const c10::TypePtr& formal = nullptr,
                                             std::optional<int> listLength = {});

    [[nodiscard]] torch::jit::Value* intList(const std::vector<std::int64_t>& numbers);

    /// A call of an operator at the insertion point; the overload is chosen by the arguments, as it will be when the file is loaded.
    torch::jit::Value* call(const char* op, std::vector<torch::jit::NamedValue> arguments);

    [[nodiscard]] ModuleBuilder& modules() { return m_modules; }
    /// Tied weights come as one tensor.
    [[nodiscard]] at::Tensor weight(graph::ValueId id);

private:
    torch::jit::Value* dequantizeAfter(torch::jit::Value* quantized);
    torch::jit::Value* list(const std::vector<graph::Operand>& elements, c10::TypePtr elementType);

    const graph::Graph& m_source;
    torch::jit::Graph& m_target;
    ModuleBuilder& m_modules;
    std::map<graph::ValueId, torch::jit::Value*> m_plain, m_dequantizable;
    std::map<graph::ValueId, Quantized> m_quantized;
    std::vector<std::pair<tensor::Tensor, at::Tensor>> m_tensors;
};

} // namespace lathe::formats
