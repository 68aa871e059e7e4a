#include <core/transform/prune/constant_channels.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include <core/graph/editor.h>
#include <core/graph/node_index.h>
#include <core/graph/operands.h>
#include <core/graph/operators/convolution.h>
#include <core/transform/prune/channel_walk.h>
#include <core/transform/rewrite.h>

namespace lathe::transform {

namespace {

using graph::Node;
using graph::ValueId;

/// A free batch as 1.
std::optional<tensor::Shape> sizesOf(const graph::Value& value) {
    if (!value.shape) return std::nullopt;
    tensor::Shape sizes;
    for (const graph::Dim& dim : *value.shape) {
        const bool isFree = dim.size < 0 || !dim.symbol.empty();
        if (isFree && !sizes.empty()) return std::nullopt; // of the batch alone nothing depends
        sizes.push_back(dim.size < 0 ? 1 : dim.size);
    }
    return sizes;
}

/// For each index along a dimension its number where all elements agree about it.
std::vector<std::optional<float>> uniform(const tensor::Tensor& values, int axis) {
    const tensor::Shape& shape = values.shape();
    const auto size = static_cast<std::size_t>(shape[static_cast<std::size_t>(axis)]);
    const auto inner = static_cast<std::size_t>(tensor::elementCount({shape.begin() + axis + 1, shape.end()}));
    const std::vector<float> numbers = values.toFloats();
    std::vector<std::optional<float>> found(size);
    std::vector<bool> differs(size, false);
    for (std::size_t at = 0; at < numbers.size(); ++at) {
        const std::size_t index = at / inner % size;
        if (!found[index]) found[index] = numbers[at];
        const float apart = std::fabs(*found[index] - numbers[at]);
        if (!(apart <= 1e-5F * (1 + std::fabs(*found[index])))) differs[index] = true; // sums in another order
    }
    for (std::size_t index = 0; index < size; ++index) {
        if (differs[index]) found[index].reset();
    }
    return found;
}

/// For each channel of the group: are all numbers of the slice that belong to it zero?
std::vector<bool> zeroChannels(const graph::Graph& graph, const DependencyGroup& group, const WeightSlice& slice) {
    const tensor::Tensor& data = graph.value(slice.weight).data;
    const auto inner = static_cast<std::size_t>(tensor::elementCount({data.shape().begin() + slice.axis + 1, data.shape().end()}));
    const std::vector<float> values = data.toFloats();
    std::vector<bool> isZero(static_cast<std::size_t>(group.channels), true);
    for (std::size_t at = 0; at < values.size(); ++at) {
        const std::int32_t channel = slice.channels[at / inner % slice.channels.size()];
        if (channel != noChannel && values[at] != 0) isZero[static_cast<std::size_t>(channel)] = false;
    }
    return isZero;
}

/// By node: channels that it makes constant, whatever it reads: its filters for them are zero, or it is a batch norm that scales by zero.
using Sources = std::map<std::string, std::vector<bool>>;
Sources sourcesOf(const graph::Graph& graph, const graph::NodeIndex& nodes, const GroupChoice& choice) {
    Sources sources;
    for (const WeightSlice& slice : choice.group->weights) {
        const Node* node = nodes.find(slice.node);
        const bool isScale = slice.role == SliceRole::Vector && node != nullptr &&
                             graph::channelRule(node->op) == graph::ChannelRule::BatchNorm &&
                             graph::Call(*node).value("weight") == slice.weight;
        const bool isFilter = slice.role == SliceRole::Output && node != nullptr && graph::isWeighted(node->op);
        if (!isFilter && !isScale) continue;
        std::vector<bool> constant = zeroChannels(graph, *choice.group, slice);
        std::size_t found = 0;
        for (std::size_t channel = 0; channel < constant.size(); ++channel) {
            constant[channel] = constant[channel] && choice.isRemoved[channel];
            found += constant[channel] ? 1 : 0;
        }
        if (found > 0) sources[slice.node] = std::move(constant);
    }
    return sources;
}

/// The constants of one group: of the channels that go, what they are in each of its values.
class GroupConstants {
public:
    GroupConstants(const graph::Graph& graph, const GroupChoice& choice, Sources sources, const EvaluateNode& evaluate)
        : m_scratch(graph), m_isRemoved(choice.isRemoved), m_sources(std::move(sources)), m_evaluate(evaluate) {
        for (const ValueSlice& slice : choice.group->values)
            m_slices[slice.value] = &slice;
        for (const WeightSlice& slice : choice.group->weights) {
            if (slice.role == SliceRole::Output) m_makers.insert(slice.node);
        }
    }

