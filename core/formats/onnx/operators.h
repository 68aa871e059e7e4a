#pragma once

#include <span>

#include <core/formats/onnx/call.h>

/// What each operator of ONNX becomes, one table per group. The functions follow the operators' specification (Operators.md of onnx 1.23)
/// for opset 7 and later.
namespace lathe::formats::onnx {

[[nodiscard]] std::span<const OperatorEntry> arithmeticOperators();
[[nodiscard]] std::span<const OperatorEntry> activationOperators();
[[nodiscard]] std::span<const OperatorEntry> convolutionOperators();
[[nodiscard]] std::span<const OperatorEntry> poolingOperators();
[[nodiscard]] std::span<const OperatorEntry> normalizationOperators();
[[nodiscard]] std::span<const OperatorEntry> shapeOperators();
[[nodiscard]] std::span<const OperatorEntry> sliceOperators();
[[nodiscard]] std::span<const OperatorEntry> paddingOperators();
[[nodiscard]] std::span<const OperatorEntry> indexingOperators();
[[nodiscard]] std::span<const OperatorEntry> reductionOperators();
[[nodiscard]] std::span<const OperatorEntry> matrixOperators();
[[nodiscard]] std::span<const OperatorEntry> generatorOperators();
[[nodiscard]] std::span<const OperatorEntry> resizeOperators();
[[nodiscard]] std::span<const OperatorEntry> attentionOperators();
[[nodiscard]] std::span<const OperatorEntry> recurrentOperators();
[[nodiscard]] std::span<const OperatorEntry> signalOperators();
[[nodiscard]] std::span<const OperatorEntry> controlFlowOperators();
[[nodiscard]] std::span<const OperatorEntry> quantizationOperators();

/// a · b over the last two dimensions, with the shape that the result has as far as it is known.
[[nodiscard]] ValueId matrixProduct(Call& call, ValueId a, ValueId b);

/// An index that may be counted from the end, cut to what lies in front of or behind one of `count` elements.
[[nodiscard]] std::int64_t clampIndex(std::int64_t index, std::int64_t count);

} // namespace lathe::formats::onnx
