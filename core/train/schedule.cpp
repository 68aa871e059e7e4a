#include <core/train/schedule.h>

#include <cmath>
#include <numbers>

namespace lathe::train {

double scheduleFactor(Schedule schedule, double progress) {
    if (schedule == Schedule::Constant) return 1;
    constexpr double warmUp = 0.15;
    if (progress < warmUp) return progress / warmUp;
    return (1 + std::cos(std::numbers::pi * (progress - warmUp) / (1 - warmUp))) / 2;
}

} // namespace lathe::train
