#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <core/tensor/tensor.h>

namespace lathe::transform {

/// The weight of a linear layer or convolution as the matrix that its products are made with: a row for each output channel, in a row the
/// places of the kernel one behind the other, at each place all input channels of the group. That is W[outputs, K] of an implicit matrix
/// product over pictures that are stored with their channels innermost (NHWC, weights KRSC).
struct WeightRows {
    std::int64_t groups = 1, outputs = 0, inputs = 0; ///< outputs and inputs are those of one group
    std::int64_t places = 1;                          ///< of the kernel; linear layers: 1
    bool isTransposed = false;                        ///< stored as [inputs, outputs, kernel…]

    [[nodiscard]] std::int64_t rows() const { return groups * outputs; }
    [[nodiscard]] std::int64_t columns() const { return places * inputs; }
    [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(rows() * columns()); }

    /// Where the element stands in the stored weight, counted in row-major order.
    [[nodiscard]] std::size_t storedAt(std::int64_t row, std::int64_t column) const;

    template<class T>
    [[nodiscard]] std::vector<T> fromStored(const std::vector<T>& stored) const {
        assert(stored.size() == size());
        std::vector<T> result(stored.size());
        for (std::size_t i = 0; i < result.size(); ++i)
            result[i] = stored[storedAt(static_cast<std::int64_t>(i) / columns(), static_cast<std::int64_t>(i) % columns())];
        return result;
    }
    template<class T>
    [[nodiscard]] std::vector<T> toStored(const std::vector<T>& matrix) const {
        assert(matrix.size() == size());
        std::vector<T> result(matrix.size());
        for (std::size_t i = 0; i < result.size(); ++i)
            result[storedAt(static_cast<std::int64_t>(i) / columns(), static_cast<std::int64_t>(i) % columns())] = matrix[i];
        return result;
    }
    bool operator==(const WeightRows&) const = default;
};

/// Of a weight as layers have it: [outputs, inputs, kernel…], of transposed convolutions [inputs, outputs, kernel…], where the first
/// dimension counts all groups and the second is that of each.
[[nodiscard]] WeightRows weightRows(const tensor::Shape& shape, std::int64_t groups, bool isTransposed);

} // namespace lathe::transform
