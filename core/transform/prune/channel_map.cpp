#include <core/transform/prune/channel_map.h>

#include <algorithm>
#include <map>
#include <numeric>

namespace lathe::transform {

namespace {

std::int64_t product(std::span<const std::int64_t> sizes) {
    return std::accumulate(sizes.begin(), sizes.end(), std::int64_t{1}, std::multiplies<>());
}

} // namespace

ChannelMap identityMap(std::int64_t channels) {
    ChannelMap map(static_cast<std::size_t>(channels));
    std::iota(map.begin(), map.end(), 0);
    return map;
}

std::optional<ReshapedAxis> reshapeForward(std::span<const std::int64_t> from, int axis, const ChannelMap& channels,
                                           std::span<const std::int64_t> to) {
    const auto at = static_cast<std::size_t>(axis);
    const std::int64_t size = from[at];
    const std::int64_t inner = product(from.subspan(at + 1));
    if (size != static_cast<std::int64_t>(channels.size()) || size == 0 || inner == 0 || product(from) != product(to)) return std::nullopt;
    for (std::size_t e = 0; e < to.size(); ++e) {
        // An index along `to[e]` tells the channel when one step along it stays within a channel and the whole of it spans all channels.
        const std::int64_t step = product(to.subspan(e + 1));
        if (step == 0 || inner % step != 0 || (step * to[e]) % (inner * size) != 0) continue;
        ReshapedAxis result{static_cast<int>(e), ChannelMap(static_cast<std::size_t>(to[e]))};
        for (std::int64_t i = 0; i < to[e]; ++i) {
            const std::int64_t channel = (i * step / inner) % size;
            result.channels[static_cast<std::size_t>(i)] = channels[static_cast<std::size_t>(channel)];
        }
        return result;
    }
    return std::nullopt;
}

std::optional<ReshapedAxis> reshapeBackward(std::span<const std::int64_t> from, std::span<const std::int64_t> to, int axis,
                                            const ChannelMap& channels) {
    for (std::size_t d = 0; d < from.size(); ++d) {
        const auto forward = reshapeForward(from, static_cast<int>(d), identityMap(from[d]), to);
        if (!forward || forward->axis != axis || forward->channels.size() != channels.size()) continue;
        ChannelMap map(static_cast<std::size_t>(from[d]), noChannel);
        for (std::size_t i = 0; i < channels.size(); ++i)
            map[static_cast<std::size_t>(forward->channels[i])] = channels[i];
        // Every index that falls on one channel has to agree about it.
        const auto back = reshapeForward(from, static_cast<int>(d), map, to);
        if (back && back->channels == channels) return ReshapedAxis{static_cast<int>(d), std::move(map)};
    }
    return std::nullopt;
}

namespace {

/// The dimensions of both shapes between two places where they have the same number of elements behind them.
struct Section {
    std::int64_t elements = 1;
    std::int64_t innerFrom = 1;          ///< behind the dimension, within the section
    std::size_t firstTo = 0, lastTo = 0; ///< dimensions of the other shape
};

std::optional<Section> sectionOf(std::span<const std::int64_t> from, std::size_t axis, std::span<const std::int64_t> to) {
    // Numbers of elements before each dimension of both shapes.
    const auto befores = [](std::span<const std::int64_t> sizes) {
        std::vector<std::int64_t> all{1};
        for (const std::int64_t size : sizes)
            all.push_back(all.back() * size);
        return all;
    };
    const std::vector<std::int64_t> before = befores(from), beforeTo = befores(to);
    std::int64_t low = 1, high = before.back();
    for (const std::int64_t each : beforeTo) {
        const bool isCommon = std::ranges::find(before, each) != before.end();
        if (isCommon && each <= before[axis]) low = std::max(low, each);
        if (isCommon && each >= before[axis + 1]) high = std::min(high, each);
    }
    Section section;
    section.elements = high / low;
    section.innerFrom = high / before[axis + 1];
    section.lastTo = to.size();
    for (std::size_t i = 0; i < to.size(); ++i) {
        if (beforeTo[i] <= low) section.firstTo = i;
        if (beforeTo[i + 1] >= high && section.lastTo == to.size()) section.lastTo = i + 1;
    }
    return section;
}

/// How many channels stay apart when these become one.
std::size_t apart(const ChannelMap& channels, const std::vector<std::pair<std::int32_t, std::int32_t>>& together) {
    std::map<std::int32_t, std::int32_t> parents;
    for (const std::int32_t channel : channels) {
        if (channel != noChannel) parents.emplace(channel, channel);
    }
    const auto root = [&](std::int32_t channel) {
        while (parents[channel] != channel)
            channel = parents[channel] = parents[parents[channel]];
        return channel;
    };
    for (const auto& [one, other] : together)
        parents[root(one)] = root(other);
    return static_cast<std::size_t>(std::ranges::count_if(parents, [](const auto& each) { return each.first == each.second; }));
}

} // namespace

std::optional<RegroupedAxis> regroup(std::span<const std::int64_t> from, int axis, const ChannelMap& channels,
                                     std::span<const std::int64_t> to, int choice, std::optional<int> wanted) {
    constexpr std::int64_t mostElements = std::int64_t{1} << 22;
    const auto at = static_cast<std::size_t>(axis);
    if (product(from) != product(to) || product(from) == 0 || from[at] != static_cast<std::int64_t>(channels.size())) return std::nullopt;
    const auto section = sectionOf(from, at, to);
    if (!section || section->elements > mostElements) return std::nullopt;
    std::vector<RegroupedAxis> found;
    std::int64_t step = section->elements;
    for (std::size_t e = section->firstTo; e < section->lastTo; ++e) {
        step /= to[e];
        if (to[e] < 2 || step == 0 || (wanted && *wanted != static_cast<int>(e))) continue;
        RegroupedAxis candidate{{static_cast<int>(e), ChannelMap(static_cast<std::size_t>(to[e]), noChannel)}, {}, 0};
        bool isMixed = false; // with what is no channel of the group
        std::vector<bool> isKnown(static_cast<std::size_t>(to[e]), false);
        for (std::int64_t i = 0; i < section->elements && !isMixed; ++i) {
            const auto index = static_cast<std::size_t>(i / step % to[e]);
            const std::int32_t channel = channels[static_cast<std::size_t>(i / section->innerFrom % from[at])];
            std::int32_t& known = candidate.axis.channels[index];
            if (!isKnown[index]) {
                known = channel;
                isKnown[index] = true;
            } else if (known != channel) {
                isMixed = known == noChannel || channel == noChannel;
                if (!isMixed && (candidate.together.empty() || candidate.together.back() != std::pair(known, channel)))
                    candidate.together.emplace_back(known, channel);
            }
        }
        if (isMixed) continue;
        std::ranges::sort(candidate.together);
        candidate.together.erase(std::unique(candidate.together.begin(), candidate.together.end()), candidate.together.end());
        if (apart(channels, candidate.together) > 1) found.push_back(std::move(candidate));
    }
    if (found.empty()) return std::nullopt;
    const std::size_t chosen = std::min(static_cast<std::size_t>(choice), found.size() - 1);
    found[chosen].candidates = static_cast<int>(found.size());
    return found[chosen];
}

} // namespace lathe::transform
