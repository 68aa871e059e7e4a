#pragma once

#include <optional>
#include <string>

#include <core/graph/graph.h>
#include <core/runtime/lowering/int8_layer.h>

namespace lathe::runtime {

/// The grid of a static per-tensor quantize or dequantize node, when bytes can hold it.
[[nodiscard]] std::optional<ActivationGrid> activationGrid(const graph::Node& node);

/// Reads a dequantize node whose operands are all weights or constants into the weight part of `layer`. The axis must be the first (output
/// channels).
[[nodiscard]] bool readWeight(const graph::Graph& graph, const graph::Node& dequantize, Int8Layer& layer);

/// Is it a dequantize node of an integer weight?
[[nodiscard]] bool dequantizesWeight(const graph::Graph& graph, const graph::Node& node);

/// Stride, padding, dilation and groups of a conv2d node; false when they are not constants.
[[nodiscard]] bool readGeometry(const graph::Node& node, Int8Layer& layer);

/// One or two constant integers as two (TorchScript writes one number for both dimensions).
[[nodiscard]] std::optional<std::array<std::int64_t, 2>> pairOf(const graph::Operand& operand);

} // namespace lathe::runtime
