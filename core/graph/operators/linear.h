#pragma once

#include <core/graph/operators/call.h>

namespace lathe::graph {

/// A linear layer, fused or not; its weight is [outputs, inputs].
class Linear : public Call {
public:
    using Call::Call;
    [[nodiscard]] const Operand& input() const { return operand("input"); }
    [[nodiscard]] const Operand& weight() const { return operand("weight"); }
    [[nodiscard]] const Operand& bias() const { return operand("bias"); }
};

} // namespace lathe::graph