    void follow() {
        graph::forEachNode(std::as_const(m_scratch), [this](const Node& node) {
            if (std::ranges::any_of(node.results, [this](ValueId result) { return m_slices.contains(result); })) through(node);
        });
    }

    struct Contribution {
        std::set<std::int32_t> channels;
        std::vector<double> ofOutputs; ///< by output channel of the reader; empty: it has no bias to be put into
        bool isExact = true;
    };
    /// What the constant channels that go add to what the reader computes; nothing where they add nothing.
    std::optional<Contribution> addedTo(const Node& reader) {
        Contribution contribution;
        Node layer = reader;
        layer.op = graph::unfusedOperator(reader.op);
        bool isAny = false;
        for (const graph::Operand& operand : reader.operands) {
            graph::forEachValue(operand, [&](ValueId id) {
                const auto known = m_known.find(id);
                if (known == m_known.end()) return;
                for (const auto& [channel, numbers] : known->second) {
                    if (std::ranges::any_of(numbers, [](const auto& entry) { return entry.second != 0; })) {
                        contribution.channels.insert(channel);
                        isAny = true;
                    }
                }
            });
        }
        if (!isAny) return std::nullopt;
        const auto weight = graph::Call(reader).value("weight");
        if (!graph::isWeighted(layer.op) || !weight) return contribution;
        graph::setOperand(layer, "bias", graph::Operand());
        const auto computed = compute(layer);
        if (!computed) return contribution;
        const std::size_t rank = computed->front().shape().size();
        const std::size_t weightRank = m_scratch.value(*weight).data.shape().size();
        collect(computed->front(), outputAxis(layer, rank, weightRank), contribution);
        const bool isTransposed = graph::isConvolution(layer.op) && graph::Convolution(layer).isTransposed();
        if (isTransposed && !contribution.isExact) contribution.ofOutputs.clear(); // not the same inside either
        return contribution;
    }

private:
    /// By channel: the number of each index that is of it.
    using Known = std::map<std::int32_t, std::map<std::size_t, float>>;

    /// The median of each output over all places: that of the inside, where a convolution pads.
    static void collect(const tensor::Tensor& computed, int axis, Contribution& contribution) {
        const tensor::Shape& shape = computed.shape();
        const auto size = static_cast<std::size_t>(shape[static_cast<std::size_t>(axis)]);
        const auto inner = static_cast<std::size_t>(tensor::elementCount({shape.begin() + axis + 1, shape.end()}));
        const std::vector<float> numbers = computed.toFloats();
        std::vector<std::vector<float>> byOutput(size);
        for (std::size_t at = 0; at < numbers.size(); ++at)
            byOutput[at / inner % size].push_back(numbers[at]);
        const auto same = uniform(computed, axis);
        for (std::size_t output = 0; output < size; ++output) {
            std::vector<float>& all = byOutput[output];
            const auto middle = all.begin() + std::ssize(all) / 2;
            std::nth_element(all.begin(), middle, all.end());
            contribution.ofOutputs.push_back(all.empty() ? 0 : static_cast<double>(*middle));
            contribution.isExact = contribution.isExact && same[output].has_value();
        }
    }

