#include <core/transform/prune/dependency_groups.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include <core/graph/layer_weight.h>
#include <core/graph/operators/convolution.h>

namespace lathe::transform {

namespace {

using graph::ChannelRule;
using graph::channelRule;
using graph::Graph;
using graph::Node;
using graph::Operand;
using graph::ValueId;

std::optional<int> normalizedAxis(const Operand& operand, std::size_t rank) {
    const auto axis = operand.literal<std::int64_t>();
    if (!axis) return std::nullopt;
    const auto normalized = *axis < 0 ? *axis + static_cast<std::int64_t>(rank) : *axis;
    if (normalized < 0 || normalized >= static_cast<std::int64_t>(rank)) return std::nullopt;
    return static_cast<int>(normalized);
}

/// The dimension of a layer's result that its output channels are along; of convolutions with or without a batch in front.
int outputAxis(const Node& layer, std::size_t rank, std::size_t weightRank) {
    if (!graph::isConvolution(layer.op)) return static_cast<int>(rank) - 1;
    return rank < weightRank ? 0 : 1;
}

/// Node names by their place in execution order.
using NodeOrder = std::unordered_map<std::string_view, std::size_t>;

NodeOrder orderOf(const Graph& graph) {
    NodeOrder order;
    graph::forEachNode(graph, [&](const Node& node) { order.emplace(node.name, order.size()); });
    return order;
}

/// Follows the channels of one layer through the graph, in both directions, until every value that depends on them is known. Takes time for
/// what it visits only, so that all groups together take time that is linear in the graph.
class Walker {
public:
    Walker(const Graph& graph, const graph::UseIndex& uses, const NodeOrder& order) : m_graph(graph), m_uses(uses), m_order(order) {}

    DependencyGroup walk(const Node& layer) {
        const auto info = graph::weightOf(m_graph, m_uses, layer);
        const tensor::Shape& shape = m_graph.value(info->weight).data.shape();
        const auto filterAxis = static_cast<std::size_t>(graph::filterAxis(layer));
        const auto rank = rankOf(layer.results.front());
        m_group.layer = layer.name;
        m_group.channels = filterAxis < shape.size() ? shape[filterAxis] : 0;
        if (!rank || *rank == 0 || (graph::isConvolution(layer.op) && *rank < 2)) {
            obstruct({"prune.shapesUnknown", {{"node", layer.name}}});
        } else {
            visit(layer.results.front(), outputAxis(layer, *rank, shape.size()), identityMap(m_group.channels));
        }
        while (m_group.obstacle.empty() && !m_pending.empty()) {
            const ValueId value = m_pending.back();
            m_pending.pop_back();
            const Place place = m_places.at(value); // a copy: rules add places
            backward(value, place);
            for (const auto& use : m_uses.uses(value))
                forward(use, value, place);
        }
        for (const auto& [value, place] : m_places)
            m_group.values.push_back({value, place.axis, place.channels});
        collectNodes();
        return std::move(m_group);
    }

private:
    struct Place {
        int axis;
        ChannelMap channels;
        bool operator==(const Place&) const = default;
    };

    void obstruct(const base::Message& reason) {
        if (m_group.obstacle.empty()) m_group.obstacle = reason;
    }

    std::optional<std::size_t> rankOf(ValueId id) const {
        const auto& shape = m_graph.value(id).shape;
        if (!shape) return std::nullopt;
        return shape->size();
    }

    /// Sizes with symbolic dimensions as 1: only the batch may be symbolic, and it is the same on both sides of an operator.
    std::optional<std::vector<std::int64_t>> sizesOf(ValueId id) const {
        const auto& shape = m_graph.value(id).shape;
        if (!shape) return std::nullopt;
        std::vector<std::int64_t> sizes;
        for (const graph::Dim& dim : *shape)
            sizes.push_back(dim.size < 0 ? 1 : dim.size);
        return sizes;
    }

