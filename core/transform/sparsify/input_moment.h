#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <core/transform/factorize/second_moment.h>
#include <core/transform/sparsify/weight_rows.h>

namespace lathe::transform {

/// What a layer reads to compute one of its outputs: a column of numbers for each place of the output, in the order of the columns of its
/// WeightRows.
struct LayerInput {
    WeightRows rows;
    std::vector<std::int64_t> kernel{}, stride{}, padding{}, dilation{}; ///< one number for each dimension; linear layers: empty
    bool operator==(const LayerInput&) const = default;
};

/// The second moment of these columns, E x·xᵀ, of each group of channels, summed up batch by batch: nothing of the batches is kept. For
/// convolutions that is im2col; zeros of the padding count, as the layer reads them. Not thread-safe.
class InputMoment {
public:
    enum class Detail {
        Squares, ///< only E x²: a number for each column
        Moments
    };
    InputMoment(LayerInput input, Detail detail);

    /// Adds a batch of float32 values as the layer reads it: [samples…, inputs], of convolutions [samples, channels, size…] (samples may
    /// lack). What does not fit the layer is left out.
    void add(const tensor::Tensor& values);

    [[nodiscard]] std::int64_t count() const { return m_count; } ///< columns so far
    /// Was nothing NaN or infinite so far?
    [[nodiscard]] bool isFinite() const;
    /// The mean of x², [groups, columns]. There must be columns.
    [[nodiscard]] std::vector<double> squares() const;
    /// The mean of x·xᵀ of a group, [columns, columns]. There must be columns, and Detail::Moments.
    [[nodiscard]] std::vector<double> moment(std::int64_t group) const;
    /// The error of what the layer computes, E‖(W − Ŵ)·x‖² / E‖W·x‖², with both as matrices in the order of WeightRows, of any
    /// number of outputs. 0 where the layer
    /// computes nothing but zeros; nothing without columns or moments.
    [[nodiscard]] std::optional<double> outputError(std::span<const float> before, std::span<const float> after) const;

    /// Bytes that the moments of such a layer take.
    [[nodiscard]] static std::int64_t bytes(const WeightRows& rows);

private:
    void addColumns(std::int64_t group, std::vector<float> columns);

    LayerInput m_input;
    Detail m_detail;
    std::int64_t m_count = 0;
    std::vector<SecondMoment> m_moments; ///< of each group
    std::vector<double> m_squares;       ///< [groups, columns]
};

} // namespace lathe::transform
