// How channels go through operators that take parts of a tensor, or put edges around it.
#include <algorithm>
#include <limits>
#include <optional>
#include <variant>
#include <vector>

#include <core/graph/operators/names.h>
#include <core/transform/prune/channel_walk.h>

namespace lathe::transform {

namespace {

using graph::Node;
using graph::ValueId;

struct Part {
    ValueId value = -1;
    std::int64_t index = 0; ///< negative: from the end
};

/// Who takes which part of the list; nothing when somebody reads it otherwise.
std::optional<std::vector<Part>> partsOfList(const graph::UseIndex& uses, ValueId list) {
    std::vector<Part> parts;
    for (const auto& use : uses.uses(list)) {
        if (use.node == nullptr || use.operand != 0) return std::nullopt;
        if (use.node->op == graph::op::listUnpack) {
            for (std::size_t i = 0; i < use.node->results.size(); ++i)
                parts.push_back({use.node->results[i], static_cast<std::int64_t>(i)});
        } else if (const auto index = graph::Call(*use.node).integer("idx")) { // one element of a list
            parts.push_back({use.node->results.front(), *index});
        } else {
            return std::nullopt;
        }
    }
    return parts;
}

/// The role of the sizes of parts that differ; empty for equal parts.
std::string_view sizesRole(const Node& node) {
    const graph::Call call(node);
    if (call.has("split_sizes")) return "split_sizes";
    return call.has("split_size") && !call.integer("split_size") ? "split_size" : "";
}

/// Does each index of the dimension become a tensor of its own (unbind)?
bool isUnbind(const Node& node) {
    const graph::Call call(node);
    return !call.has("split_sizes") && !call.has("split_size") && !call.has("chunks");
}

/// Sizes of the parts along a dimension of `size`.
std::optional<std::vector<std::int64_t>> partSizes(const Node& node, std::int64_t size) {
    const graph::Call call(node);
    std::vector<std::int64_t> sizes;
    if (const std::string_view role = sizesRole(node); !role.empty()) {
        const auto* list = std::get_if<std::vector<graph::Operand>>(&call.operand(role).content);
        if (const auto literal = call.integers(role)) sizes = *literal;
        for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
            const auto each = (*list)[i].literal<std::int64_t>();
            if (!each) return std::nullopt;
            sizes.push_back(*each);
        }
    } else {
        const auto chunks = call.integer("chunks"), given = call.integer("split_size");
        const std::int64_t each = chunks && *chunks > 0 ? (size + *chunks - 1) / *chunks : given.value_or(0);
        if (each < 1 || size % each != 0) return std::nullopt; // a smaller part behind the others
        sizes.assign(static_cast<std::size_t>(size / each), each);
    }
    std::int64_t sum = 0;
    for (const std::int64_t each : sizes)
        sum += each;
    return sum == size && !sizes.empty() ? std::optional(sizes) : std::nullopt;
}

ChannelMap section(const ChannelMap& channels, std::int64_t first, std::int64_t last) {
    return {channels.begin() + static_cast<std::ptrdiff_t>(first), channels.begin() + static_cast<std::ptrdiff_t>(last)};
}

bool isEmpty(const ChannelMap& channels) {
    return std::ranges::all_of(channels, [](std::int32_t channel) { return channel == noChannel; });
}

/// Part i of equal parts has the same channel at each place as all others.
ChannelMap sameInParts(const ChannelMap& channels, std::int64_t size) {
    ChannelMap same = channels;
    const auto width = static_cast<std::size_t>(size);
    for (std::size_t i = 0; i < same.size(); ++i) {
        for (std::size_t other = i % width; other < same.size() && same[i] == noChannel; other += width)
            same[i] = channels[other];
    }
    return same;
}

struct Range {
    std::int64_t first = 0, last = 0;
};

/// What a slice or narrow takes along a dimension of that size; nothing when it is computed or leaves some out.
std::optional<Range> rangeOf(const Node& node, std::int64_t size) {
    const graph::Call call(node);
    const auto start = call.operand("start").isNone() ? std::optional<std::int64_t>(0) : call.integer("start");
    if (!start) return std::nullopt;
    const auto within = [size](std::int64_t index) { return std::clamp<std::int64_t>(index < 0 ? index + size : index, 0, size); };
    if (call.has("length")) { // narrow
        const auto length = call.integer("length");
        const std::int64_t first = within(*start);
        return length && *length >= 0 && first + *length <= size ? std::optional(Range{first, first + *length}) : std::nullopt;
    }
    const auto end = call.operand("end").isNone() ? std::optional(std::numeric_limits<std::int64_t>::max()) : call.integer("end");
    if (!end || call.integer("step") != 1) return std::nullopt;
    const Range range{within(*start), within(*end)};
    return range.first <= range.last ? std::optional(range) : std::nullopt;
}

/// The padding before and behind a dimension.
std::optional<Range> padding(const Node& node, int fromEnd) {
    const graph::Call call(node);
    const graph::Operand& operand = call.operand(call.has("pad") ? "pad" : "padding");
    std::vector<std::int64_t> amounts = operand.literal<std::vector<std::int64_t>>().value_or(std::vector<std::int64_t>{});
    const auto* list = std::get_if<std::vector<graph::Operand>>(&operand.content);
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
        const auto each = (*list)[i].literal<std::int64_t>();
        if (!each) return std::nullopt;
        amounts.push_back(*each);
    }
    if (amounts.empty()) return std::nullopt;
    const auto at = static_cast<std::size_t>(2 * (fromEnd - 1));
    const Range edges = at + 1 < amounts.size() ? Range{amounts[at], amounts[at + 1]} : Range{};
    const bool isConstant = call.has("mode") ? call.literal<std::string>("mode") == "constant" : !call.has("padding"); // else reflected
    const bool isNone = edges.first == 0 && edges.last == 0;
    return isNone || (isConstant && edges.first >= 0 && edges.last >= 0) ? std::optional(edges) : std::nullopt;
}

} // namespace

