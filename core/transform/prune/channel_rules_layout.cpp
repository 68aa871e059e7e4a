// How channels go through operators that combine, move, join and repeat elements.
#include <algorithm>

#include <core/transform/prune/channel_walk.h>

namespace lathe::transform {

using graph::ChannelRule;

// ---- element by element

void ChannelWalk::forwardBroadcast(const Node& node, ValueId value, const Place& place) {
    const ValueId result = node.results.front();
    const auto resultRank = rankOf(result);
    const auto rank = rankOf(value);
    if (!resultRank || !rank) return shapesUnknown(node);
    // Broadcasting aligns the last dimensions.
    const int fromEnd = static_cast<int>(*rank) - place.axis;
    for (const Operand& other : node.operands) {
        if (!other.isValue() || other.value() == value || m_graph.value(other.value()).type != graph::TypeKind::Tensor) continue;
        const auto sizes = sizesOf(other.value());
        if (!sizes) return shapesUnknown(node);
        const int axis = static_cast<int>(sizes->size()) - fromEnd;
        const bool isBroadcast = axis < 0 || (*sizes)[static_cast<std::size_t>(axis)] == 1;
        if (!isBroadcast) couple(node, other.value(), axis, place.channels);
    }
    visit(result, static_cast<int>(*resultRank) - fromEnd, place.channels);
}

void ChannelWalk::backwardBroadcast(const Node& node, ValueId value, const Place& place) {
    const int fromEnd = static_cast<int>(rankOf(value).value_or(0)) - place.axis;
    for (const Operand& each : node.operands) {
        if (!each.isValue() || m_graph.value(each.value()).type != graph::TypeKind::Tensor) continue;
        const ValueId operand = each.value();
        if (m_graph.value(operand).kind == graph::ValueKind::Weight) continue;
        const auto sizes = sizesOf(operand);
        if (!sizes) return shapesUnknown(node);
        const int axis = static_cast<int>(sizes->size()) - fromEnd;
        if (axis < 0 || (*sizes)[static_cast<std::size_t>(axis)] != static_cast<std::int64_t>(place.channels.size())) continue;
        return visit(operand, axis, place.channels); // the others follow from it
    }
    unknown(node);
}

bool ChannelWalk::worksAlong(const Node& node, int axis) const {
    const graph::Call call(node);
    const auto rank = rankOf(node.results.front());
    if (!rank) return true;
    if (const auto shape = call.integers("normalized_shape")) return axis + std::ssize(*shape) >= static_cast<std::int64_t>(*rank);
    if (const auto dims = call.integers("dims")) { // none: along the whole memory
        return dims->empty() ||
               std::ranges::any_of(*dims, [&](std::int64_t dim) { return normalizedAxis(Operand(graph::Literal(dim)), *rank) == axis; });
    }
    const auto dim = normalizedAxis(call.operand("dim"), *rank);
    return !dim || *dim == axis;
}

// ---- the same elements in another shape

std::optional<ReshapedAxis> ChannelWalk::reshaped(ValueId from, ValueId to, const Place& place, const Node& node) {
    const auto fromSizes = sizesOf(from), toSizes = sizesOf(to);
    if (!fromSizes || !toSizes) {
        shapesUnknown(node);
        return std::nullopt;
    }
    const auto known = m_places.find(to);
    const auto found = regroup(*fromSizes, place.axis, place.channels, *toSizes, m_choice,
                               known == m_places.end() ? std::nullopt : std::optional(known->second.axis));
    if (!found) return std::nullopt;
    m_choices = std::max(m_choices, found->candidates);
    if (!found->together.empty()) m_mergedAt = node.name;
    m_merges.insert(m_merges.end(), found->together.begin(), found->together.end());
    return found->axis;
}

void ChannelWalk::forwardReshape(const Node& node, ValueId value, const Place& place) {
    const ValueId result = node.results.front();
    const auto from = sizesOf(value), to = sizesOf(result);
    if (!from || !to) return shapesUnknown(node);
    auto found = reshapeForward(*from, place.axis, place.channels, *to);
    if (!found) found = reshaped(value, result, place, node);
    if (!found) return obstruct({"prune.spreadsChannels", {{"node", node.name}}});
    addShapeLiteral(node, *found);
    visit(result, found->axis, found->channels);
}

void ChannelWalk::backwardReshape(const Node& node, ValueId value, const Place& place) {
    const ValueId input = *graph::mainInput(node);
    const auto from = sizesOf(input), to = sizesOf(value);
    if (!from || !to) return shapesUnknown(node);
    auto found = reshapeBackward(*from, *to, place.axis, place.channels);
    if (!found) found = reshaped(value, input, place, node);
    if (!found) return obstruct({"prune.coupledThrough", {{"node", node.name}}});
    visit(input, found->axis, found->channels);
}

/// The shape that a view was given may hold the number of features.
void ChannelWalk::addShapeLiteral(const Node& node, const ReshapedAxis& reshaped) {
    const graph::Call call(node);
    if (call.has("sizes")) { // unflatten: of one dimension
        const auto rank = rankOf(*graph::mainInput(node));
        const auto dim = rank ? normalizedAxis(call.operand("dim"), *rank) : std::nullopt;
        if (!dim) return unknown(node);
        const int element = reshaped.axis - *dim;
        if (element < 0) return;
        return addSize(node, "sizes", element, reshaped.channels);
    }
    const std::string_view role = call.has("size") ? "size" : "shape";
    if (!call.has(role)) return; // flatten and squeeze tell none
    addSize(node, role, reshaped.axis, reshaped.channels);
}

std::optional<std::vector<int>> ChannelWalk::permutation(const Node& node) const {
    const auto rank = rankOf(node.results.front());
    if (!rank) return std::nullopt;
    std::vector<int> order(*rank);
    for (std::size_t i = 0; i < *rank; ++i)
        order[i] = static_cast<int>(i);
    const graph::Call call(node);
    if (graph::channelRule(node.op) == ChannelRule::Transposes) {
        const bool isSwap = call.has("axis0");
        if (!isSwap && !call.has("dim0")) { // t, T: all of them
            std::ranges::reverse(order);
            return order;
        }
        const auto first = normalizedAxis(call.operand(isSwap ? "axis0" : "dim0"), *rank),
                   second = normalizedAxis(call.operand(isSwap ? "axis1" : "dim1"), *rank);
        if (!first || !second) return std::nullopt;
        std::swap(order[static_cast<std::size_t>(*first)], order[static_cast<std::size_t>(*second)]);
        return order;
    }
    const auto dims = call.integers("dims");
    if (!dims || dims->size() != *rank) return std::nullopt;
    for (std::size_t i = 0; i < *rank; ++i) {
        const auto axis = normalizedAxis(Operand(graph::Literal((*dims)[i])), *rank);
        if (!axis) return std::nullopt;
        order[i] = *axis;
    }
    return order;
}

/// The dimension of the input that each dimension of a reduction's result is; reduced ones that are kept with size 1 are −1.
std::optional<std::vector<int>> ChannelWalk::keptAxes(const Node& node) const {
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

// ---- several tensors in one

namespace {

std::optional<std::vector<graph::ValueId>> partsOf(const graph::Node& node) {
    const auto* list = std::get_if<std::vector<graph::Operand>>(&graph::Call(node).operand("tensors").content);
    if (list == nullptr) return std::nullopt;
    std::vector<graph::ValueId> parts;
    for (const graph::Operand& part : *list) {
        if (!part.isValue()) return std::nullopt;
        parts.push_back(part.value());
    }
    return parts;
}

} // namespace

void ChannelWalk::forwardConcatenate(const Node& node, ValueId value, const Place& place) {
    const auto parts = partsOf(node);
    const auto rank = rankOf(value);
    const auto axis = rank ? normalizedAxis(graph::Call(node).operand("dim"), *rank) : std::nullopt;
    if (!parts || !axis) return unknown(node);
    const ValueId result = node.results.front();
    if (*axis != place.axis) { // side by side in another dimension: all have the same channels
        for (const ValueId part : *parts)
            couple(node, part, place.axis, place.channels);
        return visit(result, place.axis, place.channels);
    }
    // Parts may be reached one after the other: the result then knows more than before, and so do its readers.
    ChannelMap joined;
    for (const ValueId part : *parts) {
        const auto sizes = sizesOf(part);
        if (!sizes || sizes->size() != *rank) return shapesUnknown(node);
        const auto known = m_places.find(part);
        if (known != m_places.end() && known->second.axis == place.axis) {
            joined.insert(joined.end(), known->second.channels.begin(), known->second.channels.end());
        } else {
            joined.resize(joined.size() + static_cast<std::size_t>((*sizes)[static_cast<std::size_t>(*axis)]), noChannel);
        }
    }
    visit(result, place.axis, joined);
}

void ChannelWalk::backwardConcatenate(const Node& node, ValueId value, const Place& place) {
    const auto parts = partsOf(node);
    const auto rank = rankOf(value);
    const auto axis = rank ? normalizedAxis(graph::Call(node).operand("dim"), *rank) : std::nullopt;
    if (!parts || !axis) return unknown(node);
    std::size_t first = 0;
    for (const ValueId part : *parts) {
        if (*axis != place.axis) {
            couple(node, part, place.axis, place.channels);
            continue;
        }
        const auto sizes = sizesOf(part);
        if (!sizes || sizes->size() != *rank) return shapesUnknown(node);
        const std::size_t end = first + static_cast<std::size_t>((*sizes)[static_cast<std::size_t>(*axis)]);
        if (end > place.channels.size()) return unknown(node);
        const ChannelMap own(place.channels.begin() + static_cast<std::ptrdiff_t>(first),
                             place.channels.begin() + static_cast<std::ptrdiff_t>(end));
        const bool isEmpty = std::ranges::all_of(own, [](std::int32_t channel) { return channel == noChannel; });
        if (!isEmpty) couple(node, part, place.axis, own);
        first = end;
    }
}

/// Side by side along a dimension that is new in the result.
void ChannelWalk::stack(const Node& node, const Place& place, bool isBackward) {
    const auto parts = partsOf(node);
    const auto rank = rankOf(node.results.front());
    const auto added = rank ? normalizedAxis(graph::Call(node).operand("dim"), *rank) : std::nullopt;
    if (!parts || !added || (isBackward && place.axis == *added)) return unknown(node);
    const int axis = !isBackward || place.axis < *added ? place.axis : place.axis - 1; // of the parts
    for (const ValueId part : *parts)
        couple(node, part, axis, place.channels);
    visit(node.results.front(), axis < *added ? axis : axis + 1, place.channels);
}

// ---- elements several times

void ChannelWalk::forwardExpand(const Node& node, ValueId value, const Place& place) {
    const auto rank = rankOf(value), resultRank = rankOf(node.results.front());
    if (!rank || !resultRank) return shapesUnknown(node);
    const int axis = place.axis + static_cast<int>(*resultRank) - static_cast<int>(*rank);
    addSize(node, "size", axis, place.channels);
    visit(node.results.front(), axis, place.channels);
}

void ChannelWalk::backwardExpand(const Node& node, ValueId value, const Place& place) {
    const ValueId input = *graph::mainInput(node);
    const auto rank = rankOf(input), resultRank = rankOf(value);
    if (!rank || !resultRank) return shapesUnknown(node);
    const int fromEnd = static_cast<int>(*resultRank) - place.axis;
    addSize(node, "size", place.axis, place.channels);
    if (sizeFromEnd(input, fromEnd) == static_cast<std::int64_t>(place.channels.size()))
        visit(input, static_cast<int>(*rank) - fromEnd, place.channels);
}

void ChannelWalk::forwardTile(const Node& node, ValueId value, const Place& place) {
    const auto rank = rankOf(value), resultRank = rankOf(node.results.front());
    if (!rank || !resultRank) return shapesUnknown(node);
    const int axis = place.axis + static_cast<int>(*resultRank) - static_cast<int>(*rank);
    const auto times = numberAt(node, "repeats", static_cast<std::size_t>(axis));
    if (!times || *times < 1) return unknown(node);
    ChannelMap tiled;
    for (std::int64_t time = 0; time < *times; ++time)
        tiled.insert(tiled.end(), place.channels.begin(), place.channels.end());
    visit(node.results.front(), axis, tiled);
}

void ChannelWalk::backwardTile(const Node& node, ValueId value, const Place& place) {
    const ValueId input = *graph::mainInput(node);
    const auto rank = rankOf(input), resultRank = rankOf(value);
    if (!rank || !resultRank) return shapesUnknown(node);
    const int fromEnd = static_cast<int>(*resultRank) - place.axis;
    const std::int64_t size = sizeFromEnd(input, fromEnd);
    if (size == 1) { // as often as there are channels
        const auto times = numberAt(node, "repeats", static_cast<std::size_t>(place.axis));
        return times ? addLiteral(node, "repeats", place.axis, place.channels) : unknown(node);
    }
    if (size < 1 || static_cast<std::int64_t>(place.channels.size()) % size != 0) return unknown(node);
    ChannelMap own(static_cast<std::size_t>(size), noChannel);
    for (std::size_t first = 0; first < place.channels.size(); first += own.size())
        join(own,
             ChannelMap(place.channels.begin() + static_cast<std::ptrdiff_t>(first),
                        place.channels.begin() + static_cast<std::ptrdiff_t>(first + own.size())),
             node.name);
    visit(input, static_cast<int>(*rank) - fromEnd, own);
}

/// r² channels of small images are one of a large image; unshuffling the other way round.
void ChannelWalk::shufflePixels(const Node& node, ValueId value, const Place& place, bool isBackward) {
    const graph::Call call(node);
    const bool isShuffle = graph::channelRule(node.op) == ChannelRule::PixelShuffles;
    const auto factor = call.integer(isShuffle ? "upscale_factor" : "downscale_factor");
    const auto rank = rankOf(value);
    if (!factor || *factor < 1 || !rank || place.axis + 3 != static_cast<int>(*rank)) return unknown(node);
    const auto block = static_cast<std::size_t>(*factor * *factor);
    const ValueId other = isBackward ? *graph::mainInput(node) : node.results.front();
    ChannelMap map;
    if (isShuffle != isBackward) { // blocks become one
        if (place.channels.size() % block != 0) return unknown(node);
        const ChannelMap joined = inBlocks(place.channels, static_cast<std::int64_t>(block), node.name);
        visit(value, place.axis, joined);
        for (std::size_t i = 0; i < joined.size(); i += block)
            map.push_back(joined[i]);
    } else {
        for (const std::int32_t channel : place.channels)
            map.insert(map.end(), block, channel);
    }
    visit(other, place.axis, map);
}

} // namespace lathe::transform
