#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <core/train/adamw_torch.h>
#include <core/train/lamb_torch.h>
#include <core/train/optimizer_torch.h>
#include <core/train/sgd_torch.h>

namespace lathe::train {

Optimizer::Optimizer(const NamedTensors& parameters, std::vector<Slot> slots) : m_slots(std::move(slots)), m_state(m_slots.size()) {
    const at::NoGradGuard noGradient;
    for (const auto& [name, parameter] : parameters) {
        m_names.push_back(name);
        m_parameters.push_back(parameter);
        for (std::size_t slot = 0; slot < m_slots.size(); ++slot) {
            m_state[slot].push_back(m_slots[slot].isCount ? at::zeros({}, parameter.options().dtype(at::kFloat))
                                                          : at::zeros_like(parameter));
        }
    }
}

void Optimizer::step(const std::vector<at::Tensor>& gradients, double learningRate) {
    const at::NoGradGuard noGradient;
    Tensors parameters, used;
    std::vector<Tensors> slots(m_slots.size());
    for (std::size_t at = 0; at < gradients.size(); ++at) {
        if (!gradients[at].defined()) continue;
        parameters.push_back(m_parameters[at]);
        // ATen's fused kernels walk through the memory of all of them side by side.
        const bool liesAlike = gradients[at].strides() == m_parameters[at].strides();
        used.push_back(liesAlike ? gradients[at] : at::empty_like(m_parameters[at]).copy_(gradients[at]));
        for (std::size_t slot = 0; slot < slots.size(); ++slot)
            slots[slot].push_back(m_state[slot][at]);
    }
    if (!used.empty()) update(parameters, used, slots, learningRate);
}

NamedTensors Optimizer::state() const {
    NamedTensors state;
    for (std::size_t slot = 0; slot < m_slots.size(); ++slot) {
        for (std::size_t at = 0; at < m_names.size(); ++at)
            state.emplace(m_slots[slot].name + "/" + m_names[at], m_state[slot][at]);
    }
    return state;
}

void Optimizer::restore(const NamedTensors& state) {
    const at::NoGradGuard noGradient;
    for (auto& [name, tensor] : this->state())
        at::Tensor(tensor).copy_(state.at(name));
}

std::unique_ptr<Optimizer> makeOptimizer(const NamedTensors& parameters, const steps::TrainingSettings& settings) {
    switch (settings.optimizer) {
    case steps::Optimizer::Sgd:
        break;
    case steps::Optimizer::AdamW:
        return std::make_unique<AdamW>(parameters, settings.momentum, settings.weightDecay);
    case steps::Optimizer::Lamb:
        return std::make_unique<Lamb>(parameters, settings.momentum, settings.weightDecay);
    }
    return std::make_unique<Sgd>(parameters, settings.momentum, settings.weightDecay, settings.nesterov);
}

} // namespace lathe::train