    void visit(ValueId value, int axis, ChannelMap channels) {
        if (std::ranges::all_of(channels, [](std::int32_t channel) { return channel == noChannel; })) return;
        const auto sizes = sizesOf(value);
        if (!sizes || axis < 0 || static_cast<std::size_t>(axis) >= sizes->size()) {
            return obstruct({"prune.shapeUnknown", {{"node", m_graph.value(value).name}}});
        }
        if ((*sizes)[static_cast<std::size_t>(axis)] != static_cast<std::int64_t>(channels.size())) {
            return obstruct({"prune.shapeDoesNotFit", {{"node", m_graph.value(value).name}}});
        }
        Place place{axis, std::move(channels)};
        const auto [found, isNew] = m_places.try_emplace(value, place);
        if (isNew) {
            m_pending.push_back(value);
        } else if (!(found->second == place)) {
            obstruct({"prune.channelsMeet", {{"node", m_graph.value(value).name}}});
        }
    }

    void addWeight(ValueId weight, int axis, const ChannelMap& channels, const Node& node, SliceRole role) {
        const graph::Value& value = m_graph.value(weight);
        if (value.kind != graph::ValueKind::Weight) return obstruct({"prune.aWeightIsComputed", {{"node", node.name}}});
        const auto at = static_cast<std::size_t>(axis);
        if (at >= value.data.shape().size() || value.data.shape()[at] != static_cast<std::int64_t>(channels.size())) {
            return obstruct({"prune.weightDoesNotFit", {{"weight", value.name}, {"node", node.name}}});
        }
        if (m_uses.uses(weight).size() > 1) return obstruct({"prune.isUsedTwice", {{"node", value.name}}});
        if (!m_knownWeights.emplace(weight, axis).second) return; // reached from both ends
        m_group.weights.push_back({weight, axis, channels, node.name, role});
    }

    void addWeight(const Operand& operand, const ChannelMap& channels, const Node& node) {
        if (operand.isValue()) addWeight(operand.value(), 0, channels, node, SliceRole::Vector);
    }

    void addLiteral(const Node& node, std::string_view role, int element, const ChannelMap& channels) {
        const auto position = static_cast<int>(*graph::findOperator(node.op)->position(role));
        if (!m_knownLiterals.emplace(node.name, position, element).second) return;
        m_group.literals.push_back({node.name, position, element, channels});
    }

    /// Weight and bias of a layer whose filters these channels are.
    void addFilters(const Node& node, const ChannelMap& channels) {
        const auto info = graph::weightOf(m_graph, m_uses, node);
        if (!info) return obstruct({"prune.weightIsComputed", {{"node", node.name}}});
        if (info->dequantize != nullptr) return obstruct({"prune.isQuantized", {{"node", node.name}}});
        addWeight(info->weight, graph::filterAxis(node), channels, node, SliceRole::Output);
        addWeight(graph::Call(node).operand("bias"), channels, node);
    }

    // ---- from a value to those that read it -----------------------------------------------------------------------------------------

