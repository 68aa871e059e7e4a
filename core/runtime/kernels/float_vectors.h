// Vectors of floats, the exponential function and products of matrices, for one instruction set. The file that includes this says which:
//   LATHE_VECTOR_TARGET  the attribute of functions that are compiled for it
//   LATHE_VECTOR_LANES   floats in a vector
//   LATHE_VECTOR_ROWS    rows that are multiplied at once: twice as many vectors of sums have to fit into the registers, and three more
#pragma once

#include <cstdint>
#include <cstring>

#include <core/runtime/kernels/copy_part.h>

#define LATHE_VECTOR_INLINE __attribute__((always_inline)) LATHE_VECTOR_TARGET inline

namespace lathe::runtime {

namespace {

/// Columns that are multiplied at once.
constexpr std::int64_t lanes = LATHE_VECTOR_LANES, blockColumns = 2 * lanes, tileRows = LATHE_VECTOR_ROWS;

using Vector = float __attribute__((vector_size(lanes * sizeof(float))));
using Integers = std::int32_t __attribute__((vector_size(lanes * sizeof(float))));
using UnalignedVector = float __attribute__((vector_size(lanes * sizeof(float)), aligned(sizeof(float))));

LATHE_VECTOR_INLINE Vector load(const float* from) { return *reinterpret_cast<const UnalignedVector*>(from); }
LATHE_VECTOR_INLINE void store(float* to, Vector vector) { *reinterpret_cast<UnalignedVector*>(to) = vector; }
/// The first `count` numbers, lanes at most; none when it is not positive.
LATHE_VECTOR_INLINE Vector loadPart(const float* from, std::int64_t count) {
    if (count >= lanes) return load(from);
    float part[lanes] = {};
    if (count > 0) copyPart<lanes / 2>(from, count, part);
    return load(part);
}
LATHE_VECTOR_INLINE void storePart(float* to, Vector vector, std::int64_t count) {
    if (count >= lanes) return store(to, vector);
    float part[lanes];
    store(part, vector);
    if (count > 0) copyPart<lanes / 2>(part, count, to);
}

/// e to the power of each number, to some 2 units in the last place; 0 below −87, as e⁸⁸ above 88. Source: Cephes (expf): 2ⁿ · p(x − n · ln
/// 2).
LATHE_VECTOR_INLINE Vector exponential(Vector x) {
    const auto isSmall = x < -87.0f;
    x = x > 88.0f ? Vector{} + 88.0f : x;
    x = isSmall ? Vector{} - 87.0f : x;
    constexpr float rounding = 12582912.0f; // 1.5 · 2²³: what is added to it is rounded to whole numbers
    const Vector whole = (x * 1.44269504f + rounding) - rounding;
    const Vector rest = (x - whole * 0.693359375f) + whole * 2.12194440e-4f;
    Vector power = rest * 1.9875691500e-4f + 1.3981999507e-3f;
    power = power * rest + 8.3334519073e-3f;
    power = power * rest + 4.1665795894e-2f;
    power = power * rest + 1.6666665459e-1f;
    power = power * rest + 5.0000001201e-1f;
    power = power * rest * rest + rest + 1.0f;
    const Integers exponent = (__builtin_convertvector(whole, Integers) + 127) << 23;
    Vector scale;
    std::memcpy(&scale, &exponent, sizeof(scale));
    return isSmall ? Vector{} : power * scale;
}

/// Some rows of a matrix times a block of columns of another.
struct Product {
    const float* rows; ///< of the first
    std::int64_t rowStride, depth;
    const float* block; ///< [depth][blockColumns]
    float* result;      ///< blockColumns numbers of each row
    std::int64_t resultStride;
};

template<int Rows>
LATHE_VECTOR_TARGET void multiplyRows(const Product& product) {
    Vector sums[Rows][2];
    for (int row = 0; row < Rows; ++row)
        sums[row][0] = sums[row][1] = Vector{};
    const float *block = product.block, *numbers = product.rows;
    for (std::int64_t at = 0; at < product.depth; ++at, block += blockColumns, ++numbers) {
        const Vector first = load(block), second = load(block + lanes);
        for (int row = 0; row < Rows; ++row) {
            const float number = numbers[row * product.rowStride];
            sums[row][0] += number * first;
            sums[row][1] += number * second;
        }
    }
    for (int row = 0; row < Rows; ++row) {
        store(product.result + row * product.resultStride, sums[row][0]);
        store(product.result + row * product.resultStride + lanes, sums[row][1]);
    }
}

/// `rows`: 1 to tileRows, or more, of which tileRows are multiplied.
template<int Rows = tileRows>
void multiply(std::int64_t rows, const Product& product) {
    if constexpr (Rows > 1) {
        if (rows < Rows) return multiply<Rows - 1>(rows, product);
    }
    multiplyRows<Rows>(product);
}

} // namespace

} // namespace lathe::runtime
