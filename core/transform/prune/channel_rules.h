#pragma once

#include <string_view>

namespace lathe::transform {

/// How an operator treats the channels of its tensors.
enum class ChannelRule {
    Keeps,      ///< operand 0 and result have the same dimensions, every element depends on one: relu, dropout, …
    Pools,      ///< like Keeps for the channel dimension, others may change: pooling, upsampling
    BatchNorm,  ///< one entry of four vectors per channel
    Broadcasts, ///< two tensors, element by element with broadcasting: add, mul, …
    Reshapes,   ///< view, flatten, …: same elements in another shape
    Concatenates,
    Transposes,
    Permutes,
    Reduces, ///< mean or sum over some dimensions
    Convolves,
    Multiplies, ///< linear layers
    Measures,   ///< reads sizes, not elements
    Unknown,
};

[[nodiscard]] ChannelRule channelRule(std::string_view op);

} // namespace lathe::transform