    void forward(const graph::UseIndex::Use& use, ValueId value, const Place& place) {
        if (use.node == nullptr) return obstruct({"prune.isOutput", {{"node", m_graph.value(value).name}}});
        const Node& node = *use.node;
        const ValueId result = node.results.empty() ? -1 : node.results.front();
        const ChannelRule rule = channelRule(node.op);
        const bool isMainOperand = use.operand == 0;
        if (!isMainOperand && rule != ChannelRule::Broadcasts) return unknown(node);
        switch (rule) {
        case ChannelRule::Measures:
            return;
        case ChannelRule::Keeps:
        case ChannelRule::Pools:
            return rule == ChannelRule::Pools && place.axis != 1 ? unknown(node) : visit(result, place.axis, place.channels);
        case ChannelRule::BatchNorm:
            if (place.axis != 1) return unknown(node);
            for (const std::string_view role : {"weight", "bias", "running_mean", "running_var"})
                addWeight(graph::Call(node).operand(role), place.channels, node);
            return visit(result, place.axis, place.channels);
        case ChannelRule::Broadcasts:
            return forwardBroadcast(node, use.operand, value, place);
        case ChannelRule::Reshapes:
            return forwardReshape(node, value, place);
        case ChannelRule::Concatenates:
            return forwardConcatenate(node, value, place);
        case ChannelRule::Transposes:
        case ChannelRule::Permutes: {
            const auto order = permutation(node);
            if (!order) return unknown(node);
            const auto found = std::ranges::find(*order, place.axis);
            return visit(result, static_cast<int>(found - order->begin()), place.channels);
        }
        case ChannelRule::Reduces: {
            const auto kept = keptAxes(node);
            if (!kept) return unknown(node);
            const auto found = std::ranges::find(*kept, place.axis);
            if (found == kept->end()) return obstruct({"prune.sumsChannels", {{"node", node.name}}});
            return visit(result, static_cast<int>(found - kept->begin()), place.channels);
        }
        case ChannelRule::Convolves:
            return forwardConvolution(node, place);
        case ChannelRule::Multiplies: {
            const auto rank = rankOf(value);
            if (place.axis + 1 != static_cast<int>(*rank)) return visit(result, place.axis, place.channels);
            return addInputs(node, 1, place.channels);
        }
        case ChannelRule::Unknown:
            return unknown(node);
        }
    }

    void unknown(const Node& node) { obstruct({"prune.mayMix", {{"node", node.name}, {"op", node.op}}}); }

    void addInputs(const Node& node, int axis, const ChannelMap& channels) {
        const auto info = graph::weightOf(m_graph, m_uses, node);
        if (!info) return obstruct({"prune.weightIsComputed", {{"node", node.name}}});
        if (info->dequantize != nullptr) return obstruct({"prune.isQuantized", {{"node", node.name}}});
        addWeight(info->weight, axis, channels, node, SliceRole::Input);
    }

    /// 1: an ordinary convolution; as many as channels: depthwise; nothing: groups that pruning would tear apart.
    std::optional<std::int64_t> supportedGroups(const Node& node) const {
        const graph::Convolution convolution(node);
        const auto groups = convolution.groups();
        if (!groups || *groups == 1) return groups;
        const auto info = graph::weightOf(m_graph, m_uses, node);
        const auto& shape = m_graph.value(info->weight).data.shape();
        const bool isDepthwise = !convolution.isTransposed() && shape.size() > 1 && shape[1] == 1;
        return isDepthwise ? groups : std::nullopt;
    }

    void forwardConvolution(const Node& node, const Place& place) {
        const auto info = graph::weightOf(m_graph, m_uses, node);
        if (!info) return obstruct({"prune.weightIsComputed", {{"node", node.name}}});
        const auto rank = rankOf(*graph::mainInput(node));
        if (!rank || place.axis != outputAxis(node, *rank, m_graph.value(info->weight).data.shape().size())) return unknown(node);
        const auto groups = supportedGroups(node);
        if (!groups) return obstruct({"prune.isGrouped", {{"node", node.name}}});
        if (*groups == 1) return addInputs(node, 1 - graph::filterAxis(node), place.channels);

        // Depthwise: channel c makes outputs c·m … c·m + m − 1.
        const std::int64_t outputs = m_graph.value(info->weight).data.shape()[0];
        if (*groups != static_cast<std::int64_t>(place.channels.size())) return unknown(node);
        const std::int64_t multiplier = outputs / *groups;
        ChannelMap filters(static_cast<std::size_t>(outputs));
        for (std::size_t i = 0; i < filters.size(); ++i)
            filters[i] = place.channels[i / static_cast<std::size_t>(multiplier)];
        addFilters(node, filters);
        addLiteral(node, "groups", -1, place.channels);
        visit(node.results.front(), place.axis, filters);
    }

