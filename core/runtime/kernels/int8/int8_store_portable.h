#pragma once

#include <algorithm>
#include <cmath>

#include <core/runtime/kernels/int8/int8_kernel.h>

/// What becomes of a sum, for kernels without vector instructions.
namespace lathe::runtime::portable {

/// The sum of `channel` as a limited float; `at` is the output's element. Multiply-adds are fused, as the vector forms have them.
inline float scaled(std::int32_t sum, std::int64_t channel, std::int64_t at, float rowFactor, const Int8Output& output) {
    const auto index = static_cast<std::size_t>(channel);
    float value = std::fma(static_cast<float>(sum), output.factor[index] * rowFactor, output.offset[index]);
    const Int8Residual& residual = output.residual;
    if (residual.floats)
        value = std::fma(residual.floats[at], residual.factor, value);
    else if (residual.bytes)
        value = std::fma(static_cast<float>(residual.bytes[at] - residual.zeroPoint), residual.factor, value);
    return std::min(std::max(value, output.low), output.high);
}

inline void store(float value, std::int64_t at, const Int8Output& output) {
    if (output.floats)
        output.floats[at] = value;
    else
        output.bytes[at] = static_cast<std::uint8_t>(static_cast<std::int32_t>(std::nearbyintf(value)) + output.zeroPoint);
}

} // namespace lathe::runtime::portable
