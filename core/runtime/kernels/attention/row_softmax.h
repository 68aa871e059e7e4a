#pragma once

#include <cstdint>

namespace lathe::runtime {

/// softmax(row + mask) in place. `mask`: null, or as many numbers `maskStride` apart (0: one for all). Of a row without anything (all
/// −infinity) NaN, as PyTorch has it. With AVX-512 where it may be used: the exponential function is within 2 ulp there.
void softmaxRow(float* row, std::int64_t count, const float* mask, std::int64_t maskStride);
/// The same without vector instructions, by the C library.
void softmaxRowPortable(float* row, std::int64_t count, const float* mask, std::int64_t maskStride);

/// The row as bfloat16, rounded half to even. Of weights: the only NaN is the quiet one, which stays NaN.
void toBfloat16(const float* row, std::int64_t count, std::uint16_t* rounded);
/// The same without vector instructions.
void toBfloat16Portable(const float* row, std::int64_t count, std::uint16_t* rounded);

} // namespace lathe::runtime
