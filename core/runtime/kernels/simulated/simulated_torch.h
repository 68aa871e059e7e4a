#pragma once

#include <core/runtime/kernels/kernel_context_torch.h>

namespace lathe::runtime {

/// What kernels for quantization nodes that stayed in the graph have in common: they compute in float, on any device.

[[nodiscard]] inline Made malformed(const graph::Node& node) {
    return base::failure(base::ErrorCode::Rejected, node.name + ": the operands of " + node.op + " are not those of a quantization node.");
}

inline void markSimulated(InstructionInfo& info) {
    info.kernel = "simulated in float";
    info.isReal = false;
}

} // namespace lathe::runtime
