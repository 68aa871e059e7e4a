#pragma once

#include <core/train/optimizer_torch.h>

namespace lathe::train {

/// The exponential moving average of weights, a ← decay·a + (1 − decay)·w, beginning with the weights after the first step, as
/// torch.optim.swa_utils.AveragedModel with get_ema_multi_avg_fn has it.
class MovingAverage {
public:
    MovingAverage(NamedTensors parameters, double decay) : m_parameters(std::move(parameters)), m_decay(decay) {}

    /// After each step.
    void update();
    /// By parameter; empty before the first step.
    [[nodiscard]] const NamedTensors& averages() const { return m_averages; }
    void restore(NamedTensors averages) { m_averages = std::move(averages); }

private:
    NamedTensors m_parameters, m_averages;
    double m_decay;
};

} // namespace lathe::train
