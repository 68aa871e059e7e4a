#pragma once

#include <cstdint>
#include <span>

#include <core/runtime/kernels/int8/int8_kernel.h>

namespace lathe::runtime {

/// Stores rows of sums that a library's product of bytes gave, Σ a · w for `channels` channels: less zeroPoint · Σ w of the channel each,
/// and then as `output` says. `channelSums`: Σ w of each channel, and int8ScaleReadAhead more.
void storeSums(const std::int32_t* sums, std::int64_t rows, std::int64_t channels, std::span<const std::int32_t> channelSums,
               Int8InputZeroPoint zeroPoint, const Int8Output& output, Int8Instructions instructions);

} // namespace lathe::runtime
