#pragma once

#include <cstdint>

namespace lathe::runtime {

/// A matrix in memory: element (row, column) is data[row · rowStride + column].
template<class Number>
struct NumberRows {
    const Number* data = nullptr;
    std::int64_t rowStride = 0;
};

/// One head of an attention: result = softmax(query · keyᵀ · factor + mask) · value. Queries, keys and values are float, or bfloat16 as
/// std::uint16_t; all else is float32.
template<class Number>
struct AttentionHead {
    std::int64_t rows = 0, keys = 0, features = 0, valueFeatures = 0;
    NumberRows<Number> query; ///< rows × features
    NumberRows<Number> key;   ///< keys × features
    NumberRows<Number> value; ///< keys × valueFeatures
    float factor = 1;
    const float* mask = nullptr; ///< nullptr: none; is added to the scores: mask[row · maskRowStride + key · maskKeyStride]
    std::int64_t maskRowStride = 0, maskKeyStride = 0;
    float* result = nullptr; ///< element (row, feature) is result[row · resultStride + feature]
    std::int64_t resultStride = 0;
};

using FloatHead = AttentionHead<float>;
using HalfHead = AttentionHead<std::uint16_t>;

} // namespace lathe::runtime
