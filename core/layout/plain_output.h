#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include <core/base/result.h>
#include <core/layout/drawing.h>

namespace lathe::layout {

/// What `dot -Tplain` says (https://graphviz.org/docs/outputs/plain/) of a graph whose nodes are named n0, n1, …: inches, y upwards.
struct PlainGraph {
    struct Node {
        double x = 0, y = 0;
    };
    struct Edge {
        std::size_t tail = 0, head = 0;
        std::vector<Point> points;
    };
    double width = 0, height = 0;
    std::vector<Node> nodes; ///< by number
    std::vector<Edge> edges;
};

/// Failed when the text is not a complete answer for `nodeCount` nodes.
[[nodiscard]] base::Result<PlainGraph> parsePlain(std::string_view text, std::size_t nodeCount);

} // namespace lathe::layout
