#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <core/base/result.h>
#include <core/transform/sparsify/weight_rows.h>

namespace lathe::transform {

/// Which weights may be zero together.
///
/// N:M keeps N of M consecutive weights of an output that read the same place of the kernel: M consecutive input channels (A. Zhou et al.,
/// Learning N:M Fine-grained Structured Sparse Neural Networks From Scratch, ICLR 2021). 2:4 is what NVIDIA's sparse tensor cores take:
/// they want it along K of the matrix product (PTX ISA, mma.sp), which for a convolution is kernel · channels with the channels innermost,
/// so that its four are input channels at one place of the kernel (TensorRT Developer Guide, "Sparsity"; NVIDIA's ASP masks them so too).
///
/// RxC removes blocks of R outputs by C input channels at one place of the kernel (S. Narang et al., Block-Sparse Recurrent Neural
/// Networks, 2017). Anything else is free: single weights.
///
/// Channels and outputs at the end that fill no group or block stay dense.
struct SparsityPattern {
    std::int64_t kept = 0, of = 0;               ///< N:M; of is 0 otherwise
    std::int64_t blockRows = 1, blockInputs = 1; ///< 1 x 1: single weights

    [[nodiscard]] bool isNOfM() const { return of > 0; }
    [[nodiscard]] bool isFree() const { return !isNOfM() && blockRows * blockInputs == 1; }
    bool operator==(const SparsityPattern&) const = default;
};

/// "" (free), "2:4" (any N < M ≤ 16), "1x16" (up to 64 outputs by 64 inputs). Rejected with a sentence for anything else.
[[nodiscard]] base::Result<SparsityPattern> sparsityPattern(std::string_view text);

/// How many weights are in no complete group or block.
[[nodiscard]] std::int64_t denseWeights(const SparsityPattern& pattern, const WeightRows& sizes);

/// N:M: the positions of the weights that go, ascending: of each group those with the lowest of these scores, one for each element of the
/// matrix; among equal ones the first.
[[nodiscard]] std::vector<std::size_t> lowestOfGroups(const SparsityPattern& pattern, const WeightRows& sizes,
                                                      std::span<const double> scores);

/// Free patterns and blocks: the score of each block, the mean of those of its elements. Blocks count from left to right, then down.
[[nodiscard]] std::vector<double> blockScores(const SparsityPattern& pattern, const WeightRows& sizes, std::span<const double> scores);
/// How many blocks a row of blocks has.
[[nodiscard]] std::int64_t blocksInRow(const SparsityPattern& pattern, const WeightRows& sizes);
/// The positions of the elements of these blocks, ascending.
[[nodiscard]] std::vector<std::size_t> elementsOfBlocks(const SparsityPattern& pattern, const WeightRows& sizes,
                                                        std::span<const std::size_t> blocks);

} // namespace lathe::transform
