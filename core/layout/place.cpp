#include <core/layout/drawing.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <map>
#include <unordered_map>

#include <core/layout/dot_process.h>
#include <core/layout/layered_layout.h>
#include <core/layout/plain_output.h>

namespace lathe::layout {

namespace {

constexpr double pointsPerInch = 72;

/// Beyond either, dot is not started: on a graph of a thousand nodes of a transformer it takes seconds, on ten thousand it never ends.
constexpr std::size_t maxDotNodes = 900, maxDotEdges = 1200;

/// Sizes that can be computed with.
std::vector<NodeSize> saneSizes(const std::vector<NodeSize>& sizes) {
    const auto sane = [](double points) { return std::isfinite(points) ? std::clamp(points, 1.0, 100'000.0) : 1.0; };
    std::vector<NodeSize> result;
    for (const NodeSize& size : sizes)
        result.push_back({sane(size.width), sane(size.height)});
    return result;
}

void appendInches(std::string& text, double points) {
    // std::to_string follows the locale of the program; whole thousandths do not.
    const long thousandths = std::lround(points / pointsPerInch * 1000);
    const std::string fraction = std::to_string(thousandths % 1000);
    text += std::to_string(thousandths / 1000) + "." + std::string(3 - fraction.size(), '0') + fraction;
}

std::string dotText(const Drawing& drawing, const std::vector<NodeSize>& sizes,
                    const std::unordered_map<std::string_view, std::size_t>& numbers) {
    std::string text = "digraph {\nrankdir=TB; nodesep=0.3; ranksep=0.35; splines=true;\nnode [shape=box, fixedsize=true, "
                       "label=\"\"];\nedge [arrowhead=none];\n";
    for (std::size_t i = 0; i < drawing.nodes.size(); ++i) {
        text += "n" + std::to_string(i) + " [width=";
        appendInches(text, sizes[i].width);
        text += ", height=";
        appendInches(text, sizes[i].height);
        text += "];\n";
    }
    for (const DrawEdge& edge : drawing.edges) {
        text += "n" + std::to_string(numbers.at(edge.from)) + " -> n" + std::to_string(numbers.at(edge.to)) + ";\n";
    }
    return text + "}\n";
}

using NodeNumbers = std::unordered_map<std::string_view, std::size_t>;

base::Result<Placement> placeWithDot(const Drawing& drawing, const std::vector<NodeSize>& sizes, const NodeNumbers& numbers,
                                     const std::stop_token& stop, double limitSeconds) {
    const base::Result<std::string> output = runDot(dotText(drawing, sizes, numbers), stop, limitSeconds);
    if (!output) return base::forward(output);
    const base::Result<PlainGraph> plain = parsePlain(*output, drawing.nodes.size());
    if (!plain) return base::forward(plain);

    Placement placement;
    placement.width = plain->width * pointsPerInch;
    placement.height = plain->height * pointsPerInch;
    for (std::size_t i = 0; i < drawing.nodes.size(); ++i) {
        const PlainGraph::Node& node = plain->nodes[i];
        placement.nodes.push_back(
            {drawing.nodes[i].id, node.x * pointsPerInch, placement.height - node.y * pointsPerInch, sizes[i].width, sizes[i].height});
    }
    // dot writes edges in an order of its own.
    std::map<std::pair<std::size_t, std::size_t>, std::deque<const PlainGraph::Edge*>> byEnds;
    for (const PlainGraph::Edge& edge : plain->edges) {
        byEnds[{edge.tail, edge.head}].push_back(&edge);
    }
    for (const DrawEdge& edge : drawing.edges) {
        auto& candidates = byEnds[{numbers.at(edge.from), numbers.at(edge.to)}];
        PlacedEdge& placed = placement.edges.emplace_back(PlacedEdge{edge.from, edge.to, {}});
        if (candidates.empty()) continue;
        for (const Point& point : candidates.front()->points) {
            placed.points.push_back({point.x * pointsPerInch, placement.height - point.y * pointsPerInch});
        }
        candidates.pop_front();
    }
    return placement;
}

base::Result<Placement> placeWithoutDot(const Drawing& drawing, const std::vector<NodeSize>& sizes, const NodeNumbers& numbers,
                                        const std::stop_token& stop) {
    LayeredGraph graph{sizes, {}};
    for (const DrawEdge& edge : drawing.edges)
        graph.edges.emplace_back(numbers.at(edge.from), numbers.at(edge.to));
    base::Result<LayeredPlaces> places = placeInLayers(graph, stop);
    if (!places) return base::forward(places);
    Placement placement;
    placement.width = places->width;
    placement.height = places->height;
    for (std::size_t i = 0; i < drawing.nodes.size(); ++i)
        placement.nodes.push_back({drawing.nodes[i].id, places->nodes[i].x, places->nodes[i].y, sizes[i].width, sizes[i].height});
    for (std::size_t i = 0; i < drawing.edges.size(); ++i)
        placement.edges.push_back({drawing.edges[i].from, drawing.edges[i].to, std::move(places->edges[i])});
    return placement;
}

} // namespace

base::Result<Placement> place(const Drawing& drawing, const std::vector<NodeSize>& wantedSizes, const std::stop_token& stop,
                              double limitSeconds) {
    const auto begin = std::chrono::steady_clock::now();
    NodeNumbers numbers;
    for (std::size_t i = 0; i < drawing.nodes.size(); ++i) {
        numbers.emplace(drawing.nodes[i].id, i);
    }
    const bool isSound =
        std::ranges::all_of(drawing.edges, [&](const DrawEdge& edge) { return numbers.contains(edge.from) && numbers.contains(edge.to); });
    if (wantedSizes.size() != drawing.nodes.size() || !isSound) {
        return base::failure(base::ErrorCode::InvalidArgument,
                             "The drawing cannot be laid out: it needs one size for each node, and edges between its nodes.");
    }
    if (stop.stop_requested()) return base::failure(base::ErrorCode::Cancelled, {"error.cancelled", {}});
    if (drawing.nodes.empty()) return Placement{};

    const std::vector<NodeSize> sizes = saneSizes(wantedSizes);
    const bool isForDot = drawing.nodes.size() <= maxDotNodes && drawing.edges.size() <= maxDotEdges;
    base::Result<Placement> placement = base::failure(base::ErrorCode::Failed, base::Message());
    if (isForDot) placement = placeWithDot(drawing, sizes, numbers, stop, limitSeconds);
    if (!placement && placement.error().code != base::ErrorCode::Cancelled) placement = placeWithoutDot(drawing, sizes, numbers, stop);
    if (!placement) return placement;
    placement->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return placement;
}

} // namespace lathe::layout
