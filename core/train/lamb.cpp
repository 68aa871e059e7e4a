#include <cmath>

#include <ATen/TensorOperators.h>
#include <ATen/ops/norm.h>

#include <core/train/lamb_torch.h>

namespace lathe::train {

Lamb::Lamb(const NamedTensors& parameters, double beta, double weightDecay)
    : Optimizer(parameters, {{"mean", false}, {"square", false}, {"steps", true}}), m_beta(beta), m_weightDecay(weightDecay) {}

void Lamb::update(Tensors& parameters, Tensors& gradients, std::vector<Tensors>& slots, double learningRate) {
    constexpr double beta2 = 0.999, epsilon = 1e-6;
    for (std::size_t at = 0; at < parameters.size(); ++at) {
        const at::Tensor& gradient = gradients[at];
        at::Tensor &mean = slots[0][at], &square = slots[1][at];
        const auto steps = slots[2][at].add_(1).item<double>();
        mean.mul_(m_beta).add_(gradient, 1 - m_beta);
        square.mul_(beta2).addcmul_(gradient, gradient, 1 - beta2);
        const at::Tensor scale = (square / (1 - std::pow(beta2, steps))).sqrt_().add_(epsilon);
        at::Tensor move = (mean / (1 - std::pow(m_beta, steps))).div_(scale);
        if (m_weightDecay > 0) move.add_(parameters[at], m_weightDecay);
        const auto length = parameters[at].norm().item<double>(), moveLength = move.norm().item<double>();
        parameters[at].add_(move, -learningRate * (length > 0 && moveLength > 0 ? length / moveLength : 1));
    }
}

} // namespace lathe::train
