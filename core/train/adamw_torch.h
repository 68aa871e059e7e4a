#pragma once

#include <core/train/optimizer_torch.h>

namespace lathe::train {

/// Adam with decoupled weight decay (Loshchilov, Hutter 2019, arXiv:1711.05101) as torch.optim.AdamW has it: betas `beta` and 0.999, ε
/// 1e-8; one call of ATen's fused kernel a step.
class AdamW final : public Optimizer {
public:
    AdamW(const NamedTensors& parameters, double beta, double weightDecay);

private:
    void update(Tensors& parameters, Tensors& gradients, std::vector<Tensors>& slots, double learningRate) override;
    double m_beta, m_weightDecay;
};

} // namespace lathe::train
