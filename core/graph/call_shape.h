#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace lathe::graph {

/// The dimension of a tensor along which samples stand; nothing: there is none, the tensor is of all of them or of the only one.
using BatchAxis = std::optional<std::size_t>;

/// How many samples a model takes in one call, and where they stand in its inputs and outputs.
struct CallShape {
    /// False: one sample at a time, without a dimension for them; outputs have none either.
    bool hasBatch = true;
    /// The number of samples that the model insists on, because it was exported for it, or because one of its inputs has no dimension for
    /// them (then one); nothing: any number.
    std::optional<std::int64_t> fixedBatch = {};
    /// Of each input in the model's order, and of each tensor that it gives (graph::modelOutputs). Empty: the first dimension of all.
    std::vector<BatchAxis> inputAxes = {}, outputAxes = {};

    [[nodiscard]] BatchAxis inputAxis(std::size_t index) const { return axis(inputAxes, index); }
    [[nodiscard]] BatchAxis outputAxis(std::size_t index) const { return axis(outputAxes, index); }
    /// Do samples stand along the first dimension of all inputs?
    [[nodiscard]] bool isBatchFirst() const { return hasBatch && inputAxes.empty(); }
    bool operator==(const CallShape&) const = default;

private:
    [[nodiscard]] BatchAxis axis(const std::vector<BatchAxis>& axes, std::size_t index) const {
        if (!hasBatch) return std::nullopt;
        return index < axes.size() ? axes[index] : BatchAxis(0);
    }
};

/// Empty where all are the first dimension: the usual case has one form.
[[nodiscard]] inline std::vector<BatchAxis> unlessFirst(std::vector<BatchAxis> axes) {
    for (const BatchAxis& axis : axes)
        if (axis != BatchAxis(0)) return axes;
    return {};
}

} // namespace lathe::graph
