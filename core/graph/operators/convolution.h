#pragma once

#include <core/graph/operators/call.h>

namespace lathe::graph {

/// A convolution of any number of dimensions, transposed or not, fused or not.
class Convolution : public Call {
public:
    using Call::Call;
    [[nodiscard]] const Operand& input() const { return operand("input"); }
    [[nodiscard]] const Operand& weight() const { return operand("weight"); }
    [[nodiscard]] const Operand& bias() const { return operand("bias"); }
    /// One number for all dimensions, or one for each; nothing when it is computed in the model.
    [[nodiscard]] std::optional<std::vector<std::int64_t>> stride() const { return sizes("stride"); }
    [[nodiscard]] std::optional<std::vector<std::int64_t>> padding() const { return sizes("padding"); }
    [[nodiscard]] std::optional<std::vector<std::int64_t>> dilation() const { return sizes("dilation"); }
    [[nodiscard]] std::optional<std::int64_t> groups() const { return integer("groups"); }
    /// Nothing when that is computed in the model.
    [[nodiscard]] std::optional<bool> transposed() const;
    [[nodiscard]] bool isTransposed() const { return transposed() == true; }
    /// The dimension of the weight that the output channels are along.
    [[nodiscard]] int filterAxis() const { return isTransposed() ? 1 : 0; }

private:
    [[nodiscard]] std::optional<std::vector<std::int64_t>> sizes(std::string_view role) const;
};

/// Of nodes that are no convolutions: 0.
[[nodiscard]] int filterAxis(const Node& node);

} // namespace lathe::graph
