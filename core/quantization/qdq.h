#pragma once

#include <optional>
#include <string_view>

#include <core/graph/graph.h>
#include <core/quantization/grid.h>

namespace lathe::quantization {

/// How quantization stands in a graph (QDQ): quantize and dequantize nodes of the same grid behind a value that is rounded, a dequantize
/// node behind a weight that is stored as integers, and before a dynamic quantize node one that chooses the grid. This is where grids are
/// read from nodes; insert_qdq.h writes them.

/// The three operators of a grid.
struct QdqOperators {
    std::string_view choose; ///< empty for static grids
    std::string_view quantize, dequantize;
};
[[nodiscard]] QdqOperators qdqOperators(const Grid& grid);

/// The integers of a quantize, dequantize or choosing node; nothing when they are not constants or no range.
[[nodiscard]] std::optional<IntegerRange> rangeOf(const graph::Node& node);

/// The form of the grid that a quantize, dequantize or choosing node tells; nothing for other nodes and malformed ones. Only the node that
/// chooses a dynamic grid tells its scheme and smallest scale.
[[nodiscard]] std::optional<Grid> gridOf(const graph::Node& node);

/// The grid of a static per-tensor quantize or dequantize node, with its numbers.
[[nodiscard]] std::optional<TensorGrid> tensorGridOf(const graph::Node& node);

/// Scales and zero points of a static quantize or dequantize node: constants, or weights with one number for each channel of `channels`
/// channels. Nothing when they are computed, or as many as they should not be.
[[nodiscard]] std::optional<GridNumbers> numbersOf(const graph::Graph& graph, const graph::Node& node, std::int64_t channels);

/// choose → quantize → dequantize of one value, all with the same grid; without `choose` where the grid is static.
struct Qdq {
    const graph::Node* choose = nullptr;
    const graph::Node* quantize = nullptr;
    const graph::Node* dequantize = nullptr;
    graph::ValueId input = -1;
    Grid grid;
};
/// What the value is the end of; nothing when it is something else.
[[nodiscard]] std::optional<Qdq> matchQdq(const graph::UseIndex& uses, graph::ValueId dequantized);

} // namespace lathe::quantization
