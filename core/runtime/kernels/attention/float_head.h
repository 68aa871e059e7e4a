#pragma once

#include <cstdint>

namespace lathe::runtime {

/// A matrix of floats in memory: element (row, column) is data[row · rowStride + column].
struct FloatRows {
    const float* data = nullptr;
    std::int64_t rowStride = 0;
};

/// One head of an attention in float32: result = softmax(query · keyᵀ · factor + mask) · value.
struct FloatHead {
    std::int64_t rows = 0, keys = 0, features = 0, valueFeatures = 0;
    FloatRows query; ///< rows × features
    FloatRows key;   ///< keys × features
    FloatRows value; ///< keys × valueFeatures
    float factor = 1;
    const float* mask = nullptr; ///< nullptr: none; is added to the scores: mask[row · maskRowStride + key · maskKeyStride]
    std::int64_t maskRowStride = 0, maskKeyStride = 0;
    float* result = nullptr; ///< element (row, feature) is result[row · resultStride + feature]
    std::int64_t resultStride = 0;
};

/// Attention of whole heads by one instruction set: keys and values are packed once for each head, then some rows at a time get their
/// scores, weights and sums, which stay in the nearest cache. A row whose scores are all −infinity gives NaN, as PyTorch has it. From any
/// thread.
struct FloatHeadLoops {
    /// Floats of room that a head needs.
    std::int64_t (*roomFor)(const FloatHead& head);
    /// `room`: roomFor() floats.
    void (*run)(const FloatHead& head, float* room);
};

[[nodiscard]] const FloatHeadLoops& floatHeadLoopsAvx2();
[[nodiscard]] const FloatHeadLoops& floatHeadLoopsAvx512();
/// The widest that this CPU has and that may be used; nullptr: it has none.
[[nodiscard]] const FloatHeadLoops* floatHeadLoops();

} // namespace lathe::runtime
