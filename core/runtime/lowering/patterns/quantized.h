#pragma once

#include <core/runtime/lowering/pattern.h>
#include <core/runtime/lowering/qdq_nodes.h>

namespace lathe::runtime {

/// The payload.
struct Quantized {
    ActivationGrid grid;
    bool makesChannelsLast = false; ///< all that read it want that order
};

/// A quantize node on a grid that bytes can hold, of whose integers everybody makes floats again: bytes are there from here on.
[[nodiscard]] Outcome lowerQuantized(LoweringContext& context, const graph::Node& node);

} // namespace lathe::runtime
