#pragma once

#include <optional>
#include <vector>

#include <ATen/core/Tensor.h>

#include <core/runtime/kernels/kernel_context_torch.h>
#include <core/runtime/lowering/patterns/float_layer.h>

namespace lathe::runtime {

/// Weights of a float layer, contiguous, with the batch norm behind it multiplied in.
struct FoldedWeights {
    at::Tensor weight;
    at::Tensor bias; ///< undefined: none

    [[nodiscard]] std::span<const float> weightNumbers() const {
        return {weight.const_data_ptr<float>(), static_cast<std::size_t>(weight.numel())};
    }
    [[nodiscard]] std::span<const float> biasNumbers() const {
        return bias.defined() ? std::span(bias.const_data_ptr<float>(), static_cast<std::size_t>(bias.numel())) : std::span<const float>();
    }
};

/// What a layer has before it is packed: its weights and those of the batch norm behind it, as the graph holds them.
class UnfoldedWeights {
public:
    UnfoldedWeights(const KernelContext& context, const FloatLayer& layer);

    /// Of the graph, all that it holds.
    [[nodiscard]] const std::vector<graph::ValueId>& ids() const { return m_ids; }
    [[nodiscard]] const at::Tensor& weight() const { return m_weight; }
    /// Computed in double precision and rounded once.
    [[nodiscard]] FoldedWeights folded() const;

private:
    struct Norm {
        at::Tensor weight, bias, mean, variance;
        double epsilon = 0;
    };
    at::Tensor m_weight, m_bias;
    std::optional<Norm> m_norm;
    std::vector<graph::ValueId> m_ids;
};

} // namespace lathe::runtime