void ChannelWalk::forwardSplit(const Node& node, ValueId value, const Place& place) {
    const auto parts = partsOfList(m_uses, node.results.front());
    const auto rank = rankOf(value);
    const auto dim = rank ? normalizedAxis(graph::Call(node).operand("dim"), *rank) : std::nullopt;
    if (!parts || !dim) return unknown(node);
    const bool isUnbound = isUnbind(node);
    if (*dim != place.axis) {
        for (const Part& part : *parts)
            visit(part.value, isUnbound && place.axis > *dim ? place.axis - 1 : place.axis, place.channels);
        return;
    }
    const auto sizes = isUnbound ? std::nullopt : partSizes(node, static_cast<std::int64_t>(place.channels.size()));
    if (isUnbound) return obstruct({"prune.picksChannel", {{"node", node.name}}});
    if (!sizes) return unknown(node);
    const std::string_view role = sizesRole(node);
    ChannelMap channels = place.channels;
    if (role.empty() && sizes->size() > 1) { // parts stay equal when each loses the same
        channels = sameInParts(channels, sizes->front());
        visit(value, place.axis, channels);
        for (std::size_t i = 0; i < channels.size(); ++i) {
            const std::int32_t first = channels[i % static_cast<std::size_t>(sizes->front())];
            if (channels[i] == first) continue;
            m_merges.emplace_back(first, channels[i]);
            m_mergedAt = node.name;
        }
    }
    std::vector<ChannelMap> sections;
    std::int64_t first = 0;
    for (std::size_t i = 0; i < sizes->size(); ++i) {
        sections.push_back(section(channels, first, first + (*sizes)[i]));
        first += (*sizes)[i];
        if (!role.empty()) addLiteral(node, role, static_cast<int>(i), sections.back());
    }
    if (graph::Call(node).integer("split_size")) addLiteral(node, "split_size", -1, sections.front());
    for (const Part& part : *parts) {
        const std::int64_t index = part.index < 0 ? part.index + std::ssize(sections) : part.index;
        if (index < 0 || index >= std::ssize(sections)) return unknown(node);
        visit(part.value, place.axis, sections[static_cast<std::size_t>(index)]);
    }
}

/// glu: the second half of a dimension says how much of the first one passes.
void ChannelWalk::gate(const Node& node, ValueId value, const Place& place, bool isBackward) {
    const auto rank = rankOf(value);
    const auto dim = rank ? normalizedAxis(graph::Call(node).operand("dim"), *rank) : std::nullopt;
    if (!dim) return unknown(node);
    const ValueId other = isBackward ? *graph::mainInput(node) : node.results.front();
    if (*dim != place.axis) return visit(other, place.axis, place.channels);
    ChannelMap channels = place.channels;
    if (isBackward) {
        channels.insert(channels.end(), place.channels.begin(), place.channels.end());
        return visit(other, place.axis, channels);
    }
    if (channels.size() % 2 != 0) return unknown(node);
    const auto half = static_cast<std::int64_t>(channels.size() / 2);
    ChannelMap first = section(channels, 0, half);
    join(first, section(channels, half, 2 * half), node.name);
    channels = first;
    channels.insert(channels.end(), first.begin(), first.end());
    visit(value, place.axis, channels);
    visit(other, place.axis, first);
}

