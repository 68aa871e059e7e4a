#pragma once

#include <cstdint>
#include <vector>

#include <core/runtime/kernels/window.h>

namespace lathe::runtime {

/// The largest byte of each window of one channels-last image (height × width × channels), written channels-last. Bytes of one grid compare
/// as the numbers that they stand for, so this is exact. Padding never wins; a window wholly in the padding gives 0. `scratch` is one row
/// and kept between calls.
void maxPoolBytes(const std::uint8_t* image, std::int64_t height, std::int64_t width, std::int64_t channels, const Window& window,
                  std::uint8_t* out, std::vector<std::uint8_t>& scratch);

} // namespace lathe::runtime
