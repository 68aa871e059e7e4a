#pragma once

#include <optional>

#include <core/graph/graph.h>

namespace lathe::runtime {

enum class ByteOperator {
    None,      ///< not on bytes
    Exact,     ///< moves or compares values: the same on bytes as on the floats that they stand for
    Averaging, ///< rounds again: only where the result is quantized on the same grid
};
[[nodiscard]] ByteOperator byteOperator(const graph::Node& node);

/// The node as it runs on a quint8 tensor in place of its first operand: full lists where PyTorch's quantized kernels need them, and
/// reshape for view, because bytes may be in channels-last order.
[[nodiscard]] graph::Node onBytes(const graph::Node& node, graph::ValueId bytes, graph::ValueId result);

} // namespace lathe::runtime
