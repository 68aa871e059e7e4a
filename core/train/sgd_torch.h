#pragma once

#include <map>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <core/graph/graph.h>

namespace lathe::train {

/// Stochastic gradient descent as torch.optim.SGD has it (dampening 0, no Nesterov), with one call of ATen's fused kernel a step, and masks
/// that keep pruned weights at zero. Not thread-safe.
class Sgd {
public:
    /// `parameters`: leaf tensors that require gradients; they are changed in place.
    Sgd(std::map<std::string, at::Tensor> parameters, double momentum, double weightDecay);

    /// From now on elements that are zero in the graph's weights (two or more dimensions) are set to zero after each step.
    void keepZerosOf(const graph::Graph& graph);

    /// Backpropagates `loss` and moves all parameters that it depends on.
    void step(const at::Tensor& loss, double learningRate);

    /// The momentum by parameter name: part of a checkpoint. Restoring copies; names and shapes must be those of the parameters.
    [[nodiscard]] const std::map<std::string, at::Tensor>& momentumBuffers() const { return m_buffers; }
    void restoreMomentum(const std::map<std::string, at::Tensor>& buffers);

private:
    struct Mask {
        at::Tensor parameter, mask;
    };
    std::map<std::string, at::Tensor> m_parameters;
    std::map<std::string, at::Tensor> m_buffers;
    std::vector<Mask> m_masks;
    double m_momentum;
    double m_weightDecay;
};

} // namespace lathe::train
