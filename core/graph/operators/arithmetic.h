#pragma once

#include <core/graph/operators/call.h>

namespace lathe::graph {

/// aten::add.Tensor
class Addition : public Call {
public:
    using Call::Call;
    [[nodiscard]] const Operand& left() const { return operand("self"); }
    [[nodiscard]] const Operand& right() const { return operand("other"); }
    /// The second operand counts once.
    [[nodiscard]] bool isPlain() const { return integer("alpha") == 1; }
};

} // namespace lathe::graph
