#include <ATen/ops/_fused_sgd.h>

#include <core/train/sgd_torch.h>

namespace lathe::train {

Sgd::Sgd(const NamedTensors& parameters, double momentum, double weightDecay, bool nesterov)
    : Optimizer(parameters, {{"momentum", false}}), m_momentum(momentum), m_weightDecay(weightDecay), m_nesterov(nesterov && momentum > 0) {
}

void Sgd::update(Tensors& parameters, Tensors& gradients, std::vector<Tensors>& slots, double learningRate) {
    if (m_momentum == 0) slots[0].clear();
    at::_fused_sgd_(parameters, gradients, slots[0], m_weightDecay, m_momentum, learningRate, /*dampening=*/0, m_nesterov,
                    /*maximize=*/false, /*is_first_step=*/false);
}

} // namespace lathe::train
