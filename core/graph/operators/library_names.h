#pragma once

#include <string_view>

/// Beside names.h: operators of torchvision, which LibTorch does not carry, and those of our own that stand for what only files have.
namespace lathe::graph::op {

inline constexpr std::string_view nms = "torchvision::nms";
inline constexpr std::string_view roiAlign = "torchvision::roi_align";
inline constexpr std::string_view deformConv2d = "torchvision::deform_conv2d";

/// Forms that only ONNX has.
inline constexpr std::string_view nonMaxSuppression = "lathe::non_max_suppression";
inline constexpr std::string_view roiAlignMax = "lathe::roi_align_max";

/// What goes from call to call: core/graph/state.h.
inline constexpr std::string_view keepState = "lathe::keep_state";

} // namespace lathe::graph::op
