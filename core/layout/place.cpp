#include <core/layout/drawing.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <map>
#include <unordered_map>

#include <core/layout/dot_process.h>
#include <core/layout/plain_output.h>

namespace lathe::layout {

namespace {

constexpr double pointsPerInch = 72;

void appendInches(std::string& text, double points) {
    // std::to_string follows the locale of the program; whole thousandths do not.
    const double sane = std::isfinite(points) ? std::clamp(points, 1.0, 100'000.0) : 1.0;
    const long thousandths = std::lround(sane / pointsPerInch * 1000);
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

} // namespace

base::Result<Placement> place(const Drawing& drawing, const std::vector<NodeSize>& sizes, std::stop_token stop, double limitSeconds) {
    const auto begin = std::chrono::steady_clock::now();
    std::unordered_map<std::string_view, std::size_t> numbers;
    for (std::size_t i = 0; i < drawing.nodes.size(); ++i) {
        numbers.emplace(drawing.nodes[i].id, i);
    }
    const bool isSound =
        std::ranges::all_of(drawing.edges, [&](const DrawEdge& edge) { return numbers.contains(edge.from) && numbers.contains(edge.to); });
    if (sizes.size() != drawing.nodes.size() || !isSound) {
        return base::failure(base::ErrorCode::InvalidArgument,
                             "The drawing cannot be laid out: it needs one size for each node, and edges between its nodes.");
    }
    if (stop.stop_requested()) return base::failure(base::ErrorCode::Cancelled, "Cancelled.");
    if (drawing.nodes.empty()) return Placement{};

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
    placement.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return placement;
}

} // namespace lathe::layout
