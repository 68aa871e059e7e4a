#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <core/tensor/tensor.h>

namespace lathe::transform {

/// The weight of a convolution or linear layer, in one order for all of them: [groups, outputs, inputs, kernel…], outputs and inputs those
/// of each group.
struct Filters {
    std::int64_t groups = 1, outputs = 0, inputs = 0;
    std::vector<std::int64_t> kernel{}; ///< empty: a linear layer
    std::vector<float> values{};        ///< empty where only sizes are asked for

    [[nodiscard]] std::int64_t kernelSize() const { return tensor::elementCount(kernel); }
    [[nodiscard]] std::int64_t parameters() const { return groups * outputs * inputs * kernelSize(); }
    [[nodiscard]] std::span<const float> group(std::int64_t index) const;
};

/// From a weight as layers have it: [outputs, inputs, kernel…], of transposed convolutions [inputs, outputs, kernel…], where the first
/// dimension counts all groups and the second is that of each.
[[nodiscard]] Filters filtersOf(const tensor::Tensor& weight, std::int64_t groups, bool isTransposed);
/// The weight of a layer with these filters, float32.
[[nodiscard]] tensor::Tensor weightOf(const Filters& filters, bool isTransposed);

} // namespace lathe::transform