    /// The node with the constants that are known, zeros in the place of everything else that is computed.
    std::optional<std::vector<tensor::Tensor>> compute(const Node& node) {
        std::vector<ValueId> set;
        bool fits = true;
        for (const graph::Operand& operand : node.operands) {
            graph::forEachValue(operand, [&](ValueId id) {
                graph::Value& value = m_scratch.value(id);
                if (value.kind == graph::ValueKind::Weight || std::ranges::find(set, id) != set.end()) return;
                const auto sizes = value.type == graph::TypeKind::Tensor ? sizesOf(value) : std::nullopt;
                if (!sizes || (value.dtype && *value.dtype != tensor::DType::Float32)) {
                    fits = false;
                    return;
                }
                value.data = constantsOf(id, *sizes);
                set.push_back(id);
            });
        }
        std::optional<std::vector<tensor::Tensor>> results;
        if (fits) {
            for (const ValueId id : set)
                m_scratch.value(id).kind = graph::ValueKind::Weight;
            if (auto computed = m_evaluate(m_scratch, node)) results = std::move(*computed);
        }
        for (const ValueId id : set) {
            m_scratch.value(id).kind = graph::ValueKind::Result;
            m_scratch.value(id).data = {};
        }
        return results;
    }

    tensor::Tensor constantsOf(ValueId id, const tensor::Shape& sizes) const {
        std::vector<float> numbers(static_cast<std::size_t>(tensor::elementCount(sizes)), 0);
        const auto known = m_known.find(id);
        if (known != m_known.end()) {
            const int axis = m_slices.at(id)->axis;
            const auto size = static_cast<std::size_t>(sizes[static_cast<std::size_t>(axis)]);
            const auto inner = static_cast<std::size_t>(tensor::elementCount({sizes.begin() + axis + 1, sizes.end()}));
            std::vector<float> byIndex(size, 0);
            for (const auto& [channel, constants] : known->second) {
                for (const auto& [index, number] : constants)
                    byIndex[index] = number;
            }
            for (std::size_t at = 0; at < numbers.size(); ++at)
                numbers[at] = byIndex[at / inner % size];
        }
        return tensor::Tensor::of<float>(sizes, numbers);
    }

    /// Does the channel of the result depend on nothing but constants?
    bool isDetermined(const Node& node, std::int32_t channel) const {
        if (const auto source = m_sources.find(node.name); source != m_sources.end() && source->second[static_cast<std::size_t>(channel)])
            return true;
        bool isKnown = false;
        for (const graph::Operand& operand : node.operands) {
            bool fits = true;
            graph::forEachValue(operand, [&](ValueId id) {
                const graph::Value& value = m_scratch.value(id);
                if (value.kind == graph::ValueKind::Weight) return;
                const auto slice = m_slices.find(id);
                if (slice == m_slices.end()) {
                    // Parts of a concatenation that are of other groups have channels of their own.
                    fits = fits && graph::channelRule(node.op) == graph::ChannelRule::Concatenates;
                    return;
                }
                const auto known = m_known.find(id);
                const bool isHere = known != m_known.end() && known->second.contains(channel);
                const ChannelMap& channels = slice->second->channels;
                fits = fits && (isHere || std::ranges::find(channels, channel) == channels.end());
                isKnown = isKnown || isHere;
            });
            if (!fits) return false;
        }
        // An ordinary layer sums over what it reads; of a grouped one each channel is by itself.
        const bool isDense = m_makers.contains(node.name) && graph::Call(node).integer("groups").value_or(1) == 1;
        return isKnown && !isDense;
    }

    void through(const Node& node) {
        std::set<std::int32_t> determined;
        for (std::size_t channel = 0; channel < m_isRemoved.size(); ++channel) {
            if (m_isRemoved[channel] && isDetermined(node, static_cast<std::int32_t>(channel)))
                determined.insert(static_cast<std::int32_t>(channel));
        }
        if (determined.empty()) return;
        const auto computed = compute(node);
        if (!computed || computed->size() != node.results.size()) return;
        for (std::size_t result = 0; result < computed->size(); ++result) {
            const auto slice = m_slices.find(node.results[result]);
            if (slice == m_slices.end()) continue;
            const auto& [value, axis, channels] = *slice->second;
            const tensor::Tensor& tensor = (*computed)[result];
            if (static_cast<std::size_t>(axis) >= tensor.shape().size() ||
                tensor.shape()[static_cast<std::size_t>(axis)] != std::ssize(channels))
                continue;
            const auto numbers = uniform(tensor, axis);
            Known& known = m_known[value];
            for (std::size_t index = 0; index < channels.size(); ++index) {
                if (determined.contains(channels[index]) && numbers[index]) known[channels[index]][index] = *numbers[index];
            }
            std::erase_if(known, [&, &map = channels](const auto& entry) { // only whole channels
                return std::ranges::count(map, entry.first) != std::ssize(entry.second);
            });
        }
    }

