#pragma once

#include <core/train/optimizer_torch.h>

namespace lathe::train {

/// LAMB (You et al. 2020, arXiv:1904.00962, algorithm 2, φ(z) = z): Adam's corrected means m and v with betas `beta` and 0.999, ε 1e-6; u =
/// m / (√v + ε) + weightDecay·w; w ← w − rate·(‖w‖ / ‖u‖)·u, without the factor where one of both is 0. Made for large batches.
class Lamb final : public Optimizer {
public:
    Lamb(const NamedTensors& parameters, double beta, double weightDecay);

private:
    void update(Tensors& parameters, Tensors& gradients, std::vector<Tensors>& slots, double learningRate) override;
    double m_beta, m_weightDecay;
};

} // namespace lathe::train
