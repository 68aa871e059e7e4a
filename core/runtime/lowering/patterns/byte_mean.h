#pragma once

#include <core/runtime/lowering/pattern.h>
#include <core/runtime/lowering/qdq_nodes.h>

namespace lathe::runtime {

/// The payload of mean_bytes nodes: of each channel of an image.
struct ByteMean {
    ActivationGrid input, output;
    bool keepsDims = true; ///< height and width stay, as 1
};

/// The mean over height and width of an image of bytes, quantized on any grid.
[[nodiscard]] Outcome lowerByteMean(LoweringContext& context, const graph::Node& node);

} // namespace lathe::runtime
