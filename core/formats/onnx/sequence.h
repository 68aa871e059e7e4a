#pragma once

#include <span>

#include <core/formats/onnx/call.h>

namespace lathe::formats::onnx {

/// Operators of sequences, which are lists of tensors, and of optional values, which are what they hold.
[[nodiscard]] std::span<const OperatorEntry> sequenceOperators();

/// Is an input or output a sequence of tensors? Then the proto has the type of their elements, and is itself no tensor.
[[nodiscard]] inline bool isSequenceOfTensors(const ValueInfo& info) {
    return !info.isTensor && info.elementType != ElementType::Undefined;
}

} // namespace lathe::formats::onnx
