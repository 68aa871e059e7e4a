// How channels go through layers: convolutions, linear layers, norms, attention, products, recurrent layers.
#include <algorithm>
#include <array>

#include <core/graph/layer_weight.h>
#include <core/graph/operands.h>
#include <core/graph/operators/convolution.h>
#include <core/graph/operators/integers.h>
#include <core/transform/prune/channel_walk.h>

namespace lathe::transform {

/// Weight and bias of a layer whose filters these channels are.
void ChannelWalk::addFilters(const Node& node, const ChannelMap& channels) {
    const auto info = graph::weightOf(m_graph, m_uses, node);
    if (!info) return obstruct({"prune.weightIsComputed", {{"node", node.name}}});
    if (info->dequantize != nullptr) return obstruct({"prune.isQuantized", {{"node", node.name}}});
    addWeight(info->weight, graph::filterAxis(node), channels, node, SliceRole::Output);
    addVector(node, "bias", channels);
}

void ChannelWalk::addInputs(const Node& node, int axis, const ChannelMap& channels) {
    const auto info = graph::weightOf(m_graph, m_uses, node);
    if (!info) return obstruct({"prune.weightIsComputed", {{"node", node.name}}});
    if (info->dequantize != nullptr) return obstruct({"prune.isQuantized", {{"node", node.name}}});
    addWeight(info->weight, axis, channels, node, SliceRole::Input);
}

/// 1: an ordinary convolution; 0: groups that pruning would tear apart.
std::int64_t ChannelWalk::groupsOf(const Node& node) const {
    const graph::Convolution convolution(node);
    const auto groups = convolution.groups();
    if (!groups || *groups < 1) return 0;
    return *groups == 1 || !convolution.isTransposed() ? *groups : 0;
}

void ChannelWalk::forwardConvolution(const Node& node, const Place& place) {
    const auto info = graph::weightOf(m_graph, m_uses, node);
    if (!info) return obstruct({"prune.weightIsComputed", {{"node", node.name}}});
    const tensor::Shape& shape = m_graph.value(info->weight).data.shape();
    const auto rank = rankOf(*graph::mainInput(node));
    if (!rank || place.axis != outputAxis(node, *rank, shape.size())) return unknown(node);
    const std::int64_t groups = groupsOf(node);
    if (groups == 0) return obstruct({"prune.isGrouped", {{"node", node.name}}});
    if (groups == 1) return addInputs(node, 1 - graph::filterAxis(node), place.channels);

    // Whole groups go: inputs g·i … make outputs g·o …; of a depthwise convolution each channel is a group.
    const std::int64_t outputs = shape[0], inputs = static_cast<std::int64_t>(place.channels.size());
    if (inputs % groups != 0 || outputs % groups != 0) return unknown(node);
    const ChannelMap joined = inBlocks(place.channels, inputs / groups, node.name);
    visit(*graph::mainInput(node), place.axis, joined);
    ChannelMap filters(static_cast<std::size_t>(outputs)), counted(static_cast<std::size_t>(groups));
    for (std::size_t i = 0; i < filters.size(); ++i)
        filters[i] = joined[i / static_cast<std::size_t>(outputs / groups) * static_cast<std::size_t>(inputs / groups)];
    for (std::size_t i = 0; i < counted.size(); ++i)
        counted[i] = joined[i * static_cast<std::size_t>(inputs / groups)];
    addFilters(node, filters);
    addLiteral(node, "groups", -1, counted);
    visit(node.results.front(), place.axis, filters);
}

void ChannelWalk::backwardConvolution(const Node& node, const Place& place) {
    const auto info = graph::weightOf(m_graph, m_uses, node);
    if (!info) return obstruct({"prune.weightIsComputed", {{"node", node.name}}});
    const std::int64_t groups = groupsOf(node);
    if (groups == 0) return obstruct({"prune.isGrouped", {{"node", node.name}}});
    const auto rank = rankOf(node.results.front());
    if (!rank || place.axis != outputAxis(node, *rank, m_graph.value(info->weight).data.shape().size())) return unknown(node);
    if (groups == 1) return addFilters(node, place.channels);
    const std::int64_t outputs = static_cast<std::int64_t>(place.channels.size());
    const std::int64_t inputs = sizeFromEnd(*graph::mainInput(node), static_cast<int>(*rank) - place.axis);
    if (inputs % groups != 0 || outputs % groups != 0) return unknown(node);
    const ChannelMap joined = inBlocks(place.channels, outputs / groups, node.name);
    ChannelMap channels(static_cast<std::size_t>(inputs));
    for (std::size_t i = 0; i < channels.size(); ++i)
        channels[i] = joined[i / static_cast<std::size_t>(inputs / groups) * static_cast<std::size_t>(outputs / groups)];
    visit(*graph::mainInput(node), place.axis, channels);
}

/// Batch norm, instance norm, prelu: vectors with an entry for each channel.
void ChannelWalk::normalize(const Node& node, ValueId, const Place& place) {
    if (place.axis != 1) return unknown(node);
    if (graph::channelRule(node.op) == graph::ChannelRule::Slopes) {
        const auto slopes = graph::Call(node).value("weight");
        const bool isOne =
            slopes && m_graph.value(*slopes).kind == graph::ValueKind::Weight && m_graph.value(*slopes).data.elementCount() == 1;
        if (!isOne) addVector(node, "weight", place.channels);
    } else {
        for (const std::string_view role : {"weight", "bias", "running_mean", "running_var"})
            addVector(node, role, place.channels);
    }
    visit(node.results.front(), place.axis, place.channels);
}

void ChannelWalk::normalizeGroups(const Node& node, ValueId value, const Place& place) {
    const auto groups = graph::Call(node).integer("num_groups");
    const auto channels = static_cast<std::int64_t>(place.channels.size());
    if (place.axis != 1 || !groups || *groups < 1 || channels % *groups != 0) return unknown(node);
    const ChannelMap joined = inBlocks(place.channels, channels / *groups, node.name);
    visit(value, place.axis, joined);
    ChannelMap counted(static_cast<std::size_t>(*groups));
    for (std::size_t i = 0; i < counted.size(); ++i)
        counted[i] = joined[i * static_cast<std::size_t>(channels / *groups)];
    for (const std::string_view role : {"weight", "bias"})
        addVector(node, role, joined);
    addLiteral(node, "num_groups", -1, counted);
    visit(node.results.front(), place.axis, joined);
}

/// Attention: dimensions before the last two, heads mostly, are the same of all; `operand` −1: from the result.
void ChannelWalk::attend(const Node& node, int operand, const Place& place) {
    const graph::Call call(node);
    const auto query = call.value("query"), key = call.value("key"), value = call.value("value"), mask = call.value("attn_mask");
    const auto rank = query ? rankOf(*query) : std::nullopt;
    if (!rank || !key || !value || rankOf(*key) != rank || rankOf(*value) != rank) return unknown(node);
    const ValueId result = node.results.front();
    const int fromEnd =
        operand == 3 && mask ? static_cast<int>(rankOf(*mask).value_or(0)) - place.axis : static_cast<int>(*rank) - place.axis;
    const int axis = static_cast<int>(*rank) - fromEnd;
    if (fromEnd == 1 && (operand == 2 || operand == -1)) { // what is summed up, each feature by itself
        visit(*value, axis, place.channels);
        return visit(result, axis, place.channels);
    }
    if (fromEnd == 1 && operand < 2 && !call.operand("scale").isNone()) { // otherwise it follows from how many there are
        visit(*query, axis, place.channels);
        return visit(*key, axis, place.channels);
    }
    if (fromEnd < 3) return unknown(node);
    const auto size = static_cast<std::int64_t>(place.channels.size());
    const std::int64_t heads = sizeFromEnd(*query, fromEnd), keyHeads = sizeFromEnd(*key, fromEnd);
    if (keyHeads < 1 || heads % keyHeads != 0 || sizeFromEnd(*value, fromEnd) != keyHeads) return unknown(node);
    const auto block = static_cast<std::size_t>(heads / keyHeads);
    ChannelMap ofHeads = place.channels, ofKeys(static_cast<std::size_t>(keyHeads));
    if (size == heads) {
        ofHeads = inBlocks(place.channels, static_cast<std::int64_t>(block), node.name);
        for (std::size_t i = 0; i < ofKeys.size(); ++i)
            ofKeys[i] = ofHeads[i * block];
    } else if (size == keyHeads) {
        ofKeys = place.channels;
        ofHeads.resize(static_cast<std::size_t>(heads));
        for (std::size_t i = 0; i < ofHeads.size(); ++i)
            ofHeads[i] = ofKeys[i / block];
    } else {
        return unknown(node);
    }
    visit(*query, axis, ofHeads);
    visit(*key, axis, ofKeys);
    visit(*value, axis, ofKeys);
    visit(result, axis, ofHeads);
    if (mask && sizeFromEnd(*mask, fromEnd) == heads && heads > 1) {
        couple(node, *mask, static_cast<int>(rankOf(*mask).value_or(0)) - fromEnd, ofHeads);
    }
}

/// A product of matrices: rows of the left one, columns of the right one and dimensions before both stay; `operand` −1: from the result.
void ChannelWalk::multiply(const Node& node, int operand, const Place& place) {
    const graph::Call call(node);
    const auto left = call.value("self"), right = call.value(call.has("mat2") ? "mat2" : "other");
    if (!left || !right) return unknown(node);
    const std::array sides{*left, *right};
    const ValueId result = node.results.front();
    const auto ranks = std::array{rankOf(sides[0]), rankOf(sides[1])};
    const auto rank = rankOf(result);
    if (!rank || !ranks[0] || !ranks[1] || *ranks[0] < 2 || *ranks[1] < 2) return unknown(node);
    const auto isStored = [&](std::size_t side) { return m_graph.value(sides[side]).kind == graph::ValueKind::Weight; };
    const int from = static_cast<int>(operand < 0 ? *rank : *ranks[static_cast<std::size_t>(operand)]) - place.axis;
    const auto at = [&](std::size_t side, int fromEnd) { return static_cast<int>(*ranks[side]) - fromEnd; };
    if (from > 2) {
        for (std::size_t side = 0; side < 2; ++side) {
            if (sizeFromEnd(sides[side], from) == static_cast<std::int64_t>(place.channels.size()))
                couple(node, sides[side], at(side, from), place.channels);
        }
        return visit(result, static_cast<int>(*rank) - from, place.channels);
    }
    const bool isRows = from == 2, isResult = operand < 0;
    const std::size_t side = isResult ? (isRows ? 0 : 1) : static_cast<std::size_t>(operand);
    if ((side == 0) == isRows) { // rows of the left, columns of the right
        if (isStored(side)) return unknown(node);
        visit(sides[side], at(side, from), place.channels);
        return visit(result, static_cast<int>(*rank) - from, place.channels);
    }
    // What is summed over: a stored matrix on the other side loses as much.
    const std::size_t other = 1 - side;
    if (!isStored(other)) return unknown(node);
    addWeight(sides[other], at(other, other == 0 ? 1 : 2), place.channels, node, SliceRole::Input);
}

/// (input, hx, params, has_biases, …, bidirectional, …): features of the input are read by the first matrix of each direction.
void ChannelWalk::forwardRecurrent(const Node& node, const Place& place) {
    const graph::Call call(node);
    const auto rank = rankOf(*graph::mainInput(node));
    const auto* parameters = std::get_if<std::vector<Operand>>(&call.operand("params").content);
    const auto hasBiases = call.flag("has_biases"), isBidirectional = call.flag("bidirectional");
    if (!rank || place.axis + 1 != static_cast<int>(*rank) || parameters == nullptr || !hasBiases || !isBidirectional) return unknown(node);
    const std::size_t step = *hasBiases ? 4 : 2;
    for (std::size_t direction = 0; direction < (*isBidirectional ? 2U : 1U); ++direction) {
        if (direction * step >= parameters->size() || !(*parameters)[direction * step].isValue()) return unknown(node);
        addWeight((*parameters)[direction * step].value(), 1, place.channels, node, SliceRole::Input);
    }
}

std::optional<RecurrentWeights> recurrentWeights(const graph::Graph& graph, const graph::Node& node) {
    if (graph::channelRule(node.op) != graph::ChannelRule::Recurs) return std::nullopt;
    const graph::Call call(node);
    const auto* parameters = std::get_if<std::vector<graph::Operand>>(&call.operand("params").content);
    const auto hasBiases = call.flag("has_biases"), isBidirectional = call.flag("bidirectional");
    const auto layers = call.integer("num_layers");
    if (parameters == nullptr || !hasBiases || !isBidirectional || !layers || *layers < 1) return std::nullopt;
    RecurrentWeights weights;
    weights.directions = *isBidirectional ? 2 : 1;
    const std::size_t step = *hasBiases ? 4 : 2;
    if (parameters->size() != step * weights.directions * static_cast<std::size_t>(*layers)) return std::nullopt;
    const auto isStored = [&](const graph::Operand& each) { return graph::weightData(graph, each) != nullptr; };
    if (!std::ranges::all_of(*parameters, isStored)) return std::nullopt;
    for (std::size_t at = 0; at < parameters->size(); at += step) {
        const auto id = [&](std::size_t offset) { return (*parameters)[at + offset].value(); };
        RecurrentWeights::Part& part = weights.parts.emplace_back();
        part.fromInput = id(0);
        part.fromState = id(1);
        if (*hasBiases) part.inputBias = id(2);
        if (*hasBiases) part.stateBias = id(3);
        part.readsInput = at < step * weights.directions;
        const tensor::Shape& shape = graph.value(part.fromState).data.shape();
        if (shape.size() != 2 || shape[1] < 1 || shape[0] % shape[1] != 0) return std::nullopt;
        if (weights.units != 0 && weights.units != shape[1]) return std::nullopt;
        weights.units = shape[1];
    }
    return weights;
}

/// A unit goes from all layers and directions at once, which all have as many: the rows of its gates, what the states and the next layer
/// read of it, the states themselves.
void ChannelWalk::recurrentUnits(const Node& node, ValueId value, const Place& place) {
    const auto weights = recurrentWeights(m_graph, node);
    const auto rank = rankOf(value);
    if (!weights) return unknown(node);
    if (!rank || place.axis + 1 != static_cast<int>(*rank)) return unknown(node);
    const auto units = static_cast<std::size_t>(weights->units);
    if (place.channels.size() % units != 0) return unknown(node);
    ChannelMap own(place.channels.begin(), place.channels.begin() + static_cast<std::ptrdiff_t>(units));
    for (std::size_t first = units; first < place.channels.size(); first += units) {
        const auto begin = place.channels.begin() + static_cast<std::ptrdiff_t>(first);
        join(own, ChannelMap(begin, begin + static_cast<std::ptrdiff_t>(units)), node.name);
    }
    const auto repeated = [&](std::size_t times) {
        ChannelMap map;
        for (std::size_t each = 0; each < times; ++each)
            map.insert(map.end(), own.begin(), own.end());
        return map;
    };
    for (const RecurrentWeights::Part& part : weights->parts) {
        const ChannelMap gates = repeated(static_cast<std::size_t>(m_graph.value(part.fromState).data.shape()[0]) / units);
        addWeight(part.fromInput, 0, gates, node, SliceRole::Output);
        addWeight(part.fromState, 0, gates, node, SliceRole::Output);
        addWeight(part.fromState, 1, own, node, SliceRole::Input);
        if (!part.readsInput) addWeight(part.fromInput, 1, repeated(weights->directions), node, SliceRole::Input);
        if (part.inputBias) addWeight(*part.inputBias, 0, gates, node, SliceRole::Vector);
        if (part.stateBias) addWeight(*part.stateBias, 0, gates, node, SliceRole::Vector);
    }
    const auto visitLast = [&](ValueId id, const ChannelMap& channels) {
        const auto dimensions = rankOf(id);
        if (!dimensions) return shapesUnknown(node);
        visit(id, static_cast<int>(*dimensions) - 1, channels);
    };
    visitLast(node.results.front(), repeated(weights->directions));
    for (std::size_t state = 1; state < node.results.size(); ++state) {
        if (!m_uses.uses(node.results[state]).empty()) visitLast(node.results[state], own);
    }
    graph::forEachValue(graph::Call(node).operand("hx"), [&](ValueId id) { visitLast(id, own); });
}

bool ChannelWalk::followNorm(const Node& node, const Place& place) {
    const graph::Call call(node);
    const auto shape = call.integers("normalized_shape");
    const auto rank = rankOf(node.results.front());
    if (m_layerNorms == LayerNorms::Stop || !shape || !rank) return false;
    const int element = place.axis - (static_cast<int>(*rank) - static_cast<int>(shape->size()));
    for (const std::string_view role : {"weight", "bias"}) {
        if (const auto vector = call.value(role)) addWeight(*vector, element, place.channels, node, SliceRole::Vector);
    }
    addSize(node, "normalized_shape", element, place.channels);
    return true;
}

bool ChannelWalk::followsMean(const Node& node) const { return m_layerNorms == LayerNorms::Follow && node.op == graph::op::meanDim; }

void ChannelWalk::backwardEmbedding(const Node& node, const Place& place) {
    const auto rank = rankOf(node.results.front());
    const auto table = graph::Call(node).value("weight");
    if (!table || !rank || place.axis + 1 != static_cast<int>(*rank)) return unknown(node);
    addWeight(*table, 1, place.channels, node, SliceRole::Output);
}

} // namespace lathe::transform
