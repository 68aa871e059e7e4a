#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <core/runtime/kernels/int8/int8_kernel.h>

namespace lathe::runtime::testing {

/// One sum of a convolution over a padded channels-last image with rows of `width` pixels, by its definition.
template<class Input>
std::int64_t slowSum(const ConvolutionShape& shape, const std::vector<std::int16_t>& weights, const std::vector<Input>& image,
                     std::int64_t width, std::int32_t zeroPoint, std::int64_t out, std::int64_t row, std::int64_t column) {
    const Window& window = shape.window;
    const std::int64_t inPerGroup = shape.inChannels / shape.groups, group = out / (shape.outChannels / shape.groups);
    std::int64_t sum = 0;
    for (std::int64_t in = 0; in < inPerGroup; ++in) {
        for (std::int64_t y = 0; y < window.kernelHeight; ++y) {
            for (std::int64_t x = 0; x < window.kernelWidth; ++x) {
                const std::int64_t pixel = (row * window.strideHeight + y * window.dilationHeight) * width + column * window.strideWidth +
                                           x * window.dilationWidth;
                const std::int64_t weight = ((out * inPerGroup + in) * window.kernelHeight + y) * window.kernelWidth + x;
                sum += (image[static_cast<std::size_t>(pixel * shape.inChannels + group * inPerGroup + in)] - zeroPoint) *
                       weights[static_cast<std::size_t>(weight)];
            }
        }
    }
    return sum;
}

/// What sums become before they are stored as bytes.
struct ByteForm {
    float factor, offset, low, high;
};
/// Limits that are the type's, others between whole numbers, and numbers that do not fit into 32 bits.
inline constexpr ByteForm byteForms[] = {{0.001F, 0.5F, -100, 155}, {0.001F, 0.5F, -20.5F, 60.3F}, {3e6F, 0.5F, -100, 155}};
inline constexpr std::int32_t byteFormZeroPoint = 100;

inline std::uint8_t slowByte(std::int64_t sum, const ByteForm& form, float added = 0) {
    const float number = std::fmaf(static_cast<float>(sum), form.factor, form.offset) + added;
    return static_cast<std::uint8_t>(std::nearbyint(std::clamp(number, form.low, form.high)) + byteFormZeroPoint);
}

} // namespace lathe::runtime::testing
