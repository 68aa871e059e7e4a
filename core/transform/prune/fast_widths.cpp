#include <core/transform/prune/fast_widths.h>

#include <algorithm>
#include <set>

#include <core/graph/operands.h>
#include <core/graph/operators/operator.h>

namespace lathe::transform {

namespace {

constexpr double sameTime = 1.03;

/// The node with its input as an input of `alone` and its weights as zeros; false where a size is not known.
bool addAlone(graph::Graph& alone, const graph::Graph& sized, const graph::Node& node) {
    graph::Node copy = node;
    copy.results.clear();
    bool isKnown = true;
    for (graph::Operand& operand : copy.operands) {
        graph::forEachValue(operand, [&](graph::ValueId& id) {
            const graph::Value& value = sized.value(id);
            const std::string name = node.name + "/" + value.name;
            if (value.kind == graph::ValueKind::Weight) {
                id = alone.addWeight(name, tensor::Tensor::zeros(value.data.dtype(), value.data.shape()));
                return;
            }
            if (!value.shape || value.type != graph::TypeKind::Tensor) {
                isKnown = false;
                return;
            }
            tensor::Shape shape;
            for (const graph::Dim& dim : *value.shape)
                shape.push_back(dim.size < 0 ? 1 : dim.size);
            id = alone.addInput(name);
            alone.value(id).shape = graph::dims(shape);
            alone.value(id).dtype = value.dtype.value_or(tensor::DType::Float32);
        });
    }
    if (!isKnown) return false;
    copy.results = {alone.addResult(node.name + "_out")};
    alone.main.outputs.emplace_back(copy.results.front());
    alone.main.nodes.push_back(std::move(copy));
    return true;
}

std::size_t keptOf(const GroupChoice& choice) { return static_cast<std::size_t>(std::ranges::count(choice.isRemoved, false)); }

} // namespace

graph::Graph layersAlone(const graph::Graph& graph, const DependencyGroup& group, std::span<const GroupChoice> choices) {
    const graph::Graph sized = Removal(choices).sizesOf(graph);
    const std::set<std::string> affected(group.affected.begin(), group.affected.end());
    graph::Graph alone;
    alone.name = group.layer;
    graph::forEachNode(sized, [&](const graph::Node& node) {
        if (!affected.contains(node.name) || !graph::isWeighted(node.op)) return;
        graph::Graph with = alone;
        if (addAlone(with, sized, node)) alone = std::move(with);
    });
    return alone;
}

base::Result<std::vector<FastWidth>> roundToFastWidths(const graph::Graph& graph, std::span<const Candidate> candidates,
                                                       std::vector<GroupChoice>& choices, const TimeGraphs& time, const base::Job& job) {
    std::vector<FastWidth> found;
    for (std::size_t at = 0; at < choices.size(); ++at) {
        if (job.isCancelled()) return base::Job::cancelled();
        const std::size_t all = choices[at].isRemoved.size(), wanted = keptOf(choices[at]);
        if (wanted == all) continue;
        std::set<std::size_t> widths{wanted};
        for (const std::size_t multiple : {4U, 8U, 16U, 32U})
            widths.insert(std::min((wanted + multiple - 1) / multiple * multiple, all));
        widths.insert(all); // the last one
        std::vector<GroupChoice> ofWidths;
        std::vector<graph::Graph> graphs;
        std::vector<GroupChoice> others = choices;
        for (const std::size_t width : widths) {
            others[at] = ofWidths.emplace_back(withoutLowest(candidates[at], width));
            graphs.push_back(layersAlone(graph, *choices[at].group, others));
        }
        if (graphs.front().main.nodes.empty()) continue;
        const auto times = time(graphs);
        if (!times) return base::forward(times, {"while.timing", {{"what", choices[at].group->layer}}});
        const std::size_t last = times->size() - 1;
        const double fastest = *std::min_element(times->begin(), times->end() - 1);
        std::size_t chosen = last;
        if (fastest <= times->back() * sameTime) {
            do
                --chosen;
            while ((*times)[chosen] > fastest * sameTime);
        }
        found.push_back({choices[at].group, wanted, keptOf(ofWidths[chosen]), times->back(), times->front(), (*times)[chosen]});
        choices[at] = std::move(ofWidths[chosen]);
    }
    return found;
}

} // namespace lathe::transform