    void forwardBroadcast(const Node& node, int operand, ValueId value, const Place& place) {
        const bool isLeft = graph::isRole(node, operand, "self");
        if (!isLeft && !graph::isRole(node, operand, "other")) return unknown(node);
        const ValueId result = node.results.front();
        const auto resultRank = rankOf(result);
        const auto rank = rankOf(value);
        if (!resultRank || !rank) return obstruct({"prune.shapesUnknown", {{"node", node.name}}});
        // Broadcasting aligns the last dimensions.
        const int fromEnd = static_cast<int>(*rank) - place.axis;
        const Operand& other = graph::Call(node).operand(isLeft ? "other" : "self");
        if (other.isValue() && m_graph.value(other.value()).type == graph::TypeKind::Tensor) {
            const auto sizes = sizesOf(other.value());
            if (!sizes) return obstruct({"prune.shapesUnknown", {{"node", node.name}}});
            const int axis = static_cast<int>(sizes->size()) - fromEnd;
            const bool isBroadcast = axis < 0 || (*sizes)[static_cast<std::size_t>(axis)] == 1;
            if (!isBroadcast && m_graph.value(other.value()).kind == graph::ValueKind::Weight) {
                addWeight(other.value(), axis, place.channels, node, SliceRole::Vector);
            } else if (!isBroadcast) {
                visit(other.value(), axis, place.channels);
            }
        }
        visit(result, static_cast<int>(*resultRank) - fromEnd, place.channels);
    }

    void forwardReshape(const Node& node, ValueId value, const Place& place) {
        const ValueId result = node.results.front();
        const auto from = sizesOf(value), to = sizesOf(result);
        if (!from || !to) return obstruct({"prune.shapesUnknown", {{"node", node.name}}});
        const auto reshaped = reshapeForward(*from, place.axis, place.channels, *to);
        if (!reshaped) return obstruct({"prune.spreadsChannels", {{"node", node.name}}});
        addShapeLiteral(node, *reshaped);
        visit(result, reshaped->axis, reshaped->channels);
    }

    /// The shape that a view was given may hold the number of features; −1 and computed sizes follow by themselves.
    void addShapeLiteral(const Node& node, const ReshapedAxis& reshaped) {
        const graph::Call call(node);
        const std::string_view role = call.has("size") ? "size" : "shape";
        if (!call.has(role)) return; // flatten and squeeze tell none
        const Operand& shape = call.operand(role);
        const auto element = static_cast<std::size_t>(reshaped.axis);
        std::optional<std::int64_t> size;
        if (const auto sizes = shape.literal<std::vector<std::int64_t>>(); sizes && element < sizes->size()) size = (*sizes)[element];
        if (const auto* list = std::get_if<std::vector<Operand>>(&shape.content); list != nullptr && element < list->size()) {
            size = (*list)[element].literal<std::int64_t>();
        }
        if (size && *size >= 0) addLiteral(node, role, reshaped.axis, reshaped.channels);
    }

    void forwardConcatenate(const Node& node, ValueId value, const Place& place) {
        const auto parts = concatenated(node);
        const auto rank = rankOf(value);
        const auto axis = rank ? normalizedAxis(graph::Call(node).operand("dim"), *rank) : std::nullopt;
        if (!parts || !axis) return unknown(node);
        const ValueId result = node.results.front();
        if (*axis != place.axis) { // side by side in another dimension: all have the same channels
            for (const ValueId part : *parts)
                visit(part, place.axis, place.channels);
            return visit(result, place.axis, place.channels);
        }
        ChannelMap joined;
        for (const ValueId part : *parts) {
            const auto sizes = sizesOf(part);
            if (!sizes || sizes->size() != *rank) return obstruct({"prune.shapesUnknown", {{"node", node.name}}});
            const auto known = m_places.find(part);
            if (known != m_places.end()) {
                joined.insert(joined.end(), known->second.channels.begin(), known->second.channels.end());
            } else {
                joined.resize(joined.size() + static_cast<std::size_t>((*sizes)[static_cast<std::size_t>(*axis)]), noChannel);
            }
        }
        // Parts may be reached one after the other: the result then knows more than before, and so do its readers.
        const auto known = m_places.find(result);
        if (known != m_places.end() && known->second.axis == place.axis && known->second.channels.size() == joined.size()) {
            if (known->second.channels == joined) return;
            return obstruct({"prune.inputsShareChannels", {{"node", node.name}}});
        }
        visit(result, place.axis, std::move(joined));
    }

