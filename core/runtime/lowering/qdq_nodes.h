#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include <core/graph/graph.h>
#include <core/quantization/grid.h>

namespace lathe::runtime {

/// How an activation is stored in unsigned bytes. Signed grids are shifted by 128, which changes no value.
using ActivationGrid = quantization::TensorGrid;

/// The grid of a static per-tensor quantize or dequantize node, when bytes can hold it.
[[nodiscard]] std::optional<ActivationGrid> activationGrid(const graph::Node& node);

/// Is it a dequantize node of an integer weight?
[[nodiscard]] bool dequantizesWeight(const graph::Graph& graph, const graph::Node& node);

/// One or two constant integers as two (TorchScript writes one number for both dimensions).
[[nodiscard]] std::optional<std::array<std::int64_t, 2>> pairOf(const graph::Operand& operand);

} // namespace lathe::runtime
