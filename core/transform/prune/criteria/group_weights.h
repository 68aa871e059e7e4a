#pragma once

#include <algorithm>
#include <vector>

#include <core/base/result.h>
#include <core/graph/node_index.h>
#include <core/transform/prune/dependency_groups.h>

namespace lathe::transform {

/// The weights of a dependency group as numbers, for criteria.
struct GroupWeights {
    const graph::Graph* graph = nullptr;
    const graph::NodeIndex* nodes = nullptr;
    const DependencyGroup* group = nullptr;
    std::vector<std::vector<float>> values; ///< of each of group->weights, in row-major order

    /// All must outlive the result. Rejected when a weight is quantized or holds NaN or infinity.
    [[nodiscard]] static base::Result<GroupWeights> of(const graph::Graph& graph, const graph::NodeIndex& nodes,
                                                       const DependencyGroup& group);

    [[nodiscard]] std::size_t channels() const { return static_cast<std::size_t>(group->channels); }
    /// Calls visit(channel, element) for each element of that slice that belongs to a channel; `element`: its place in row-major order.
    template<class Visit>
    void forEachElement(std::size_t slice, const Visit& visit) const {
        const ChannelMap& map = group->weights[slice].channels;
        const std::size_t inner = innerSize(slice), outer = values[slice].size() / std::max<std::size_t>(map.size() * inner, 1);
        std::size_t element = 0;
        for (std::size_t block = 0; block < outer; ++block) {
            for (const std::int32_t channel : map) {
                if (channel == noChannel) {
                    element += inner;
                    continue;
                }
                for (std::size_t each = 0; each < inner; ++each)
                    visit(static_cast<std::size_t>(channel), element++);
            }
        }
    }

private:
    /// Elements behind one index of the dimension that shrinks.
    [[nodiscard]] std::size_t innerSize(std::size_t slice) const;
};

} // namespace lathe::transform
