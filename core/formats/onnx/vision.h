#pragma once

#include <core/formats/onnx/emit.h>
#include <core/formats/onnx/operators.h>

namespace lathe::formats::onnx {

/// Boxes, regions of images, convolutions that look at places of their own, images from columns: lower_vision.cpp and emit_vision.cpp.
[[nodiscard]] std::span<const OperatorEntry> visionOperators();
[[nodiscard]] std::span<const EmitEntry> visionEmitters();

} // namespace lathe::formats::onnx
