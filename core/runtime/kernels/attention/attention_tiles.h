#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <core/runtime/kernels/attention/attention_head.h>

namespace lathe::runtime {

/// What multiplies numbers of bfloat16.
enum class HalfProducts {
    MatrixTiles, ///< AMX: sixteen times sixteen sums at a time
    DotProducts, ///< AVX512-BF16 (vdpbf16ps): sixteen sums of two products
};
/// The faster one that the CPU has, that may be used, and that the system lets this process use.
[[nodiscard]] std::optional<HalfProducts> bestHalfProducts();

/// Attention of whole heads in bfloat16: result = round(softmax(query · keyᵀ · factor + mask)) · value, with the weights rounded to
/// bfloat16 and all sums in float32. Sixteen rows of queries at a time, transposed: a vector holds one key's score for each of them, so
/// that the softmax runs down the vectors and scores never leave the nearest caches. One for each thread. Source: Intel 64 and IA-32
/// Architectures Software Developer's Manual, volume 1, chapter 18, and volume 2, VDPBF16PS.
class AttentionTiles {
public:
    /// With products that the CPU has.
    explicit AttentionTiles(HalfProducts products) : m_products(products) {}
    /// A row of scores that is −infinity throughout gives NaN, as PyTorch has it.
    void run(const HalfHead& head);

private:
    HalfProducts m_products;
    std::vector<std::uint16_t> m_keys;    ///< key, rows of whole tiles
    std::vector<std::uint32_t> m_values;  ///< value transposed: for each feature pairs of keys
    std::vector<std::uint32_t> m_queries; ///< sixteen queries transposed: pairs of features
    std::vector<float> m_scores;          ///< for each key of sixteen queries
    std::vector<std::uint32_t> m_weights; ///< for each pair of keys of sixteen queries
};

} // namespace lathe::runtime
