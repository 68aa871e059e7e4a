#pragma once

#include <cstdint>
#include <vector>

#include <core/runtime/kernels/window.h>

namespace lathe::runtime {

/// The largest number of each window of one channels-last image (height × width × channels), written channels-last. Padding never wins; a
/// window wholly in the padding gives the smallest number there is. `scratch` is a row or two and kept between calls.
/// Bytes of one grid compare as the numbers that they stand for, so this is exact for them too. Of floats NaN wins, as in PyTorch.
void maxPool(const std::uint8_t* image, std::int64_t height, std::int64_t width, std::int64_t channels, const Window& window,
             std::uint8_t* out, std::vector<std::uint8_t>& scratch);
void maxPool(const float* image, std::int64_t height, std::int64_t width, std::int64_t channels, const Window& window, float* out,
             std::vector<float>& scratch);

} // namespace lathe::runtime
