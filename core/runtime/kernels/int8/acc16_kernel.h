#pragma once

#include <cstdint>
#include <span>

#include <core/runtime/kernels/int8/acc16_weights.h>

namespace lathe::runtime {

/// The channels of `blocks` of each of `pixels` (or rows of a linear layer), with AVX2. A pixel says where its first input lies, seen from
/// `inputs`, whose padding is the zero point and that have int8ReadAhead bytes behind the last one where weights do not read whole steps;
/// `steps` are the offsets for their row stride. `output` at the first pixel. Gives the bits of convolveRow and linearRows.
void multiplyAcc16(const Acc16Weights& weights, const std::uint8_t* inputs, std::span<const std::int64_t> pixels,
                   std::span<const std::int64_t> steps, ItemRange blocks, Int8InputZeroPoint zeroPoint, const Int8Output& output);

/// `rows` rows of a linear layer, `rowStride` bytes apart.
void linearRows(const Acc16Weights& weights, const std::uint8_t* inputs, std::int64_t rowStride, std::int64_t rows, ItemRange blocks,
                Int8InputZeroPoint zeroPoint, const Int8Output& output);

} // namespace lathe::runtime
