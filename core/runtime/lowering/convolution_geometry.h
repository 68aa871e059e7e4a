#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include <core/graph/graph.h>

namespace lathe::runtime {

/// How a convolution of images moves over them: height first.
struct ConvolutionGeometry {
    std::array<std::int64_t, 2> stride = {1, 1}, padding = {0, 0}, dilation = {1, 1};
    std::int64_t groups = 1;
};

/// Of a conv2d node, fused or not; nothing when something of it is computed in the model or makes no sense.
[[nodiscard]] std::optional<ConvolutionGeometry> constantGeometry(const graph::Node& node);

/// "s1x1 p0x0 d1x1 g1", the same for the same geometry.
[[nodiscard]] std::string text(const ConvolutionGeometry& geometry);

} // namespace lathe::runtime
