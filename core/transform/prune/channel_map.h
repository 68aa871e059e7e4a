#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace lathe::transform {

/// Which channel of a dependency group each index of a dimension belongs to; `noChannel` where it belongs to none.
using ChannelMap = std::vector<std::int32_t>;
inline constexpr std::int32_t noChannel = -1;

/// 0, 1, …, channels − 1.
[[nodiscard]] ChannelMap identityMap(std::int64_t channels);

/// Where the channels of one dimension are after view, reshape or flatten.
struct ReshapedAxis {
    int axis = 0;
    ChannelMap channels;
};
/// The dimension `axis` of `from` with these channels, seen in the shape `to` (same number of elements; unknown sizes, that is the batch,
/// may be given as 1 on both sides). Nothing when the channels are spread over several dimensions (as in a channel shuffle).
[[nodiscard]] std::optional<ReshapedAxis> reshapeForward(std::span<const std::int64_t> from, int axis, const ChannelMap& channels,
                                                         std::span<const std::int64_t> to);
/// The same against the data's direction: `axis` and `channels` are of `to`. Nothing when no dimension of `from` holds exactly these
/// channels.
[[nodiscard]] std::optional<ReshapedAxis> reshapeBackward(std::span<const std::int64_t> from, std::span<const std::int64_t> to, int axis,
                                                          const ChannelMap& channels);

} // namespace lathe::transform
