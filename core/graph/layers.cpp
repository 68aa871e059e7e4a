#include <core/graph/layers.h>

#include <algorithm>
#include <numeric>

#include <core/graph/batch_axis.h>
#include <core/graph/layer_weight.h>
#include <core/graph/operators/call.h>
#include <core/graph/operators/macs.h>
#include <core/graph/operators/names.h>
#include <core/graph/recurrent_weights.h>

namespace lathe::graph {

namespace {

/// Levenshtein distance with one row of memory, in which a star of the pattern `a` stands for any characters and a question mark for one.
std::size_t editDistance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] == '*') {
            for (std::size_t j = 0; j < b.size(); ++j)
                row[j + 1] = std::min(row[j + 1], row[j]);
            continue;
        }
        std::size_t diagonal = std::exchange(row[0], row[0] + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t substitution = diagonal + (a[i] == b[j] || a[i] == '?' ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({substitution, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

/// How often a loop runs, when that is a number in the model; loops that run until a condition have the largest one.
std::optional<std::int64_t> rounds(const Node& loop) {
    constexpr std::int64_t mostInGoodFaith = 1'000'000;
    const auto count = Call(loop).integer("max_trip_count");
    return count && *count >= 0 && *count <= mostInGoodFaith ? count : std::nullopt;
}

/// For the batch in the shapes.
MacCount countMacs(const Graph& graph, const Block& block) {
    MacCount total;
    for (const Node& node : block.nodes) {
        const auto own = macs(graph, node);
        total.known += own.value_or(0);
        total.unknownLayers += own ? 0 : 1;
        MacCount inside;
        std::int64_t multiplying = 0; // nodes inside that would have to be multiplied by the rounds
        for (const Block& inner : node.blocks) {
            const MacCount count = countMacs(graph, inner);
            inside.known = std::max(inside.known, count.known);
            inside.unknownLayers = std::max(inside.unknownLayers, count.unknownLayers);
            for (const Node& each : inner.nodes)
                multiplying += macs(graph, each) == 0 ? 0 : 1;
        }
        if (node.op == op::loop) {
            const auto times = rounds(node);
            if (!times) inside = {0, std::max(multiplying, inside.unknownLayers)};
            inside.known *= times.value_or(0);
        }
        total.known += inside.known;
        total.unknownLayers += inside.unknownLayers;
    }
    return total;
}

} // namespace

std::int64_t batchOf(const Graph& graph) {
    if (graph.main.inputs.empty()) return 1;
    const ValueId input = graph.main.inputs.front();
    const auto shape = staticShape(graph.value(input));
    if (!shape || shape->empty()) return 1;
    // Most models are asked with one sample: then there is nothing to look for.
    const bool mayBeElsewhere = shape->size() > 1 && shape->front() != 1;
    const BatchAxis axis = mayBeElsewhere ? batchAxis(graph, UseIndex(graph), input) : std::nullopt;
    return std::max<std::int64_t>((*shape)[axis.value_or(0)], 1);
}

bool matchesPattern(std::string_view pattern, std::string_view name) {
    // Greedy with one point to come back to: linear for one star, never exponential.
    std::size_t p = 0, n = 0, starAt = std::string_view::npos, resumeAt = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            starAt = p++;
            resumeAt = n;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
            ++p;
            ++n;
        } else if (starAt != std::string_view::npos) {
            p = starAt + 1;
            n = ++resumeAt;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*')
        ++p;
    return p == pattern.size();
}

std::string nearestName(std::string_view wrong, const std::vector<std::string>& known) {
    std::string nearest;
    std::size_t best = std::max<std::size_t>(wrong.size() / 3, 1) + 1;
    for (const std::string& candidate : known) {
        const std::size_t distance = editDistance(wrong, candidate);
        if (distance < best) {
            best = distance;
            nearest = candidate;
        }
    }
    return nearest;
}

namespace {

/// Without MACs; nothing when the node is no layer.
std::optional<Layer> layerOf(const Graph& graph, const UseIndex& uses, const Node& node) {
    Layer layer{node.name, std::string(node.op), {}, 0, {}};
    if (const auto weight = layerWeightOf(graph, uses, node)) {
        layer.weightShape = weight->shape;
        layer.parameters = tensor::elementCount(weight->shape);
        if (weight->bias) layer.parameters += graph.value(*weight->bias).data.elementCount();
        return layer;
    }
    const std::vector<ValueId> weights = recurrentWeightsOf(graph, uses, node);
    if (weights.empty()) return std::nullopt;
    layer.weightShape = graph.value(weights.front()).data.shape();
    for (const ValueId id : weights)
        layer.parameters += graph.value(id).data.elementCount();
    return layer;
}

} // namespace

std::vector<Layer> layers(const Graph& graph) {
    const UseIndex uses(graph);
    std::vector<Layer> result;
    const std::int64_t batch = batchOf(graph); // looked for once
    forEachNode(graph, [&](const Node& node) {
        auto layer = layerOf(graph, uses, node);
        if (!layer) return;
        layer->macs = macs(graph, node);
        if (layer->macs) *layer->macs /= batch;
        result.push_back(std::move(*layer));
    });
    return result;
}

std::vector<std::string> layerNames(const Graph& graph) {
    const UseIndex uses(graph);
    std::vector<std::string> names;
    forEachNode(graph, [&](const Node& node) {
        if (layerOf(graph, uses, node)) names.push_back(node.name);
    });
    return names;
}

std::optional<std::int64_t> macsPerSample(const Graph& graph, const Node& node) {
    const auto all = macs(graph, node);
    if (!all) return std::nullopt;
    return *all / batchOf(graph);
}

MacCount macsPerSample(const Graph& graph) {
    MacCount total = countMacs(graph, graph.main);
    total.known /= batchOf(graph);
    return total;
}

} // namespace lathe::graph