    static std::optional<std::vector<ValueId>> concatenated(const Node& node) {
        const auto* list = std::get_if<std::vector<Operand>>(&graph::Call(node).operand("tensors").content);
        if (list == nullptr) return std::nullopt;
        std::vector<ValueId> parts;
        for (const Operand& part : *list) {
            if (!part.isValue()) return std::nullopt;
            parts.push_back(part.value());
        }
        return parts;
    }

    /// order[i] is the dimension of the input that becomes dimension i of the result.
    std::optional<std::vector<int>> permutation(const Node& node) const {
        const auto rank = rankOf(node.results.front());
        if (!rank) return std::nullopt;
        std::vector<int> order(*rank);
        for (std::size_t i = 0; i < *rank; ++i)
            order[i] = static_cast<int>(i);
        if (channelRule(node.op) == ChannelRule::Transposes) {
            const graph::Call call(node);
            const auto first = normalizedAxis(call.operand("dim0"), *rank), second = normalizedAxis(call.operand("dim1"), *rank);
            if (!first || !second) return std::nullopt;
            std::swap(order[static_cast<std::size_t>(*first)], order[static_cast<std::size_t>(*second)]);
            return order;
        }
        const auto dims = graph::Call(node).integers("dims");
        if (!dims || dims->size() != *rank) return std::nullopt;
        for (std::size_t i = 0; i < *rank; ++i) {
            const auto axis = normalizedAxis(Operand(graph::Literal((*dims)[i])), *rank);
            if (!axis) return std::nullopt;
            order[i] = *axis;
        }
        return order;
    }

    /// The dimension of the input that each dimension of a reduction's result is; reduced ones that are kept with size 1 are −1.
    std::optional<std::vector<int>> keptAxes(const Node& node) const {
        const graph::Call call(node);
        const auto input = graph::mainInput(node);
        if (!input) return std::nullopt;
        const auto rank = rankOf(*input);
        const auto dims = call.integers("dim");
        const auto keepsDims = call.flag("keepdim");
        if (!rank || !dims || !keepsDims) return std::nullopt;
        std::vector<bool> isReduced(*rank, dims->empty());
        for (const std::int64_t dim : *dims) {
            const auto axis = normalizedAxis(Operand(graph::Literal(dim)), *rank);
            if (!axis) return std::nullopt;
            isReduced[static_cast<std::size_t>(*axis)] = true;
        }
        std::vector<int> kept;
        for (std::size_t i = 0; i < *rank; ++i) {
            if (!isReduced[i])
                kept.push_back(static_cast<int>(i));
            else if (*keepsDims)
                kept.push_back(-1);
        }
        return kept;
    }

    // ---- from a value to what makes it: its own rule then goes forward again, so only the input's channels have to be found
    // --------------

    void backward(ValueId value, const Place& place) {
        const Node* producer = m_uses.producer(value);
        if (producer == nullptr) return obstruct({"prune.isInput", {{"node", m_graph.value(value).name}}});
        const Node& node = *producer;
        const bool hasInput = graph::mainInput(node).has_value();
        const ValueId input = graph::mainInput(node).value_or(-1);
        switch (channelRule(node.op)) {
        case ChannelRule::Keeps:
        case ChannelRule::Pools:
        case ChannelRule::BatchNorm:
            return hasInput ? visit(input, place.axis, place.channels) : unknown(node);
        case ChannelRule::Broadcasts:
            return backwardBroadcast(node, value, place);
        case ChannelRule::Reshapes: {
            const auto from = hasInput ? sizesOf(input) : std::nullopt, to = sizesOf(value);
            const auto reshaped = from && to ? reshapeBackward(*from, *to, place.axis, place.channels) : std::nullopt;
            if (!reshaped) return obstruct({"prune.coupledThrough", {{"node", node.name}}});
            return visit(input, reshaped->axis, reshaped->channels);
        }
        case ChannelRule::Concatenates:
            return backwardConcatenate(node, value, place);
        case ChannelRule::Transposes:
        case ChannelRule::Permutes: {
            const auto order = permutation(node);
            return order && hasInput ? visit(input, (*order)[static_cast<std::size_t>(place.axis)], place.channels) : unknown(node);
        }
        case ChannelRule::Reduces: {
            const auto kept = keptAxes(node);
            return kept ? visit(input, (*kept)[static_cast<std::size_t>(place.axis)], place.channels) : unknown(node);
        }
        case ChannelRule::Convolves:
            return backwardConvolution(node, place);
        case ChannelRule::Multiplies:
            if (place.axis + 1 != static_cast<int>(rankOf(value).value_or(0))) return visit(input, place.axis, place.channels);
            return addFilters(node, place.channels);
        case ChannelRule::Measures:
        case ChannelRule::Unknown:
            return unknown(node);
        }
    }