void ChannelWalk::backwardSplit(const Node& node, ValueId value, const Place& place) {
    const auto list = graph::mainInput(node);
    const Node* split = list ? m_uses.producer(*list) : nullptr;
    const auto input = split != nullptr ? graph::mainInput(*split) : std::nullopt;
    if (!input || graph::channelRule(split->op) != graph::ChannelRule::Splits) return unknown(node);
    const auto parts = partsOfList(m_uses, *list);
    const auto sizes = sizesOf(*input);
    const auto dim = sizes ? normalizedAxis(graph::Call(*split).operand("dim"), sizes->size()) : std::nullopt;
    if (!parts || !dim) return unknown(*split);
    if (isUnbind(*split)) return visit(*input, place.axis >= *dim ? place.axis + 1 : place.axis, place.channels);
    if (*dim != place.axis) return visit(*input, place.axis, place.channels);
    const auto lengths = partSizes(*split, (*sizes)[static_cast<std::size_t>(*dim)]);
    const auto found = std::ranges::find(*parts, value, &Part::value);
    if (!lengths || found == parts->end()) return unknown(*split);
    const std::int64_t index = found->index < 0 ? found->index + std::ssize(*lengths) : found->index;
    ChannelMap channels;
    for (std::int64_t i = 0; i < std::ssize(*lengths); ++i) {
        if (i == index) {
            channels.insert(channels.end(), place.channels.begin(), place.channels.end());
        } else {
            channels.resize(channels.size() + static_cast<std::size_t>((*lengths)[static_cast<std::size_t>(i)]), noChannel);
        }
    }
    visit(*input, *dim, sizesRole(*split).empty() ? sameInParts(channels, lengths->front()) : channels);
}

void ChannelWalk::forwardSlice(const Node& node, ValueId value, const Place& place) {
    const auto rank = rankOf(value);
    const auto dim = rank ? normalizedAxis(graph::Call(node).operand("dim"), *rank) : std::nullopt;
    if (!dim) return unknown(node);
    const ValueId result = node.results.front();
    if (*dim != place.axis) return visit(result, place.axis, place.channels);
    const auto size = static_cast<std::int64_t>(place.channels.size());
    const auto range = rangeOf(node, size);
    if (!range) return unknown(node);
    const graph::Call call(node);
    // A bound counts the channels before it, a negative one those behind.
    const auto addBound = [&](std::string_view role, std::int64_t index) {
        const auto given = call.integer(role);
        if (!given || *given >= size || *given < -size) return;
        const ChannelMap counted = *given < 0 ? section(place.channels, index, size) : section(place.channels, 0, index);
        if (!isEmpty(counted)) addLiteral(node, role, -1, counted, *given < 0);
    };
    addBound("start", range->first);
    const ChannelMap taken = section(place.channels, range->first, range->last);
    if (call.has("length")) { // narrow
        if (!isEmpty(taken)) addLiteral(node, "length", -1, taken);
    } else {
        addBound("end", range->last);
    }
    visit(result, place.axis, taken);
}

void ChannelWalk::backwardSlice(const Node& node, const Place& place) {
    const ValueId input = *graph::mainInput(node);
    const auto sizes = sizesOf(input);
    const auto dim = sizes ? normalizedAxis(graph::Call(node).operand("dim"), sizes->size()) : std::nullopt;
    if (!dim) return unknown(node);
    if (*dim != place.axis) return visit(input, place.axis, place.channels);
    const std::int64_t size = (*sizes)[static_cast<std::size_t>(*dim)];
    const auto range = rangeOf(node, size);
    if (!range || range->last - range->first != static_cast<std::int64_t>(place.channels.size())) return unknown(node);
    ChannelMap channels(static_cast<std::size_t>(size), noChannel);
    std::ranges::copy(place.channels, channels.begin() + static_cast<std::ptrdiff_t>(range->first));
    visit(input, place.axis, channels);
}

