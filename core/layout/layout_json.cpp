#include <core/layout/drawing.h>

#include <cassert>

namespace lathe::layout {

using base::finiteOrNull;
using base::Json;

Json toJson(const Drawing& drawing, const Placement& placement) {
    assert(drawing.nodes.size() == placement.nodes.size());
    Json nodes = Json::array();
    for (std::size_t i = 0; i < placement.nodes.size(); ++i) {
        const PlacedNode& node = placement.nodes[i];
        nodes.push_back({{"id", node.id},
                         {"name", drawing.nodes[i].label},
                         {"op", drawing.nodes[i].op},
                         {"x", finiteOrNull(node.x)},
                         {"y", finiteOrNull(node.y)},
                         {"width", finiteOrNull(node.width)},
                         {"height", finiteOrNull(node.height)},
                         {"group", drawing.nodes[i].scope}});
    }
    Json edges = Json::array();
    for (const PlacedEdge& edge : placement.edges) {
        Json points = Json::array();
        for (const Point& point : edge.points) {
            points.push_back({finiteOrNull(point.x), finiteOrNull(point.y)});
        }
        edges.push_back({{"from", edge.from}, {"to", edge.to}, {"points", std::move(points)}});
    }
    return {{"schema", "lathe.layout/1"},
            {"width", finiteOrNull(placement.width)},
            {"height", finiteOrNull(placement.height)},
            {"nodes", std::move(nodes)},
            {"edges", std::move(edges)},
            {"seconds", finiteOrNull(placement.seconds)}};
}

} // namespace lathe::layout
