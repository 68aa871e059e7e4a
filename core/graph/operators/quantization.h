#pragma once

#include <core/graph/operators/call.h>

namespace lathe::graph {

/// Of PyTorch: rounding to a grid and back in one, with gradients that pass straight through; the learnable ones have gradients for their
/// scales too. Only while a quantized model is trained (core/quantization/trainable.h).
namespace op {
inline constexpr std::string_view fakeQuantize = "aten::fake_quantize_per_tensor_affine";
inline constexpr std::string_view fakeQuantizeLearnable = "aten::_fake_quantize_learnable_per_tensor_affine";
inline constexpr std::string_view fakeQuantizeLearnablePerChannel = "aten::_fake_quantize_learnable_per_channel_affine";
} // namespace op

/// A quantize, dequantize or choose-grid node. Its grid as a value of its own: core/quantization.
class QdqCall : public Call {
public:
    using Call::Call;
    [[nodiscard]] const Operand& input() const { return operand("input"); }
    /// A number, a vector for each channel, or what a node chose.
    [[nodiscard]] const Operand& scale() const;
    [[nodiscard]] const Operand& zeroPoint() const;
    /// Of one scale for each channel.
    [[nodiscard]] std::optional<std::int64_t> axis() const { return integer("axis"); }
    [[nodiscard]] bool isPerChannel() const { return m_operator != nullptr && m_operator->position("axis").has_value(); }
    [[nodiscard]] std::optional<std::int64_t> minimum() const { return integer("quant_min"); }
    [[nodiscard]] std::optional<std::int64_t> maximum() const { return integer("quant_max"); }
    [[nodiscard]] std::optional<double> epsilon() const { return literal<double>("eps"); }
    [[nodiscard]] std::optional<tensor::DType> dtype() const;
    /// Are there exactly as many operands as its operator has?
    [[nodiscard]] bool isComplete() const { return m_operator != nullptr && m_node->operands.size() == m_operator->operands.size(); }
};

} // namespace lathe::graph
