#pragma once

#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <core/transform/prune/dependency_groups.h>
#include <core/transform/prune/shrink.h>
#include <core/transform/quantize/weight_error.h>

namespace lathe::transform {

/// Which channels of a group go; as many entries as it has channels.
struct GroupChoice {
    const DependencyGroup* group = nullptr;
    std::vector<bool> isRemoved;
};

/// What channels of several groups take with them from weights, shapes and literals. Two groups may meet in one dimension (behind a
/// concatenation), so nothing shrinks before everything is known.
class Removal {
public:
    explicit Removal(std::span<const GroupChoice> choices);

    /// Shrinks the graph that the groups are of. By layer: what its weights lost.
    std::map<std::string, WeightError> applyTo(graph::Graph& graph) const;
    /// The graph with the sizes that it would have, to count parameters and MACs; the weights that shrink have no numbers in it.
    [[nodiscard]] graph::Graph sizesOf(const graph::Graph& graph) const;

private:
    void applyToValuesAndLiterals(graph::Graph& graph) const;

    struct Count {
        std::vector<bool> isRemoved;
        bool isFromEnd = false, isComputed = false;
    };
    std::map<graph::ValueId, RemovedIndices> m_weights, m_values;
    std::map<graph::ValueId, std::string> m_owners;                        ///< of layers' weights
    std::map<std::pair<std::string, std::pair<int, int>>, Count> m_counts; ///< node, operand, element
};

} // namespace lathe::transform
