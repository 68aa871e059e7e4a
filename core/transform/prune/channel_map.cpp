#include <core/transform/prune/channel_map.h>

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

} // namespace lathe::transform