    void backwardConvolution(const Node& node, const Place& place) {
        const auto info = graph::weightOf(m_graph, m_uses, node);
        if (!info) return obstruct({"prune.weightIsComputed", {{"node", node.name}}});
        const auto groups = supportedGroups(node);
        if (!groups) return obstruct({"prune.isGrouped", {{"node", node.name}}});
        if (*groups == 1) return addFilters(node, place.channels);
        const std::size_t multiplier = place.channels.size() / static_cast<std::size_t>(*groups);
        ChannelMap inputs(static_cast<std::size_t>(*groups));
        for (std::size_t i = 0; i < place.channels.size(); ++i) {
            std::int32_t& channel = inputs[i / multiplier];
            if (i % multiplier == 0) channel = place.channels[i];
            if (channel != place.channels[i]) return obstruct({"prune.coupledThrough", {{"node", node.name}}});
        }
        visit(*graph::mainInput(node), place.axis, std::move(inputs));
    }

    void backwardBroadcast(const Node& node, ValueId value, const Place& place) {
        const int fromEnd = static_cast<int>(rankOf(value).value_or(0)) - place.axis;
        for (const std::string_view role : {"self", "other"}) {
            if (!graph::Call(node).operand(role).isValue()) continue;
            const ValueId operand = graph::Call(node).operand(role).value();
            if (m_graph.value(operand).kind == graph::ValueKind::Weight) continue;
            const auto sizes = sizesOf(operand);
            if (!sizes) return obstruct({"prune.shapesUnknown", {{"node", node.name}}});
            const int axis = static_cast<int>(sizes->size()) - fromEnd;
            if (axis < 0 || (*sizes)[static_cast<std::size_t>(axis)] != static_cast<std::int64_t>(place.channels.size())) continue;
            return visit(operand, axis, place.channels); // the other one follows from it
        }
        unknown(node);
    }

    void backwardConcatenate(const Node& node, ValueId value, const Place& place) {
        const auto parts = concatenated(node);
        const auto rank = rankOf(value);
        const auto axis = rank ? normalizedAxis(graph::Call(node).operand("dim"), *rank) : std::nullopt;
        if (!parts || !axis) return unknown(node);
        std::size_t first = 0;
        for (const ValueId part : *parts) {
            if (*axis != place.axis) {
                visit(part, place.axis, place.channels);
                continue;
            }
            const auto sizes = sizesOf(part);
            if (!sizes || sizes->size() != *rank) return obstruct({"prune.shapesUnknown", {{"node", node.name}}});
            const std::size_t end = first + static_cast<std::size_t>((*sizes)[static_cast<std::size_t>(*axis)]);
            if (end > place.channels.size()) return unknown(node);
            visit(part, place.axis,
                  ChannelMap(place.channels.begin() + static_cast<std::ptrdiff_t>(first),
                             place.channels.begin() + static_cast<std::ptrdiff_t>(end)));
            first = end;
        }
    }

