#include <core/transform/prune/channel_walk.h>

#include <algorithm>
#include <numeric>

#include <core/graph/layer_weight.h>
#include <core/graph/operators/call.h>
#include <core/graph/operators/convolution.h>
#include <core/graph/operators/names.h>

namespace lathe::transform {

using graph::ChannelRule;

std::optional<int> normalizedAxis(const graph::Operand& operand, std::size_t rank) {
    const auto axis = operand.literal<std::int64_t>();
    if (!axis) return std::nullopt;
    const auto normalized = *axis < 0 ? *axis + static_cast<std::int64_t>(rank) : *axis;
    if (normalized < 0 || normalized >= static_cast<std::int64_t>(rank)) return std::nullopt;
    return static_cast<int>(normalized);
}

int outputAxis(const graph::Node& layer, std::size_t rank, std::size_t weightRank) {
    if (!graph::isConvolution(layer.op)) return static_cast<int>(rank) - 1;
    return rank < weightRank ? 0 : 1;
}

DependencyGroup ChannelWalk::walk(const Node& layer) {
    const std::int64_t filters = channelsMadeBy(m_graph, m_uses, layer).value_or(0);
    ChannelMap units = identityMap(filters);
    do {
        start(layer, units);
        while (m_group.obstacle.empty() && !m_pending.empty()) {
            const ValueId value = m_pending.back();
            m_pending.pop_back();
            const Place place = m_places.at(value); // a copy: rules add places
            backward(value, place);
            for (const auto& use : m_uses.uses(value))
                forward(use, value, place);
        }
    } while (joinMerged(units));
    if (!m_group.obstacle.empty()) m_group.channels = filters;
    for (const auto& [value, place] : m_places) {
        if (m_graph.value(value).kind != graph::ValueKind::Weight) m_group.values.push_back({value, place.axis, place.channels});
    }
    collectNodes();
    return std::move(m_group);
}

void ChannelWalk::start(const Node& layer, const ChannelMap& units) {
    m_group = {};
    m_knownWeights.clear();
    m_knownLiterals.clear();
    m_places.clear();
    m_pending.clear();
    m_merges.clear();
    m_group.layer = layer.name;
    m_group.channels = units.empty() ? 0 : *std::ranges::max_element(units) + 1;
    const auto rank = rankOf(layer.results.front());
    if (!rank || *rank == 0 || (graph::isConvolution(layer.op) && *rank < 2)) return shapesUnknown(layer);
    if (const auto recurrent = recurrentWeights(m_graph, layer)) { // each direction gives all of its units
        ChannelMap features;
        for (std::size_t direction = 0; direction < recurrent->directions; ++direction)
            features.insert(features.end(), units.begin(), units.end());
        return visit(layer.results.front(), static_cast<int>(*rank) - 1, features);
    }
    const auto info = graph::layerWeightOf(m_graph, m_uses, layer);
    visit(layer.results.front(), outputAxis(layer, *rank, m_graph.value(info->weight).data.shape().size()), units);
}

/// Channels that were found to go together become one. Is there something to do again?
bool ChannelWalk::joinMerged(ChannelMap& units) {
    if (m_merges.empty()) return false;
    std::vector<std::int32_t> parents(static_cast<std::size_t>(m_group.channels));
    std::iota(parents.begin(), parents.end(), 0);
    const auto root = [&](std::int32_t channel) {
        auto at = static_cast<std::size_t>(channel);
        while (parents[at] != static_cast<std::int32_t>(at))
            at = static_cast<std::size_t>(parents[at] = parents[static_cast<std::size_t>(parents[at])]);
        return static_cast<std::int32_t>(at);
    };
    for (const auto& [one, other] : m_merges) {
        const std::int32_t first = std::min(root(one), root(other)), second = std::max(root(one), root(other));
        parents[static_cast<std::size_t>(second)] = first;
    }
    std::map<std::int32_t, std::int32_t> numbers;
    for (std::int32_t& unit : units)
        unit = numbers.try_emplace(root(unit), static_cast<std::int32_t>(numbers.size())).first->second;
    if (numbers.size() > 1) return true;
    m_group.obstacle = {"prune.channelsMeet", {{"node", m_mergedAt}}};
    return false;
}

void ChannelWalk::obstruct(const base::Message& reason) {
    if (m_group.obstacle.empty()) m_group.obstacle = reason;
}
void ChannelWalk::unknown(const Node& node) { obstruct({"prune.mayMix", {{"node", node.name}, {"op", node.op}}}); }
void ChannelWalk::shapesUnknown(const Node& node) { obstruct({"prune.shapesUnknown", {{"node", node.name}}}); }

std::optional<std::size_t> ChannelWalk::rankOf(ValueId id) const {
    const auto& shape = m_graph.value(id).shape;
    if (!shape) return std::nullopt;
    return shape->size();
}

std::optional<std::vector<std::int64_t>> ChannelWalk::sizesOf(ValueId id) const {
    const auto& shape = m_graph.value(id).shape;
    if (!shape) return std::nullopt;
    std::vector<std::int64_t> sizes;
    for (const graph::Dim& dim : *shape)
        sizes.push_back(dim.size < 0 ? 1 : dim.size);
    return sizes;
}

std::int64_t ChannelWalk::sizeFromEnd(ValueId id, int fromEnd) const {
    const auto sizes = sizesOf(id);
    const int axis = sizes ? static_cast<int>(sizes->size()) - fromEnd : -1;
    return axis < 0 ? 1 : (*sizes)[static_cast<std::size_t>(axis)];
}

void ChannelWalk::visit(ValueId value, int axis, const ChannelMap& channels) {
    if (std::ranges::all_of(channels, [](std::int32_t channel) { return channel == noChannel; })) return;
    if (m_graph.value(value).kind == graph::ValueKind::Weight) { // a constant that a view was taken of, or that another one meets
        const auto& readers = m_uses.uses(value);
        if (readers.empty() || readers.front().node == nullptr) return obstruct({"prune.isOutput", {{"node", m_graph.value(value).name}}});
        addWeight(value, axis, channels, *readers.front().node, SliceRole::Vector);
    }
    const auto sizes = sizesOf(value);
    if (!sizes || axis < 0 || static_cast<std::size_t>(axis) >= sizes->size())
        return obstruct({"prune.shapeUnknown", {{"node", m_graph.value(value).name}}});
    if ((*sizes)[static_cast<std::size_t>(axis)] != static_cast<std::int64_t>(channels.size()))
        return obstruct({"prune.shapeDoesNotFit", {{"node", m_graph.value(value).name}}});
    const auto [found, isNew] = m_places.try_emplace(value, Place{axis, channels});
    if (isNew) {
        m_pending.push_back(value);
    } else if (found->second.axis != axis) {
        obstruct({"prune.channelsMeet", {{"node", m_graph.value(value).name}}});
    } else if (join(found->second.channels, channels, m_graph.value(value).name)) {
        m_pending.push_back(value);
    }
}

void ChannelWalk::couple(const Node& node, ValueId value, int axis, const ChannelMap& channels) {
    if (m_graph.value(value).kind == graph::ValueKind::Weight) {
        addWeight(value, axis, channels, node, SliceRole::Vector);
    } else {
        visit(value, axis, channels);
    }
}

void ChannelWalk::addWeight(ValueId weight, int axis, const ChannelMap& channels, const Node& node, SliceRole role) {
    const graph::Value& value = m_graph.value(weight);
    if (value.kind != graph::ValueKind::Weight) return obstruct({"prune.aWeightIsComputed", {{"node", node.name}}});
    const auto at = static_cast<std::size_t>(axis);
    if (at >= value.data.shape().size() || value.data.shape()[at] != static_cast<std::int64_t>(channels.size()))
        return obstruct({"prune.weightDoesNotFit", {{"weight", value.name}, {"node", node.name}}});
    if (m_uses.uses(weight).size() > 1) return obstruct({"prune.isUsedTwice", {{"node", value.name}}});
    const auto [known, isNew] = m_knownWeights.try_emplace({weight, axis}, m_group.weights.size());
    if (isNew) {
        m_group.weights.push_back({weight, axis, channels, node.name, role});
    } else { // reached from both ends
        join(m_group.weights[known->second].channels, channels, value.name);
    }
}

void ChannelWalk::addVector(const Node& node, std::string_view role, const ChannelMap& channels) {
    if (const auto vector = graph::Call(node).value(role)) addWeight(*vector, 0, channels, node, SliceRole::Vector);
}

void ChannelWalk::addLiteral(const Node& node, std::string_view role, int element, const ChannelMap& channels, bool isFromEnd) {
    const auto position = static_cast<int>(*graph::findOperator(node.op)->position(role));
    const auto [known, isNew] = m_knownLiterals.try_emplace({node.name, position, element}, m_group.literals.size());
    if (isNew) {
        m_group.literals.push_back({node.name, position, element, channels, isFromEnd, false});
    } else {
        join(m_group.literals[known->second].channels, channels, node.name);
    }
}

void ChannelWalk::addSize(const Node& node, std::string_view role, int element, const ChannelMap& channels) {
    const auto at = static_cast<std::size_t>(element);
    const auto* list = std::get_if<std::vector<Operand>>(&graph::Call(node).operand(role).content);
    const bool isComputed = list != nullptr && at < list->size() && (*list)[at].isValue();
    if (!isComputed && numberAt(node, role, at).value_or(-1) < 0) return;
    addLiteral(node, role, element, channels);
    const auto position = static_cast<int>(*graph::findOperator(node.op)->position(role));
    m_group.literals[m_knownLiterals.at({node.name, position, element})].isComputed = isComputed;
}

std::optional<std::int64_t> ChannelWalk::numberAt(const Node& node, std::string_view role, std::size_t element) {
    const Operand& operand = graph::Call(node).operand(role);
    if (const auto sizes = operand.literal<std::vector<std::int64_t>>(); sizes && element < sizes->size()) return (*sizes)[element];
    const auto* list = std::get_if<std::vector<Operand>>(&operand.content);
    return list != nullptr && element < list->size() ? (*list)[element].literal<std::int64_t>() : std::nullopt;
}

bool ChannelWalk::join(ChannelMap& into, const ChannelMap& from, const std::string& at) {
    bool isChanged = false;
    for (std::size_t i = 0; i < into.size() && i < from.size(); ++i) {
        if (into[i] == from[i] || from[i] == noChannel) continue;
        if (into[i] == noChannel) {
            into[i] = from[i];
            isChanged = true;
        } else {
            m_merges.emplace_back(into[i], from[i]);
            m_mergedAt = at;
        }
    }
    return isChanged;
}

ChannelMap ChannelWalk::inBlocks(const ChannelMap& channels, std::int64_t block, const std::string& at) {
    ChannelMap joined = channels;
    const auto width = static_cast<std::size_t>(block);
    for (std::size_t first = 0; first + width <= joined.size(); first += width) {
        const auto begin = joined.begin() + static_cast<std::ptrdiff_t>(first), end = begin + static_cast<std::ptrdiff_t>(width);
        const auto known = std::find_if(begin, end, [](std::int32_t channel) { return channel != noChannel; });
        if (known == end) continue;
        const std::int32_t channel = *known;
        for (auto each = begin; each != end; ++each) {
            if (*each != noChannel && *each != channel) {
                m_merges.emplace_back(channel, *each);
                m_mergedAt = at;
            }
            *each = channel;
        }
    }
    return joined;
}

// ---- from a value to those that read it

void ChannelWalk::forward(const graph::UseIndex::Use& use, ValueId value, const Place& place) {
    if (use.node == nullptr) return obstruct({"prune.isOutput", {{"node", m_graph.value(value).name}}});
    const Node& node = *use.node;
    const ValueId result = node.results.empty() ? -1 : node.results.front();
    const ChannelRule rule = graph::channelRule(node.op);
    if (rule == ChannelRule::Broadcasts) return forwardBroadcast(node, value, place);
    if (rule == ChannelRule::Attends) return attend(node, use.operand, place);
    if (rule == ChannelRule::Mixes) return multiply(node, use.operand, place);
    if (rule == ChannelRule::Recurs && use.operand != 0) return recurrentUnits(node, value, place);
    // The result has the shape of the tensor that gives it one.
    if (rule == ChannelRule::Reshapes && graph::isRole(node, use.operand, "other")) return visit(result, place.axis, place.channels);
    if (use.operand != 0) return unknown(node);
    switch (rule) {
    case ChannelRule::Measures:
        return;
    case ChannelRule::Keeps:
        return visit(result, place.axis, place.channels);
    case ChannelRule::Pools:
        return place.axis != 1 ? unknown(node) : visit(result, place.axis, place.channels);
    case ChannelRule::KeepsOthers:
        if (worksAlong(node, place.axis) && !followNorm(node, place)) return unknown(node);
        return visit(result, place.axis, place.channels);
    case ChannelRule::BatchNorm:
    case ChannelRule::Slopes:
        return normalize(node, value, place);
    case ChannelRule::GroupNorm:
        return normalizeGroups(node, value, place);
    case ChannelRule::Reshapes:
        return forwardReshape(node, value, place);
    case ChannelRule::Concatenates:
        return forwardConcatenate(node, value, place);
    case ChannelRule::Stacks:
        return stack(node, place, false);
    case ChannelRule::Splits:
        return forwardSplit(node, value, place);
    case ChannelRule::Gates:
        return gate(node, value, place, false);
    case ChannelRule::Slices:
        return forwardSlice(node, value, place);
    case ChannelRule::Selects:
        return select(node, place, false);
    case ChannelRule::Pads:
        return forwardPad(node, value, place);
    case ChannelRule::Expands:
        return forwardExpand(node, value, place);
    case ChannelRule::Tiles:
        return forwardTile(node, value, place);
    case ChannelRule::PixelShuffles:
    case ChannelRule::PixelUnshuffles:
        return shufflePixels(node, value, place, false);
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
        if (found == kept->end() && followsMean(node)) return;
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
    case ChannelRule::Recurs:
        return forwardRecurrent(node, place);
    case ChannelRule::Broadcasts:
    case ChannelRule::Attends:
    case ChannelRule::Mixes:
    case ChannelRule::Unknown:
        return unknown(node);
    }
}

// ---- from a value to what makes it: its own rule then goes forward again, so only the input's channels have to be found

void ChannelWalk::backward(ValueId value, const Place& place) {
    const Node* producer = m_uses.producer(value);
    if (m_graph.value(value).kind == graph::ValueKind::Weight) return;
    if (producer == nullptr) return obstruct({"prune.isInput", {{"node", m_graph.value(value).name}}});
    const Node& node = *producer;
    if (node.op == graph::op::listUnpack || graph::Call(node).has("idx")) return backwardSplit(node, value, place);
    const ChannelRule rule = graph::channelRule(node.op);
    if (rule == ChannelRule::Broadcasts) return backwardBroadcast(node, value, place);
    if (rule == ChannelRule::Concatenates) return backwardConcatenate(node, value, place);
    if (rule == ChannelRule::Stacks) return stack(node, place, true);
    if (rule == ChannelRule::Recurs) return recurrentUnits(node, value, place);
    if (node.op == graph::op::embedding) return backwardEmbedding(node, place);
    // zeros, ones, full: made in the size that is asked for
    const graph::Operator* known = graph::findOperator(node.op);
    if (known != nullptr && known->position("size") == 0U) return addSize(node, "size", place.axis, place.channels);
    const auto main = graph::mainInput(node);
    if (!main || node.results.front() != value) return unknown(node);
    const ValueId input = *main;
    switch (rule) {
    case ChannelRule::Keeps:
    case ChannelRule::Pools:
    case ChannelRule::BatchNorm:
    case ChannelRule::GroupNorm:
    case ChannelRule::Slopes:
        return visit(input, place.axis, place.channels);
    case ChannelRule::KeepsOthers:
        if (worksAlong(node, place.axis) && !followNorm(node, place)) return unknown(node);
        return visit(input, place.axis, place.channels);
    case ChannelRule::Reshapes:
        return backwardReshape(node, value, place);
    case ChannelRule::Gates:
        return gate(node, value, place, true);
    case ChannelRule::Slices:
        return backwardSlice(node, place);
    case ChannelRule::Selects:
        return select(node, place, true);
    case ChannelRule::Pads:
        return backwardPad(node, value, place);
    case ChannelRule::Expands:
        return backwardExpand(node, value, place);
    case ChannelRule::Tiles:
        return backwardTile(node, value, place);
    case ChannelRule::PixelShuffles:
    case ChannelRule::PixelUnshuffles:
        return shufflePixels(node, value, place, true);
    case ChannelRule::Transposes:
    case ChannelRule::Permutes: {
        const auto order = permutation(node);
        return order ? visit(input, (*order)[static_cast<std::size_t>(place.axis)], place.channels) : unknown(node);
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
    case ChannelRule::Attends:
        return attend(node, -1, place);
    case ChannelRule::Mixes:
        return multiply(node, -1, place);
    default:
        return unknown(node);
    }
}

/// Names in execution order, which is the order in which people read the model.
void ChannelWalk::collectNodes() {
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

} // namespace lathe::transform
