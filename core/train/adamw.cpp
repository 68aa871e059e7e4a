#include <ATen/ops/_fused_adamw.h>

#include <core/train/adamw_torch.h>

namespace lathe::train {

AdamW::AdamW(const NamedTensors& parameters, double beta, double weightDecay)
    : Optimizer(parameters, {{"mean", false}, {"square", false}, {"steps", true}}), m_beta(beta), m_weightDecay(weightDecay) {}

void AdamW::update(Tensors& parameters, Tensors& gradients, std::vector<Tensors>& slots, double learningRate) {
    for (at::Tensor& steps : slots[2])
        steps.add_(1);
    at::_fused_adamw_(parameters, gradients, slots[0], slots[1], {}, slots[2], learningRate, m_beta, /*beta2=*/0.999, m_weightDecay,
                      /*eps=*/1e-8, /*amsgrad=*/false, /*maximize=*/false);
}

} // namespace lathe::train
