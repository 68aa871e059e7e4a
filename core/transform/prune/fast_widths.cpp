#include <core/transform/prune/fast_widths.h>

#include <algorithm>
#include <set>

#include <core/graph/operators/operator.h>

namespace lathe::transform {

namespace {

constexpr double sameTime = 1.03;

std::size_t keptOf(const GroupChoice& choice) { return static_cast<std::size_t>(std::ranges::count(choice.isRemoved, false)); }

} // namespace

graph::Graph layersAlone(const graph::Graph& graph, const DependencyGroup& group, std::span<const GroupChoice> choices) {
    const graph::Graph sized = Removal(choices).sizesOf(graph);
    const std::set<std::string> affected(group.affected.begin(), group.affected.end());
    graph::Graph alone;
    alone.name = group.layer;
    graph::forEachNode(sized, [&](const graph::Node& node) {
        if (!affected.contains(node.name) || !graph::isWeighted(node.op)) return;
        static_cast<void>(addLayer(alone, sized, node)); // one of unknown sizes is left out
    });
    return withZeros(std::move(alone));
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
