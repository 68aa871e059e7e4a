#pragma once

#include <limits>
#include <optional>
#include <string_view>

#include <core/graph/graph.h>

/// Which operators the runtime has on integers besides those that keep a grid (OperatorFacts::runsOnBytes). Planner and lowering both go by
/// this, so that what is quantized runs as integers.
namespace lathe::graph {

/// conv2d, linear, and each of them with relu.
[[nodiscard]] bool hasIntegerLayer(std::string_view op);

/// A function of one number: each element of the result depends on the element in the same place of the first operand alone, and all other
/// operands are constants. On bytes it is a table of 256.
struct Curve {
    /// Beyond these it changes less than the integers that its result is rounded to can tell.
    float low = -std::numeric_limits<float>::infinity(), high = std::numeric_limits<float>::infinity();
};
/// Nothing for other operators, and for those that a layer takes in (relu6, clamp).
[[nodiscard]] std::optional<Curve> curveOf(std::string_view op);

/// Is it the mean over height and width of images, of which one number is left for each channel (adaptive_avg_pool2d to 1 by 1, mean.dim)?
/// On bytes it is a sum, rounded to any grid.
[[nodiscard]] bool meansOverImages(const Node& node);

namespace op {

inline constexpr std::string_view hardsigmoid = "aten::hardsigmoid";
inline constexpr std::string_view mul = "aten::mul.Tensor";
inline constexpr std::string_view cat = "aten::cat";
inline constexpr std::string_view meanDim = "aten::mean.dim";
inline constexpr std::string_view adaptiveAvgPool2d = "aten::adaptive_avg_pool2d";

/// Only in graphs that were lowered for the runtime. Bytes are quint8 tensors.
inline constexpr std::string_view tableBytes = "lathe::table_bytes";
inline constexpr std::string_view sumBytes = "lathe::sum_bytes";
inline constexpr std::string_view productBytes = "lathe::product_bytes";
inline constexpr std::string_view meanBytes = "lathe::mean_bytes";
inline constexpr std::string_view concatenateBytes = "lathe::concatenate_bytes";

} // namespace op

} // namespace lathe::graph
