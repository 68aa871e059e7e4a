#include <core/train/sgd_torch.h>

#include <utility>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_fused_sgd.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/autograd.h>

#include <core/runtime/plan_torch.h>

namespace lathe::train {

Sgd::Sgd(std::map<std::string, at::Tensor> parameters, double momentum, double weightDecay)
    : m_parameters(std::move(parameters)), m_momentum(momentum), m_weightDecay(weightDecay) {
    for (const auto& [name, parameter] : m_parameters) {
        m_buffers.emplace(name, at::zeros_like(parameter));
    }
}

void Sgd::keepZerosOf(const graph::Graph& graph) {
    for (const graph::Value& value : graph.values) {
        const auto found = m_parameters.find(value.name);
        if (found == m_parameters.end() || value.data.shape().size() < 2) continue;
        const at::Tensor mask = runtime::toAten(value.data).to(found->second.device()).ne(0);
        if (!mask.all().item<bool>()) m_masks.push_back({found->second, mask.to(found->second.scalar_type())});
    }
}

void Sgd::step(const at::Tensor& loss, double learningRate) {
    std::vector<at::Tensor> parameters, buffers;
    for (const auto& [name, parameter] : m_parameters) {
        parameters.push_back(parameter);
        buffers.push_back(m_buffers.at(name));
    }
    std::vector<at::Tensor> gradients = torch::autograd::grad({loss}, parameters, {}, std::nullopt, false, /*allow_unused=*/true);

    // Parameters that the loss does not depend on have no gradient, and stay.
    std::size_t used = 0;
    for (std::size_t at = 0; at < gradients.size(); ++at) {
        if (!gradients[at].defined()) continue;
        parameters[used] = parameters[at];
        buffers[used] = buffers[at];
        gradients[used++] = gradients[at];
    }
    parameters.resize(used);
    buffers.resize(used);
    gradients.resize(used);
    if (used == 0) return;

    const at::NoGradGuard noGradient;
    if (m_momentum == 0) buffers.clear();
    at::_fused_sgd_(parameters, gradients, buffers, m_weightDecay, m_momentum, learningRate, /*dampening=*/0, /*nesterov=*/false,
                    /*maximize=*/false,
                    /*is_first_step=*/false);
    for (Mask& entry : m_masks) {
        entry.parameter.mul_(entry.mask);
    }
}

void Sgd::restoreMomentum(const std::map<std::string, at::Tensor>& buffers) {
    const at::NoGradGuard noGradient;
    for (auto& [name, buffer] : m_buffers) {
        buffer.copy_(buffers.at(name));
    }
}

} // namespace lathe::train
