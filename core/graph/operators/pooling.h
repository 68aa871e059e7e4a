#pragma once

#include <core/graph/operators/call.h>

namespace lathe::graph {

/// Pooling with a window: not the adaptive forms.
class Pooling : public Call {
public:
    using Call::Call;
    [[nodiscard]] const Operand& kernel() const { return operand("kernel_size"); }
    /// An empty list: as far as the kernel.
    [[nodiscard]] const Operand& stride() const { return operand("stride"); }
    [[nodiscard]] const Operand& padding() const { return operand("padding"); }
    [[nodiscard]] const Operand& dilation() const { return operand("dilation"); }
    [[nodiscard]] std::optional<bool> roundsUp() const { return flag("ceil_mode"); }
};

} // namespace lathe::graph
