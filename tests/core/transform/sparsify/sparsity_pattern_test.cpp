#include <core/transform/sparsify/sparsity_pattern.h>

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include <tests/support/graphs.h>

namespace lathe::transform {
namespace {

SparsityPattern patternOf(std::string_view text) {
    const auto pattern = sparsityPattern(text);
    EXPECT_TRUE(pattern) << text;
    return pattern.value_or(SparsityPattern{});
}

std::vector<double> randomScores(const WeightRows& sizes) {
    const std::vector<float> values = support::randomTensor({static_cast<std::int64_t>(sizes.size())}, 7).toFloats();
    return {values.begin(), values.end()};
}

TEST(SparsityPattern, IsReadFromItsText) {
    EXPECT_TRUE(patternOf("").isFree());
    EXPECT_TRUE(patternOf("1x1").isFree());
    EXPECT_EQ(patternOf("2:4"), (SparsityPattern{2, 4}));
    EXPECT_EQ(patternOf("1:16"), (SparsityPattern{1, 16}));
    EXPECT_EQ(patternOf("4x4"), (SparsityPattern{0, 0, 4, 4}));
    for (const char* text : {"2", "4:2", "4:4", "0:4", "2:17", "2:4x", " 2:4", "-1:4", "0x4", "4x0", "4x65", "axb", ":", "x", "2:4:8"})
        EXPECT_FALSE(sparsityPattern(text)) << text;
    EXPECT_EQ(sparsityPattern("4:2").error().message,
              "The pattern \"4:2\" is none that weights can have: N:M keeps N of M input channels (2:4, 4:8, 1:4; M up to 16), RxC removes "
              "blocks of R outputs by C inputs (1x16, 4x4; up to 64 each).");
}

/// Grouped, three places, six channels: with M = 4 two channels at each place stay dense.
TEST(SparsityPattern, NOfMRemovesTheLowestOfEachGroupOfChannels) {
    const WeightRows sizes{2, 3, 6, 3};
    const std::vector<double> scores = randomScores(sizes);
    for (const char* text : {"2:4", "1:4", "1:2", "2:3", "5:6", "1:7"}) {
        const SparsityPattern pattern = patternOf(text);
        const std::vector<std::size_t> removed = lowestOfGroups(pattern, sizes, scores);
        const std::set<std::size_t> goes(removed.begin(), removed.end());
        EXPECT_TRUE(std::ranges::is_sorted(removed));
        std::int64_t inGroups = 0;
        for (std::int64_t row = 0; row < 6; ++row) {
            for (std::int64_t place = 0; place < 3; ++place) {
                for (std::int64_t group = 0; group < 6 / pattern.of; ++group) {
                    double highestGone = -2, lowestKept = 2;
                    std::int64_t gone = 0;
                    for (std::int64_t i = 0; i < pattern.of; ++i, ++inGroups) {
                        const auto at = static_cast<std::size_t>(row * 18 + place * 6 + group * pattern.of + i);
                        gone += goes.contains(at);
                        (goes.contains(at) ? highestGone : lowestKept) =
                            goes.contains(at) ? std::max(highestGone, scores[at]) : std::min(lowestKept, scores[at]);
                    }
                    EXPECT_EQ(gone, pattern.of - pattern.kept) << text;
                    EXPECT_LE(highestGone, lowestKept);
                }
            }
        }
        EXPECT_EQ(std::ssize(removed), inGroups / pattern.of * (pattern.of - pattern.kept)) << text << ": nothing outside of groups";
        EXPECT_EQ(denseWeights(pattern, sizes), 108 - inGroups) << text;
    }
}

TEST(SparsityPattern, AmongEqualScoresTheFirstGo) {
    const std::vector<double> equal(8, 1.0);
    EXPECT_EQ(lowestOfGroups(patternOf("2:4"), {1, 1, 8, 1}, equal), (std::vector<std::size_t>{0, 1, 4, 5}));
}

/// Every block is made of its elements, no element is in two, and what is in none counts as dense.
TEST(SparsityPattern, BlocksCoverWhatIsComplete) {
    for (const WeightRows& sizes : {WeightRows{1, 8, 32, 1}, WeightRows{2, 5, 6, 3}, WeightRows{1, 3, 2, 4}, WeightRows{3, 1, 1, 9}}) {
        const std::vector<double> scores = randomScores(sizes);
        for (const char* text : {"", "1x16", "4x4", "2x3", "1x2", "64x64"}) {
            const SparsityPattern pattern = patternOf(text);
            const std::vector<double> blocks = blockScores(pattern, sizes, scores);
            std::set<std::size_t> covered;
            for (std::size_t block = 0; block < blocks.size(); ++block) {
                const std::vector<std::size_t> elements = elementsOfBlocks(pattern, sizes, std::vector{block});
                ASSERT_EQ(std::ssize(elements), pattern.blockRows * pattern.blockInputs);
                double sum = 0;
                std::set<std::int64_t> outputs, groups, places, inputs;
                for (const std::size_t at : elements) {
                    EXPECT_TRUE(covered.insert(at).second) << text;
                    sum += scores[at];
                    const std::int64_t row = static_cast<std::int64_t>(at) / sizes.columns();
                    const std::int64_t column = static_cast<std::int64_t>(at) % sizes.columns();
                    groups.insert(row / sizes.outputs);
                    outputs.insert(row);
                    places.insert(column / sizes.inputs);
                    inputs.insert(column);
                }
                EXPECT_NEAR(blocks[block], sum / static_cast<double>(elements.size()), 1e-12);
                EXPECT_EQ(groups.size(), 1U);
                EXPECT_EQ(places.size(), 1U);
                EXPECT_EQ(std::ssize(outputs), pattern.blockRows);
                EXPECT_EQ(*inputs.rbegin() - *inputs.begin() + 1, pattern.blockInputs);
            }
            EXPECT_EQ(std::ssize(covered) + denseWeights(pattern, sizes), static_cast<std::int64_t>(sizes.size())) << text;
            ASSERT_TRUE(blocks.empty() || std::ssize(blocks) % blocksInRow(pattern, sizes) == 0);
        }
    }
}

} // namespace
} // namespace lathe::transform
