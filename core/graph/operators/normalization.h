#pragma once

#include <core/graph/operators/call.h>

namespace lathe::graph {

class BatchNorm : public Call {
public:
    using Call::Call;
    [[nodiscard]] const Operand& input() const { return operand("input"); }
    [[nodiscard]] const Operand& weight() const { return operand("weight"); }
    [[nodiscard]] const Operand& bias() const { return operand("bias"); }
    [[nodiscard]] const Operand& mean() const { return operand("running_mean"); }
    [[nodiscard]] const Operand& variance() const { return operand("running_var"); }
    [[nodiscard]] std::optional<bool> training() const { return flag("training"); }
    [[nodiscard]] std::optional<double> epsilon() const { return literal<double>("eps"); }
};

} // namespace lathe::graph
