#include <core/transform/prune/ranking.h>

#include <algorithm>
#include <numeric>
#include <random>

#include <gtest/gtest.h>

namespace lathe::transform {
namespace {

TEST(Ranking, LowestAgreesWithAStableSort) {
    std::mt19937 generator(5);
    for (const std::size_t size : {0U, 1U, 2U, 7U, 100U}) {
        std::vector<double> scores(size);
        for (double& score : scores)
            score = generator() % 10U; // many ties
        std::vector<std::size_t> sorted(size);
        std::iota(sorted.begin(), sorted.end(), std::size_t{0});
        std::ranges::stable_sort(sorted, {}, [&](std::size_t i) { return scores[i]; });
        for (std::size_t count = 0; count <= size; ++count) {
            std::vector<std::size_t> expected(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(count));
            std::ranges::sort(expected);
            EXPECT_EQ(lowest(scores, count), expected);
        }
    }
}

TEST(Ranking, ShareIsExactDespiteRounding) {
    EXPECT_EQ(shareOf(0.3, 10), 3U);
    EXPECT_EQ(shareOf(1 - 0.9, 10), 1U);
    EXPECT_EQ(shareOf(0.7, 6), 4U);
    EXPECT_EQ(shareOf(0, 5), 0U);
    EXPECT_EQ(shareOf(0.99, 0), 0U);
    EXPECT_EQ(shareOf(0.5, 61706), 30853U);
}

TEST(Ranking, RandomScoresDependOnTheNameOnly) {
    EXPECT_EQ(randomScores("conv1", 5), randomScores("conv1", 5));
    EXPECT_NE(randomScores("conv1", 5), randomScores("conv2", 5));
    const auto scores = randomScores("fc", 10000);
    EXPECT_TRUE(std::ranges::all_of(scores, [](double score) { return score >= 0 && score < 1; }));
    EXPECT_NEAR(std::accumulate(scores.begin(), scores.end(), 0.0) / 10000, 0.5, 0.02);
}

} // namespace
} // namespace lathe::transform
