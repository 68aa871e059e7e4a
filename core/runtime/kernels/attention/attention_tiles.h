#pragma once

#include <cstdint>
#include <vector>

#include <core/runtime/kernels/attention/attention_head.h>

namespace lathe::runtime {

/// Attention of whole heads by the CPU's matrix tiles (AMX, bfloat16): result = round(softmax(query · keyᵀ · factor + mask)) · value, with
/// the weights rounded to bfloat16 and all sums in float32. Sixteen rows of queries at a time, transposed: a vector holds one key's score
/// for each of them, so that the softmax runs down the vectors and scores never leave the nearest caches. One for each thread. Source:
/// Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1, chapter 18.
class AttentionTiles {
public:
    /// Has the CPU such tiles, may they be used, and does the system let this process use them?
    [[nodiscard]] static bool isAvailable();
    /// A row of scores that is −infinity throughout gives NaN, as PyTorch has it. isAvailable() has to hold.
    void run(const HalfHead& head);

private:
    std::vector<std::uint16_t> m_keys;    ///< key, rows of whole tiles
    std::vector<std::uint32_t> m_values;  ///< value transposed: for each feature pairs of keys
    std::vector<std::uint32_t> m_queries; ///< sixteen queries transposed: pairs of features
    std::vector<float> m_scores;          ///< for each key of sixteen queries
    std::vector<std::uint32_t> m_weights; ///< for each pair of keys of sixteen queries
};

} // namespace lathe::runtime
