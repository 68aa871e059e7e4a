#pragma once

#include <string>
#include <utility>
#include <vector>

#include <core/layout/drawing.h>

namespace lathe::test {

/// input → conv1 → pool1 → { left, right } → add → output, and what a placer that is fast and simple makes of it: ranks downwards, side by
/// side within a rank.
inline layout::Drawing diamondDrawing() {
    layout::Drawing drawing;
    drawing.name = "diamond";
    const auto node = [&](std::string id, std::string op, std::string detail, std::string shape, std::string dtype,
                          std::int64_t parameters) {
        layout::DrawNode added;
        added.id = id;
        added.label = std::move(id);
        added.op = std::move(op);
        added.detail = std::move(detail);
        added.shape = std::move(shape);
        added.dtype = std::move(dtype);
        added.parameters = parameters;
        added.isLayer = parameters > 0;
        drawing.nodes.push_back(std::move(added));
    };
    node("input:x", "input", "", "1x1x32x32", "float32", 0);
    node("conv1", "aten::conv2d", "conv2d + relu · 5x5 · 1→6", "1x6x28x28", "int8", 156);
    node("pool1", "aten::max_pool2d", "", "1x6x14x14", "int8", 0);
    node("left", "aten::conv2d", "conv2d · 3x3 · 6→6", "1x6x14x14", "int8", 330);
    node("right", "aten::conv2d", "conv2d · 1x1 · 6→6", "1x6x14x14", "float32", 42);
    node("add", "aten::add.Tensor", "", "1x6x14x14", "float32", 0);
    node("output:0", "output", "", "1x6x14x14", "float32", 0);
    drawing.edges = {{"input:x", "conv1", "1x1x32x32"}, {"conv1", "pool1", "1x6x28x28"}, {"pool1", "left", "1x6x14x14"},
                     {"pool1", "right", "1x6x14x14"},   {"left", "add", "1x6x14x14"},    {"right", "add", "1x6x14x14"},
                     {"add", "output:0", "1x6x14x14"}};
    return drawing;
}

inline layout::Drawing chainDrawing(int length) {
    layout::Drawing drawing;
    drawing.name = "chain";
    for (int index = 0; index < length; ++index) {
        layout::DrawNode node;
        node.id = node.label = "layer" + std::to_string(index);
        node.op = "aten::relu";
        node.shape = "1x8";
        drawing.nodes.push_back(node);
        if (index > 0) drawing.edges.push_back({"layer" + std::to_string(index - 1), node.id, "1x8"});
    }
    return drawing;
}

inline layout::Placement placeInRanks(const layout::Drawing& drawing, const std::vector<layout::NodeSize>& sizes) {
    layout::Placement placement;
    std::vector<int> rank(drawing.nodes.size(), 0);
    const auto index = [&](const std::string& id) {
        for (std::size_t at = 0; at < drawing.nodes.size(); ++at) {
            if (drawing.nodes[at].id == id) return at;
        }
        return std::size_t{0};
    };
    // Chains have their edges in order, so that looking each id up from the front is only for small drawings.
    const bool isSmall = drawing.nodes.size() < 100;
    for (std::size_t at = 0; at < drawing.edges.size(); ++at) {
        const std::size_t from = isSmall ? index(drawing.edges[at].from) : at, to = isSmall ? index(drawing.edges[at].to) : at + 1;
        rank[to] = std::max(rank[to], rank[from] + 1);
    }
    std::vector<double> nextX(drawing.nodes.size() + 1, 0);
    for (std::size_t at = 0; at < drawing.nodes.size(); ++at) {
        double& x = nextX[static_cast<std::size_t>(rank[at])];
        placement.nodes.push_back({drawing.nodes[at].id, x + sizes[at].width / 2, 80.0 * rank[at] + 40, sizes[at].width, sizes[at].height});
        x += sizes[at].width + 40;
    }
    for (std::size_t at = 0; at < drawing.edges.size(); ++at) {
        const std::size_t from = isSmall ? index(drawing.edges[at].from) : at, to = isSmall ? index(drawing.edges[at].to) : at + 1;
        const layout::PlacedNode &a = placement.nodes[from], &b = placement.nodes[to];
        const double top = a.y + a.height / 2, bottom = b.y - b.height / 2;
        placement.edges.push_back({a.id, b.id, {{a.x, top}, {a.x, (top + bottom) / 2}, {b.x, (top + bottom) / 2}, {b.x, bottom}}});
    }
    return placement;
}

} // namespace lathe::test
