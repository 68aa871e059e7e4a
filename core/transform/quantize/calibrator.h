#pragma once

#include <core/transform/quantize/activation_statistics.h>
#include <core/transform/quantize/quantizer.h>

namespace lathe::transform {

enum class Calibrator {
    MinMax,    ///< everything that was seen
    Histogram, ///< clips outliers where that lowers the expected squared error
};

struct ActivationRange {
    float low = 0, high = 0; ///< low ≤ 0 ≤ high
};

/// The range of real numbers that an activation is quantized over.
/// Histogram: of all ranges within the observed one, on a grid of 128 steps for each end, the one with the least expected squared error.
/// That is the squared distance to the end for what is clipped, and scale²/12 (uniform rounding error) for everything else but exact zeros;
/// the idea of PyTorch's HistogramObserver and of TensorRT's calibrators, with mean squared error as measure. `levels`: number of integers
/// minus one.
[[nodiscard]] ActivationRange calibrate(const ActivationStatistics& statistics, Calibrator calibrator, Scheme scheme, int levels);

} // namespace lathe::transform
