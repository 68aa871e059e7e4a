#include <core/layout/drawing.h>

#include <unordered_set>

#include <core/base/json_reader.h>

namespace lathe::layout {

namespace {

using base::Json;
using base::JsonReader;

constexpr std::string_view schema = "lathe.graph/1";
constexpr std::size_t maxNodes = 200'000;
constexpr std::size_t maxEdges = 1'000'000;

DrawNode readNode(const JsonReader& in) {
    DrawNode node;
    node.id = in["id"].text();
    node.label = in["label"].text();
    node.op = in["op"].text();
    node.scope = in["scope"].text();
    node.source = in["source"].text();
    node.shape = in["shape"].text();
    node.dtype = in["dtype"].text();
    node.detail = in["detail"].text();
    node.parameters = in["parameters"].integer(0);
    node.macs = in["macs"].integer(0);
    node.isLayer = in["layer"].boolean();
    if (in.has("nodes_inside")) node.nodesInside = in["nodes_inside"].integer(0);
    if (in.has("layers_inside")) node.layersInside = in["layers_inside"].integer(0);
    return node;
}

DrawEdge readEdge(const JsonReader& in) { return {in["from"].text(), in["to"].text(), in["label"].text()}; }

} // namespace

Json toJson(const Drawing& drawing) {
    Json nodes = Json::array();
    for (const DrawNode& node : drawing.nodes) {
        nodes.push_back({{"id", node.id},
                         {"label", node.label},
                         {"op", node.op},
                         {"scope", node.scope},
                         {"source", node.source},
                         {"shape", node.shape},
                         {"dtype", node.dtype},
                         {"detail", node.detail},
                         {"parameters", node.parameters},
                         {"macs", node.macs},
                         {"layer", node.isLayer}});
        if (node.op != moduleOp) continue;
        nodes.back()["nodes_inside"] = node.nodesInside;
        nodes.back()["layers_inside"] = node.layersInside;
    }
    Json edges = Json::array();
    for (const DrawEdge& edge : drawing.edges) {
        edges.push_back({{"from", edge.from}, {"to", edge.to}, {"label", edge.label}});
    }
    return {{"schema", schema}, {"name", drawing.name}, {"nodes", std::move(nodes)}, {"edges", std::move(edges)}, {"open", drawing.open}};
}

base::Result<Drawing> drawingFromJson(const Json& json) {
    const JsonReader in(json, "The drawing");
    if (in["schema"].text() != schema) in.fail("is not of schema " + std::string(schema));
    Drawing drawing;
    drawing.name = in["name"].text();
    drawing.nodes = in["nodes"].list(readNode, maxNodes);
    drawing.edges = in["edges"].list(readEdge, maxEdges);
    drawing.open = in["open"].texts(maxNodes);
    std::unordered_set<std::string_view> ids;
    for (const DrawNode& node : drawing.nodes) {
        if (!ids.insert(node.id).second) in["nodes"].fail("holds the id \"" + node.id.substr(0, 64) + "\" twice");
    }
    for (const DrawEdge& edge : drawing.edges) {
        for (const std::string& end : {edge.from, edge.to}) {
            if (!ids.contains(end)) in["edges"].fail("names the node \"" + end.substr(0, 64) + "\", which is not there");
        }
    }
    return in.finish(std::move(drawing));
}

} // namespace lathe::layout
