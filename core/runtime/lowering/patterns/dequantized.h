#pragma once

#include <core/runtime/lowering/pattern.h>

namespace lathe::runtime {

/// The payload.
struct Dequantized {
    bool keepsChannelsLast = false; ///< the result may stay in that order
};

/// A dequantize node behind such bytes: only where somebody needs floats.
[[nodiscard]] Outcome lowerDequantized(LoweringContext& context, const graph::Node& node);

} // namespace lathe::runtime
