#include <core/graph/layers.h>

#include <algorithm>
#include <numeric>
#include <set>

#include <core/graph/ops.h>

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

std::int64_t batchOf(const Graph& graph) {
    if (graph.main.inputs.empty()) return 1;
    const auto shape = staticShape(graph.value(graph.main.inputs.front()));
    return shape && !shape->empty() ? std::max<std::int64_t>(shape->front(), 1) : 1;
}

} // namespace

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

std::vector<Layer> layers(const Graph& graph) {
    const UseIndex uses(graph);
    const std::int64_t batch = batchOf(graph);
    std::vector<Layer> result;
    forEachNode(graph, [&](const Node& node) {
        const auto weight = layerWeightOf(graph, uses, node);
        if (!weight) return;
        Layer layer;
        layer.name = node.name;
        layer.op = node.op;
        layer.weightShape = graph.value(weight->weight).data.shape();
        layer.parameters = graph.value(weight->weight).data.elementCount();
        if (weight->bias) layer.parameters += graph.value(*weight->bias).data.elementCount();
        layer.macs = macs(graph, node).value_or(0) / batch;
        result.push_back(std::move(layer));
    });
    return result;
}

std::vector<std::string> layerNames(const Graph& graph) {
    const UseIndex uses(graph);
    std::vector<std::string> names;
    forEachNode(graph, [&](const Node& node) {
        if (layerWeightOf(graph, uses, node)) names.push_back(node.name);
    });
    return names;
}

std::int64_t parameterCount(const Graph& graph) {
    std::int64_t count = 0;
    std::set<std::pair<const tensor::Storage*, std::int64_t>> seen;
    for (const Value& value : graph.values) {
        if (value.kind != ValueKind::Weight || !value.isParameter) continue;
        if (seen.emplace(value.data.storage().get(), value.data.byteOffset()).second) count += value.data.elementCount();
    }
    return count;
}

std::int64_t macsPerSample(const Graph& graph) {
    std::int64_t total = 0;
    forEachNode(graph, [&](const Node& node) { total += macs(graph, node).value_or(0); });
    return total / batchOf(graph);
}

} // namespace lathe::graph
