#include <core/layout/drawing.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <string>
#include <vector>

#include <core/graph/operators/operator.h>
#include <core/layout/xml_text.h>

namespace lathe::layout {

namespace {

constexpr double margin = 16;
constexpr double padding = 10;         ///< inside a node, left and right
constexpr double labelCharacter = 7.1; ///< average width at the label's size, bold
constexpr double detailCharacter = 5.7;
constexpr double labelHeight = 24, detailHeight = 14; ///< of a node: its label, and each line below

constexpr std::string_view style = R"(<style>
svg { --paper: #ffffff; --ink: #1d2330; --muted: #5d6675; --edge: #8a93a3; --layer: #e3edfd; --layer-line: #3b76d6; --box: #f4f5f7; --box-line: #c3c9d2;
--quantize: #fdf0dc; --quantize-line: #c98a1b; --end: #e6f5ec; --end-line: #3d9a66; }
@media (prefers-color-scheme: dark) { svg { --paper: #16191f; --ink: #e6e9ef; --muted: #9aa3b2; --edge: #6a7384; --layer: #1d3152; --layer-line: #6b9df0;
--box: #22262e; --box-line: #454c59; --quantize: #3a2c14; --quantize-line: #d9a441; --end: #16321f; --end-line: #5bb784; } }
text { font-family: "Noto Sans", "DejaVu Sans", system-ui, sans-serif; text-anchor: middle; fill: var(--ink); }
.paper { fill: var(--paper); } .name { font-size: 12px; font-weight: 600; } .detail { font-size: 10px; fill: var(--muted); }
.node { stroke-width: 1; fill: var(--box); stroke: var(--box-line); } .layer { fill: var(--layer); stroke: var(--layer-line); }
.quantize { fill: var(--quantize); stroke: var(--quantize-line); } .end { fill: var(--end); stroke: var(--end-line); }
.stub { fill: none; stroke: var(--box-line); stroke-dasharray: 3 2; }
.edge { fill: none; stroke: var(--edge); stroke-width: 1.2; } .head { fill: var(--edge); }
</style>
)";

/// A number for SVG, in any locale.
std::string number(double value) {
    if (!std::isfinite(value)) value = 0;
    char buffer[64];
    const auto [end, problem] = std::to_chars(std::begin(buffer), std::end(buffer), value, std::chars_format::fixed, 1);
    return problem == std::errc() ? std::string(std::begin(buffer), end) : "0";
}

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }));
}

std::string fitted(std::string_view text, double width, double characterWidth) {
    const auto limit = static_cast<std::size_t>(std::max(1.0, std::floor(width / characterWidth)));
    if (characters(text) <= limit) return std::string(text);
    std::size_t seen = 0, end = 0;
    for (; end < text.size(); ++end) {
        if ((static_cast<unsigned char>(text[end]) & 0xC0) != 0x80 && ++seen == limit) break;
    }
    return std::string(text.substr(0, end)) + "…";
}

bool isSmall(const DrawNode& node) {
    return node.op == "stub" || graph::isOfFamily(node.op, graph::Family::Quantization) ||
           (!node.isLayer && node.detail.empty() && node.shape.empty());
}

const char* cssClass(const DrawNode& node) {
    if (node.isLayer) return "node layer";
    if (node.op == "input" || node.op == "output") return "node end";
    if (node.op == "stub") return "node stub";
    return graph::isOfFamily(node.op, graph::Family::Quantization) ? "node quantize" : "node";
}

/// What is written small below the label.
std::vector<std::string> detailLines(const DrawNode& node) {
    if (isSmall(node)) return {};
    std::vector<std::string> lines;
    if (!node.detail.empty() && node.detail != node.label) lines.push_back(node.detail);
    if (!node.shape.empty()) lines.push_back(node.dtype.empty() ? node.shape : node.shape + " " + node.dtype);
    return lines;
}

void appendText(std::string& svg, const char* kind, double x, double y, const std::string& text) {
    if (text.empty()) return;
    svg += "<text class=\"" + std::string(kind) + "\" x=\"" + number(x) + "\" y=\"" + number(y) + "\">" + xmlText(text) + "</text>\n";
}

