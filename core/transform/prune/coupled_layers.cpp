#include <core/transform/prune/coupled_layers.h>

#include <algorithm>

#include <core/graph/layers.h>
#include <core/transform/prune/dependency_groups.h>
#include <core/transform/prune/shared_constants.h>

namespace lathe::transform {

base::Result<std::vector<std::string>> coupledLayers(const graph::Graph& graph, const std::string& layer) {
    graph::Graph separate = graph;
    const SharedConstants constants(separate);
    for (const DependencyGroup& group : dependencyGroups(separate)) {
        if (std::ranges::find(group.producers, layer) == group.producers.end()) continue;
        if (!group.obstacle.empty()) {
            return base::failure(base::ErrorCode::Unsupported,
                                 "The channels of \"" + layer + "\" cannot be removed: " + group.obstacle.text() + ".");
        }
        std::vector<std::string> coupled = group.affected;
        std::erase(coupled, layer);
        return coupled;
    }
    std::vector<std::string> known;
    for (const graph::Layer& candidate : graph::layers(graph))
        known.push_back(candidate.name);
    const std::string nearest = graph::nearestName(layer, known);
    return base::failure(base::ErrorCode::NotFound,
                         "The model has no layer \"" + layer + "\"" + (nearest.empty() ? "." : "; did you mean \"" + nearest + "\"?"));
}

} // namespace lathe::transform
