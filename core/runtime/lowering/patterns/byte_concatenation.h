#pragma once

#include <vector>

#include <core/runtime/lowering/pattern.h>
#include <core/runtime/lowering/qdq_nodes.h>

namespace lathe::runtime {

/// The payload of concatenate_bytes nodes.
struct ByteConcatenation {
    std::vector<ActivationGrid> inputs; ///< one for each operand
    ActivationGrid output;
    std::int64_t dim = 0; ///< counted from behind where negative
};

/// Values that are all bytes side by side, quantized on one grid.
[[nodiscard]] Outcome lowerByteConcatenation(LoweringContext& context, const graph::Node& node);

} // namespace lathe::runtime
