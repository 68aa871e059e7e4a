#pragma once

#include <core/train/optimizer_torch.h>

namespace lathe::train {

/// Stochastic gradient descent as torch.optim.SGD has it (dampening 0), with one call of ATen's fused kernel a step: g ← g + weightDecay·w,
/// v ← momentum·v + g, w ← w − rate·v; with nesterov w ← w − rate·(g + momentum·v).
class Sgd final : public Optimizer {
public:
    Sgd(const NamedTensors& parameters, double momentum, double weightDecay, bool nesterov);

private:
    void update(Tensors& parameters, Tensors& gradients, std::vector<Tensors>& slots, double learningRate) override;
    double m_momentum, m_weightDecay;
    bool m_nesterov;
};

} // namespace lathe::train