    /// Names in execution order, which is the order in which people read the model.
    void collectNodes() {
        std::map<std::size_t, std::string> producers, affected;
        for (const WeightSlice& slice : m_group.weights) {
            const std::size_t place = m_order.at(slice.node);
            affected.emplace(place, slice.node);
            if (slice.role == SliceRole::Output) producers.emplace(place, slice.node);
        }
        producers.emplace(m_order.at(m_group.layer), m_group.layer); // also when an obstacle came first
        for (auto& [place, name] : producers)
            m_group.producers.push_back(std::move(name));
        for (auto& [place, name] : affected)
            m_group.affected.push_back(std::move(name));
    }

    const Graph& m_graph;
    const graph::UseIndex& m_uses;
    const NodeOrder& m_order;
    DependencyGroup m_group;
    std::set<std::pair<ValueId, int>> m_knownWeights;                 ///< and axis
    std::set<std::tuple<std::string_view, int, int>> m_knownLiterals; ///< node, operand, element
    std::map<ValueId, Place> m_places;
    std::vector<ValueId> m_pending;
};

/// A layer that shares a concatenation with another sees only a part of the channels of the layers it is added to; the group of those holds
/// all.
bool isPartial(const DependencyGroup& group) {
    return std::ranges::any_of(group.weights, [](const WeightSlice& slice) {
        return slice.role == SliceRole::Output && std::ranges::find(slice.channels, noChannel) != slice.channels.end();
    });
}

/// Are these the output channels of a layer?
bool isOutputOf(const Graph& graph, const graph::UseIndex& uses, const Node& layer, const ValueSlice& slice) {
    const auto info = graph::weightOf(graph, uses, layer);
    const auto& shape = graph.value(slice.value).shape;
    return info && shape && slice.axis == outputAxis(layer, shape->size(), graph.value(info->weight).data.shape().size());
}

bool isWhole(const ChannelMap& channels, std::int64_t count) {
    return static_cast<std::int64_t>(channels.size()) == count && std::ranges::find(channels, noChannel) == channels.end();
}

} // namespace

std::vector<DependencyGroup> dependencyGroups(const Graph& graph, const base::Job& job) {
    const graph::UseIndex uses(graph);
    const NodeOrder order = orderOf(graph);
    std::vector<const Node*> layers;
    graph::forEachNode(graph, [&](const Node& node) {
        if (graph::weightOf(graph, uses, node)) layers.push_back(&node);
    });

    std::vector<DependencyGroup> groups;
    std::unordered_map<std::string, DependencyGroup> leftOver;
    std::set<std::string> covered;
    for (const Node* layer : layers) {
        if (job.isCancelled()) return groups;
        if (covered.contains(layer->name) || leftOver.contains(layer->name)) continue;
        DependencyGroup group = Walker(graph, uses, order).walk(*layer);
        if (group.obstacle.empty() && !isPartial(group)) {
            covered.insert(group.producers.begin(), group.producers.end());
            group.layer = group.producers.front();
            groups.push_back(std::move(group));
            continue;
        }
        if (!group.obstacle.empty()) {
            // Layers that make all the same channels meet the same obstacle: a long residual stream is walked once.
            for (const ValueSlice& slice : group.values) {
                const Node* maker = uses.producer(slice.value);
                if (maker == nullptr || !isOutputOf(graph, uses, *maker, slice) || !isWhole(slice.channels, group.channels)) continue;
                DependencyGroup& same = leftOver[maker->name];
                same.layer = maker->name;
                same.channels = group.channels;
                same.affected = {maker->name};
                same.obstacle = group.obstacle;
            }
        }
        leftOver[layer->name] = std::move(group);
    }
    for (const Node* layer : layers) {
        const auto found = leftOver.find(layer->name);
        if (found == leftOver.end() || covered.contains(layer->name)) continue;
        if (found->second.obstacle.empty()) found->second.obstacle = "only a part of the channels of another layer would go with it";
        found->second.producers = {layer->name};
        groups.push_back(std::move(found->second));
    }
    return groups;
}

} // namespace lathe::transform
