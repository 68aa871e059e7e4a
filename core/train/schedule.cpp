#include <core/train/schedule.h>

#include <cmath>
#include <numbers>

namespace lathe::train {

namespace {

/// Half a cosine from 1 (at 0) to 0 (at 1).
double halfCosine(double progress) { return (1 + std::cos(std::numbers::pi * progress)) / 2; }

double oneCycle(double rising, std::int64_t step, std::int64_t steps) {
    constexpr double first = 1.0 / 25, last = first / 1e4, usualRising = 0.3;
    const double top = (rising > 0 ? rising : usualRising) * static_cast<double>(steps) - 1, end = static_cast<double>(steps - 1);
    const auto at = static_cast<double>(step);
    if (at <= top) return 1 + (first - 1) * halfCosine(top > 0 ? at / top : 1);
    return last + (1 - last) * halfCosine(end > top ? (at - top) / (end - top) : 0);
}

} // namespace

double scheduleFactor(steps::Schedule schedule, double warmUp, std::int64_t step, std::int64_t steps) {
    if (schedule == steps::Schedule::OneCycle) return oneCycle(warmUp, step, steps);
    const double progress = static_cast<double>(step) / static_cast<double>(steps);
    if (progress < warmUp) return progress / warmUp;
    const double rest = (progress - warmUp) / (1 - warmUp) + 1e-9; // a half may be a little less
    switch (schedule) {
    case steps::Schedule::Step:
        return rest < 0.5 ? 1 : rest < 0.75 ? 0.1 : 0.01;
    case steps::Schedule::Cosine:
        return (1 + std::cos(std::numbers::pi * (progress - warmUp) / (1 - warmUp))) / 2;
    case steps::Schedule::Constant:
    case steps::Schedule::OneCycle:
        break;
    }
    return 1;
}

} // namespace lathe::train