void appendNode(std::string& svg, const DrawNode& node, const PlacedNode& placed) {
    const double left = placed.x - placed.width / 2, top = placed.y - placed.height / 2;
    const double room = placed.width - padding;
    svg += "<g><title>" + xmlText(node.id + "\n" + node.op + (node.source.empty() ? "" : "\n" + node.source)) + "</title>\n";
    svg += "<rect class=\"" + std::string(cssClass(node)) + "\" x=\"" + number(left) + "\" y=\"" + number(top) + "\" width=\"" +
           number(placed.width) + "\" height=\"" + number(placed.height) + "\" rx=\"5\"/>\n";
    const std::vector<std::string> lines = detailLines(node);
    constexpr double labelStep = 15, detailStep = 13;
    double y = placed.y - static_cast<double>(lines.size()) * detailStep / 2 + 4;
    appendText(svg, "name", placed.x, y, fitted(node.label, room, labelCharacter));
    y += labelStep - detailStep;
    for (const std::string& line : lines) {
        y += detailStep;
        appendText(svg, "detail", placed.x, y, fitted(line, room, detailCharacter));
    }
    svg += "</g>\n";
}

void appendEdge(std::string& svg, const PlacedEdge& edge) {
    const std::vector<Point>& points = edge.points;
    if (points.size() < 4 || points.size() % 3 != 1) return;
    svg += "<path class=\"edge\" d=\"M" + number(points[0].x) + " " + number(points[0].y);
    for (std::size_t i = 1; i < points.size(); ++i) {
        svg += (i % 3 == 1 ? " C" : " ") + number(points[i].x) + " " + number(points[i].y);
    }
    svg += "\"/>\n";
    // The arrow's head, along the last piece of the spline.
    const Point tip = points.back(), before = points[points.size() - 2];
    const double length = std::hypot(tip.x - before.x, tip.y - before.y);
    const double dx = length > 0 ? (tip.x - before.x) / length : 0, dy = length > 0 ? (tip.y - before.y) / length : 1;
    constexpr double headLength = 7, headHalfWidth = 3;
    const Point base{tip.x - dx * headLength, tip.y - dy * headLength};
    svg += "<path class=\"head\" d=\"M" + number(tip.x) + " " + number(tip.y) + " L" + number(base.x - dy * headHalfWidth) + " " +
           number(base.y + dx * headHalfWidth) + " L" + number(base.x + dy * headHalfWidth) + " " + number(base.y - dx * headHalfWidth) +
           " Z\"/>\n";
}

} // namespace

std::vector<NodeSize> estimatedSizes(const Drawing& drawing) {
    std::vector<NodeSize> sizes;
    for (const DrawNode& node : drawing.nodes) {
        double width = static_cast<double>(characters(node.label)) * labelCharacter;
        const std::vector<std::string> lines = detailLines(node);
        for (const std::string& line : lines)
            width = std::max(width, static_cast<double>(characters(line)) * detailCharacter);
        sizes.push_back({std::clamp(width + 2 * padding, 60.0, 260.0), labelHeight + detailHeight * static_cast<double>(lines.size())});
    }
    return sizes;
}

std::string toSvg(const Drawing& drawing, const Placement& placement) {
    assert(drawing.nodes.size() == placement.nodes.size());
    const double width = placement.width + 2 * margin, height = placement.height + 2 * margin;
    std::string svg = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + number(width) +
                      "\" height=\"" + number(height) + "\" viewBox=\"" + number(-margin) + " " + number(-margin) + " " + number(width) +
                      " " + number(height) + "\">\n<title>" + xmlText(drawing.name) + "</title>\n";
    svg += style;
    svg += "<rect class=\"paper\" x=\"" + number(-margin) + "\" y=\"" + number(-margin) + "\" width=\"" + number(width) + "\" height=\"" +
           number(height) + "\"/>\n";
    for (const PlacedEdge& edge : placement.edges) {
        appendEdge(svg, edge);
    }
    for (std::size_t i = 0; i < placement.nodes.size(); ++i) {
        appendNode(svg, drawing.nodes[i], placement.nodes[i]);
    }
    return svg + "</svg>\n";
}

} // namespace lathe::layout
