#include <core/transform/share/alike_weights.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace lathe::transform {

namespace {

using graph::ValueId;

struct Kind {
    std::vector<ValueId> members; ///< all with the same content
    std::vector<float> numbers;   ///< read when they are asked for
    double norm = 0;
};

void read(const graph::Graph& graph, Kind& kind) {
    if (!kind.numbers.empty()) return;
    kind.numbers = graph.value(kind.members.front()).data.toFloats();
    double squares = 0;
    for (const float number : kind.numbers)
        squares += static_cast<double>(number) * static_cast<double>(number);
    kind.norm = std::sqrt(squares);
}

double distance(const std::vector<float>& a, const std::vector<float>& b) {
    double squares = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
        squares += difference * difference;
    }
    return std::sqrt(squares);
}

bool hasSameForm(const tensor::Tensor& a, const tensor::Tensor& b) { return a.dtype() == b.dtype() && a.shape() == b.shape(); }

} // namespace

std::vector<std::vector<ValueId>> alikeWeights(const graph::Graph& graph, const std::vector<ValueId>& weights, double tolerance) {
    std::vector<Kind> kinds;
    for (const ValueId id : weights) {
        const auto same = std::ranges::find_if(
            kinds, [&](const Kind& kind) { return graph.value(kind.members.front()).data.sameContent(graph.value(id).data); });
        same == kinds.end() ? kinds.push_back({{id}, {}, 0}) : same->members.push_back(id);
    }
    std::vector<std::vector<ValueId>> groups;
    std::vector<std::size_t> firsts; // the kind that each group began with
    for (std::size_t at = 0; at < kinds.size(); ++at) {
        std::optional<std::size_t> joined;
        for (std::size_t group = 0; tolerance > 0 && group < groups.size() && !joined; ++group) {
            Kind& first = kinds[firsts[group]];
            if (!hasSameForm(graph.value(first.members.front()).data, graph.value(kinds[at].members.front()).data)) continue;
            read(graph, first);
            read(graph, kinds[at]);
            if (distance(first.numbers, kinds[at].numbers) <= tolerance * std::max(first.norm, kinds[at].norm)) joined = group;
        }
        if (joined) {
            std::vector<ValueId>& members = groups[*joined];
            members.insert(members.end(), kinds[at].members.begin(), kinds[at].members.end());
        } else {
            groups.push_back(kinds[at].members);
            firsts.push_back(at);
        }
    }
    std::erase_if(groups, [](const std::vector<ValueId>& group) { return group.size() < 2; });
    for (std::vector<ValueId>& group : groups) {
        std::ranges::sort(group, {}, [&](ValueId id) { return std::ranges::find(weights, id); });
    }
    return groups;
}

std::vector<float> meanWeight(const graph::Graph& graph, const std::vector<ValueId>& weights) {
    std::vector<double> sums;
    for (const ValueId id : weights) {
        const std::vector<float> numbers = graph.value(id).data.toFloats();
        sums.resize(numbers.size());
        for (std::size_t i = 0; i < numbers.size(); ++i)
            sums[i] += static_cast<double>(numbers[i]);
    }
    std::vector<float> mean;
    for (const double sum : sums)
        mean.push_back(static_cast<float>(sum / static_cast<double>(weights.size())));
    return mean;
}

} // namespace lathe::transform
