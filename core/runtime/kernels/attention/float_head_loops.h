// The loops of attention in floats, for the instruction set that float_vectors.h is told.
#pragma once

#include <algorithm>
#include <limits>

#include <core/runtime/kernels/attention/float_head.h>
#include <core/runtime/kernels/float_vectors.h>

namespace lathe::runtime {

namespace {

constexpr std::int64_t inBlocks(std::int64_t columns) { return (columns + blockColumns - 1) / blockColumns * blockColumns; }

/// The parts of a head's room, one behind the other.
struct Room {
    float* keys;   ///< [block of keys][feature][key of the block]
    float* values; ///< [block of features][key][feature of the block]
    float* scores; ///< tileRows rows of whole blocks of keys
    float* sums;   ///< tileRows rows of a block of features

    Room(const FloatHead& head, float* room)
        : keys(room), values(keys + inBlocks(head.keys) * head.features), scores(values + inBlocks(head.valueFeatures) * head.keys),
          sums(scores + tileRows * inBlocks(head.keys)) {}
};

std::int64_t roomFor(const FloatHead& head) {
    return inBlocks(head.keys) * (head.features + tileRows) + inBlocks(head.valueFeatures) * head.keys + tileRows * blockColumns;
}

/// What stands out of the last block is zero.
void packKeys(const FloatHead& head, float* packed) {
    std::fill_n(packed + inBlocks(head.keys) * head.features - blockColumns * head.features, blockColumns * head.features, 0.0f);
    for (std::int64_t key = 0; key < head.keys; ++key) {
        const float* const from = head.key.data + key * head.key.rowStride;
        float* const to = packed + key / blockColumns * blockColumns * head.features + key % blockColumns;
        for (std::int64_t feature = 0; feature < head.features; ++feature)
            to[feature * blockColumns] = from[feature];
    }
}

void packValues(const FloatHead& head, float* packed) {
    for (std::int64_t first = 0; first < head.valueFeatures; first += blockColumns) {
        const std::int64_t count = std::min(blockColumns, head.valueFeatures - first);
        for (std::int64_t key = 0; key < head.keys; ++key, packed += blockColumns) {
            std::copy_n(head.value.data + key * head.value.rowStride + first, count, packed);
            std::fill(packed + count, packed + blockColumns, 0.0f);
        }
    }
}

LATHE_VECTOR_INLINE float largestOf(Vector vector) {
    float largest = vector[0];
    for (int lane = 1; lane < lanes; ++lane)
        largest = vector[lane] > largest ? vector[lane] : largest;
    return largest;
}

LATHE_VECTOR_INLINE float sumOf(Vector vector) {
    float sum = 0;
    for (int lane = 0; lane < lanes; ++lane)
        sum += vector[lane];
    return sum;
}

/// score · factor + mask of some keys; −infinity for those that stand out of the last block.
LATHE_VECTOR_TARGET Vector scaledPart(const FloatHead& head, const float* mask, std::int64_t key, const float* scores) {
    float some[lanes];
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
        const bool isKey = key + lane < head.keys;
        some[lane] = isKey ? scores[key + lane] * head.factor : -std::numeric_limits<float>::infinity();
        if (isKey && mask != nullptr) some[lane] += mask[(key + lane) * head.maskKeyStride];
    }
    return load(some);
}

/// Scores of a row become e to the power of what they are below the largest; what stands out of the last block becomes 0. The sum of them.
LATHE_VECTOR_TARGET float weigh(const FloatHead& head, std::int64_t row, float* scores) {
    static constexpr float zero[lanes] = {};
    const float* const mask = head.mask == nullptr ? nullptr : head.mask + row * head.maskRowStride;
    const std::int64_t padded = inBlocks(head.keys);
    // A mask whose numbers lie side by side, or none, is added in vectors.
    const bool isPlain = mask == nullptr || head.maskKeyStride == 1;
    const float* const added = mask == nullptr ? zero : mask;
    const std::int64_t addedStep = mask == nullptr ? 0 : 1, whole = isPlain ? head.keys / lanes * lanes : 0;
    Vector largest = Vector{} - std::numeric_limits<float>::infinity();
    for (std::int64_t key = 0; key < padded; key += lanes) {
        const Vector score =
            key < whole ? load(scores + key) * head.factor + load(added + key * addedStep) : scaledPart(head, mask, key, scores);
        store(scores + key, score);
        largest = score > largest ? score : largest;
    }
    const float peak = largestOf(largest);
    Vector sum{};
    for (std::int64_t key = 0; key < padded; key += lanes) {
        const Vector weight = exponential(load(scores + key) - peak);
        store(scores + key, weight);
        sum += weight;
    }
    return sumOf(sum);
}

LATHE_VECTOR_TARGET void storeScaled(const float* sums, std::int64_t count, float factor, float* to) {
    for (std::int64_t at = 0; at < count; at += lanes)
        storePart(to + at, load(sums + at) * factor, count - at);
}

void run(const FloatHead& head, float* memory) {
    const Room room(head, memory);
    packKeys(head, room.keys);
    packValues(head, room.values);
    const std::int64_t padded = inBlocks(head.keys);
    for (std::int64_t first = 0; first < head.rows; first += tileRows) {
        const std::int64_t rows = std::min(tileRows, head.rows - first);
        const float* const query = head.query.data + first * head.query.rowStride;
        for (std::int64_t key = 0; key < padded; key += blockColumns)
            multiply(rows, {query, head.query.rowStride, head.features, room.keys + key * head.features, room.scores + key, padded});
        float factors[tileRows];
        for (std::int64_t row = 0; row < rows; ++row)
            factors[row] = 1 / weigh(head, first + row, room.scores + row * padded);
        for (std::int64_t feature = 0; feature < head.valueFeatures; feature += blockColumns) {
            multiply(rows, {room.scores, padded, head.keys, room.values + feature * head.keys, room.sums, blockColumns});
            for (std::int64_t row = 0; row < rows; ++row)
                storeScaled(room.sums + row * blockColumns, std::min(blockColumns, head.valueFeatures - feature), factors[row],
                            head.result + (first + row) * head.resultStride + feature);
        }
    }
}

constexpr FloatHeadLoops loops{roomFor, run};

} // namespace

} // namespace lathe::runtime
