#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>

#include <core/train/moving_average_torch.h>

namespace lathe::train {

void MovingAverage::update() {
    const at::NoGradGuard noGradient;
    const bool isFirst = m_averages.empty();
    for (const auto& [name, parameter] : m_parameters) {
        if (isFirst)
            m_averages.emplace(name, parameter.detach().clone());
        else
            m_averages.at(name).lerp_(parameter.detach(), 1 - m_decay);
    }
}

} // namespace lathe::train
