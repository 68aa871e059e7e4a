#pragma once

#include <stop_token>
#include <utility>
#include <vector>

#include <core/base/result.h>
#include <core/layout/drawing.h>

namespace lathe::layout {

/// Nodes and edges by number.
struct LayeredGraph {
    std::vector<NodeSize> sizes;
    std::vector<std::pair<std::size_t, std::size_t>> edges; ///< from, to; any graph: cycles and self-loops too
};

struct LayeredPlaces {
    std::vector<Point> nodes;              ///< centres, in points, y downwards
    std::vector<std::vector<Point>> edges; ///< B-spline control points, 3n+1, from node to node
    double width = 0, height = 0;
};

/// Lays a graph out in rows, top to bottom, in linear time but for sorting: what takes over where Graphviz would take too long. Rows by the
/// longest path, order by barycentres, columns by placeHorizontally(). Nodes never overlap. Edges over many rows run beside the drawing, so
/// that their number does not make it wider inside. Errors: Cancelled.
/// K. Sugiyama, S. Tagawa, M. Toda: Methods for Visual Understanding of Hierarchical System Structures, 1981.
[[nodiscard]] base::Result<LayeredPlaces> placeInLayers(const LayeredGraph& graph, const std::stop_token& stop);

} // namespace lathe::layout