namespace {

constexpr int pickedAxis = -1;

/// For each axis of the result of x[:, i, j]: that of the input whose channels it has, or pickedAxis. `ranks`: of the tensors of indices,
/// nothing where an axis has none.
std::vector<int> axesBehindIndices(std::size_t rank, const std::vector<std::optional<std::size_t>>& ranks) {
    std::vector<int> axes;
    std::size_t picked = 0, first = rank, last = 0, count = 0;
    for (std::size_t axis = 0; axis < ranks.size(); ++axis) {
        if (!ranks[axis]) continue;
        picked = std::max(picked, *ranks[axis]);
        first = std::min(first, axis);
        last = axis;
        ++count;
    }
    // Tensors that do not stand side by side put what they pick in front.
    const std::size_t place = last - first + 1 == count ? first : 0;
    for (std::size_t axis = 0; axis <= rank; ++axis) {
        if (axis == place) axes.insert(axes.end(), picked, pickedAxis);
        if (axis < rank && (axis >= ranks.size() || !ranks[axis])) axes.push_back(static_cast<int>(axis));
    }
    return axes;
}

} // namespace

std::optional<std::vector<int>> ChannelWalk::axesBehind(const Node& node) const {
    const graph::Call call(node);
    const auto rank = rankOf(*graph::mainInput(node));
    if (!rank) return std::nullopt;
    std::vector<std::optional<std::size_t>> ranks;
    if (call.has("indices")) {
        const auto* list = std::get_if<std::vector<graph::Operand>>(&call.operand("indices").content);
        if (list == nullptr || list->size() > *rank) return std::nullopt;
        for (const graph::Operand& indices : *list) {
            ranks.emplace_back();
            if (indices.isNone()) continue;
            if (!indices.isValue()) return std::nullopt;
            const auto dtype = m_graph.value(indices.value()).dtype;
            ranks.back() = rankOf(indices.value());
            // A mask stands for several axes.
            if (!ranks.back() || !dtype || *dtype == tensor::DType::Bool || *dtype == tensor::DType::UInt8) return std::nullopt;
        }
        if (std::ranges::none_of(ranks, [](const auto& each) { return each.has_value(); })) return std::nullopt;
    } else {
        const auto dim = normalizedAxis(call.operand("dim"), *rank);
        if (!dim) return std::nullopt;
        ranks.resize(static_cast<std::size_t>(*dim) + 1);
        ranks.back() = node.op == graph::op::select ? 0 : 1;
    }
    return axesBehindIndices(*rank, ranks);
}

void ChannelWalk::select(const Node& node, const Place& place, bool isBackward) {
    const auto axes = axesBehind(node);
    if (!axes) return unknown(node);
    if (isBackward) {
        const int axis = (*axes)[static_cast<std::size_t>(place.axis)];
        return axis == pickedAxis ? unknown(node) : visit(*graph::mainInput(node), axis, place.channels);
    }
    const auto found = std::ranges::find(*axes, place.axis);
    if (found == axes->end()) return obstruct({"prune.picksChannel", {{"node", node.name}}});
    visit(node.results.front(), static_cast<int>(found - axes->begin()), place.channels);
}

void ChannelWalk::forwardPad(const Node& node, ValueId value, const Place& place) {
    const auto rank = rankOf(value);
    const auto edges = rank ? padding(node, static_cast<int>(*rank) - place.axis) : std::nullopt;
    if (!edges) return unknown(node);
    ChannelMap padded(static_cast<std::size_t>(edges->first), noChannel);
    padded.insert(padded.end(), place.channels.begin(), place.channels.end());
    padded.resize(padded.size() + static_cast<std::size_t>(edges->last), noChannel);
    visit(node.results.front(), place.axis, padded);
}

void ChannelWalk::backwardPad(const Node& node, ValueId value, const Place& place) {
    const auto rank = rankOf(value);
    const auto edges = rank ? padding(node, static_cast<int>(*rank) - place.axis) : std::nullopt;
    const auto size = static_cast<std::int64_t>(place.channels.size());
    if (!edges || edges->first + edges->last > size) return unknown(node);
    if (!isEmpty(section(place.channels, 0, edges->first)) || !isEmpty(section(place.channels, size - edges->last, size)))
        return unknown(node); // edges stay as wide as they are
    visit(*graph::mainInput(node), place.axis, section(place.channels, edges->first, size - edges->last));
}

} // namespace lathe::transform
