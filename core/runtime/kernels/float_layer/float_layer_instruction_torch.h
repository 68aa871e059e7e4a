#pragma once

#include <optional>
#include <string>
#include <vector>

#include <core/runtime/kernels/float_layer/unfolded_weights_torch.h>
#include <core/runtime/kernels/layer_shape_torch.h>

namespace lathe::runtime {

/// A float layer whose kernel packs weights in an order of its own: inputs are checked and brought into order, results get their memory,
/// with what is added in it. One call at a time.
class FloatLayerInstruction : public Instruction {
public:
    /// `multiplied`: the type of the numbers that compute() gets, kFloat or kBFloat16.
    FloatLayerInstruction(const KernelContext& context, const FloatLayer& layer, const graph::Node& node, at::ScalarType multiplied);

    void run(Execution& execution) final;
    [[nodiscard]] std::vector<graph::ValueId> heldWeights() const final { return m_held; }

protected:
    /// Computes `result`, which holds what is added where the layer adds something. Images have a batch and channels last; inputs of
    /// linear layers are contiguous. `weights` are there to be packed until a call has succeeded, and nullptr from then on: a plan whose
    /// layers are packed one by one needs room for one more. Throws c10::Error.
    virtual void compute(const at::Tensor& input, at::Tensor& result, const FoldedWeights* weights) = 0;

    [[nodiscard]] const FloatLayer& layer() const { return m_layer; } ///< without its nodes
    [[nodiscard]] const ConvolutionShape& shape() const { return m_shape; }
    [[nodiscard]] std::int64_t macsPerResult() const { return m_macsPerResult; }

private:
    [[nodiscard]] at::DimVector resultSizes(const at::Tensor& input) const;

    FloatLayer m_layer;
    std::optional<UnfoldedWeights> m_unfolded; ///< until the first call
    std::vector<graph::ValueId> m_held;
    ConvolutionShape m_shape;
    std::int64_t m_macsPerResult;
    graph::ValueId m_input;
    std::optional<graph::ValueId> m_residual;
    graph::ValueId m_result;
    bool m_keepsOrder;
    at::ScalarType m_inputType, m_resultType, m_multipliedType;
};

/// What a layer computes, for people: "conv2d+batch_norm+add+relu, weights packed once".
[[nodiscard]] std::string wordsOf(const FloatLayer& layer);

} // namespace lathe::runtime
