#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
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

struct RegroupedAxis {
    ReshapedAxis axis;
    std::vector<std::pair<std::int32_t, std::int32_t>> together; ///< channels that have to become one for that
    int candidates = 0;                                          ///< dimensions that it could have been
};
/// Where the channels of a dimension are after a reshape that spreads them over several, or that brings several together, in either
/// direction: indices of one block become one channel. Several dimensions may do: `choice` counts them from the outermost on (heads of an
/// attention, channels of an image), the last one where there are fewer; `wanted` is the one that is known from elsewhere. Nothing when the
/// shapes do not fit, or no dimension keeps two channels apart.
[[nodiscard]] std::optional<RegroupedAxis> regroup(std::span<const std::int64_t> from, int axis, const ChannelMap& channels,
                                                   std::span<const std::int64_t> to, int choice, std::optional<int> wanted);

} // namespace lathe::transform