    graph::Graph m_scratch;
    const std::vector<bool>& m_isRemoved;
    Sources m_sources;
    const EvaluateNode& m_evaluate;
    std::map<ValueId, const ValueSlice*> m_slices;
    std::set<std::string> m_makers;
    std::map<ValueId, Known> m_known;
};

/// Adds to the bias of a layer, which it gets where it has none.
void addToBias(graph::Graph& graph, std::vector<DependencyGroup>& groups, const std::string& layer, const std::vector<double>& added) {
    const Node& node = *graph.findNode(layer);
    if (const auto bias = graph::Call(node).value("bias")) {
        std::vector<float> numbers = graph.value(*bias).data.toFloats();
        for (std::size_t output = 0; output < numbers.size() && output < added.size(); ++output)
            numbers[output] = static_cast<float>(static_cast<double>(numbers[output]) + added[output]);
        return setNumbers(graph, *bias, numbers);
    }
    const std::vector<float> numbers(added.begin(), added.end());
    const tensor::DType dtype = graph.value(*graph::Call(node).value("weight")).data.dtype();
    ValueId bias = -1;
    {
        graph::Editor editor(graph);
        bias = editor.addWeight(layer + ".bias", tensor::Tensor::of<float>({std::ssize(numbers)}, numbers).to(dtype));
    }
    graph::setOperand(*graph.findNode(layer), "bias", bias);
    for (DependencyGroup& group : groups) {
        std::vector<WeightSlice> more;
        for (const WeightSlice& slice : group.weights) {
            if (slice.node == layer && slice.role == SliceRole::Output) more.push_back({bias, 0, slice.channels, layer, SliceRole::Vector});
        }
        group.weights.insert(group.weights.end(), more.begin(), more.end());
    }
}

} // namespace

std::vector<FoldedConstants> foldConstantChannels(graph::Graph& graph, std::vector<DependencyGroup>& groups,
                                                  std::span<const GroupChoice> choices, const EvaluateNode& evaluate) {
    std::map<std::string, FoldedConstants> folded;
    std::map<std::string, std::vector<double>> added;
    const graph::NodeIndex nodes(graph);
    for (const GroupChoice& choice : choices) {
        Sources sources = sourcesOf(graph, nodes, choice);
        if (sources.empty()) continue;
        GroupConstants constants(graph, choice, std::move(sources), evaluate);
        constants.follow();
        std::set<std::string> readers;
        for (const WeightSlice& slice : choice.group->weights) {
            if (slice.role != SliceRole::Input || !readers.insert(slice.node).second) continue;
            const auto contribution = constants.addedTo(*nodes.find(slice.node));
            if (!contribution) continue;
            FoldedConstants& of = folded[slice.node];
            of.reader = slice.node;
            of.channels += contribution->channels.size();
            if (contribution->ofOutputs.empty()) {
                of.how = FoldedConstants::How::Lost;
                continue;
            }
            if (!contribution->isExact && of.how == FoldedConstants::How::Exact) of.how = FoldedConstants::How::ExceptAtEdges;
            std::vector<double>& sum = added[slice.node];
            sum.resize(contribution->ofOutputs.size(), 0);
            for (std::size_t output = 0; output < sum.size(); ++output)
                sum[output] += contribution->ofOutputs[output];
        }
    }
    for (const auto& [layer, numbers] : added)
        addToBias(graph, groups, layer, numbers);
    std::vector<FoldedConstants> all;
    for (auto& [layer, of] : folded)
        all.push_back(std::move(of));
    return all;
}

} // namespace lathe::transform
