#include <core/transform/share/k_means.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace lathe::transform {
namespace {

std::vector<float> gaussian(std::size_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<float> numbers;
    for (std::size_t i = 0; i < count; ++i) {
        double sum = -6;
        for (int part = 0; part < 12; ++part)
            sum += static_cast<double>(random()) / 4294967296.0;
        numbers.push_back(static_cast<float>(sum / 10));
    }
    return numbers;
}

double squaredError(const std::vector<float>& numbers, const Clusters& clusters) {
    double sum = 0;
    for (std::size_t i = 0; i < numbers.size(); ++i)
        sum += std::pow(static_cast<double>(numbers[i]) - static_cast<double>(clusters.centroids[clusters.indices[i]]), 2);
    return sum;
}

/// Lloyd's algorithm as it is written down: each number looks at each centroid.
std::vector<double> slowKMeans(const std::vector<float>& numbers, std::size_t count) {
    const auto [low, high] = std::ranges::minmax(numbers);
    std::vector<double> centroids;
    for (std::size_t i = 0; i < count; ++i)
        centroids.push_back(count == 1 ? (static_cast<double>(low) + static_cast<double>(high)) / 2
                                       : static_cast<double>(low) + (static_cast<double>(high) - static_cast<double>(low)) *
                                                                        static_cast<double>(i) / static_cast<double>(count - 1));
    for (int round = 0; round < 300; ++round) {
        std::vector<double> sums(count, 0);
        std::vector<int> sizes(count, 0);
        double farthest = 0, most = -1;
        for (const float number : numbers) {
            std::size_t nearest = 0;
            for (std::size_t i = 1; i < count; ++i) {
                if (std::fabs(static_cast<double>(number) - centroids[i]) < std::fabs(static_cast<double>(number) - centroids[nearest]))
                    nearest = i;
            }
            sums[nearest] += static_cast<double>(number);
            ++sizes[nearest];
            if (const double away = std::fabs(static_cast<double>(number) - centroids[nearest]); away > most) {
                most = away;
                farthest = static_cast<double>(number);
            }
        }
        std::vector<double> moved = centroids;
        bool movesEmpty = false;
        for (std::size_t i = 0; i < count; ++i) {
            if (sizes[i] > 0) moved[i] = sums[i] / sizes[i];
            if (sizes[i] == 0 && !movesEmpty) moved[i] = farthest;
            movesEmpty = movesEmpty || sizes[i] == 0;
        }
        std::ranges::sort(moved);
        if (moved == centroids) break;
        centroids = moved;
    }
    return centroids;
}

/// The least squared error of any clusters, by dynamic programming over the sorted numbers (H. Wang, M. Song, Ckmeans.1d.dp, 2011).
double leastError(std::vector<float> numbers, std::size_t count) {
    std::ranges::sort(numbers);
    const auto cost = [&](std::size_t begin, std::size_t end) {
        double sum = 0, squares = 0;
        for (std::size_t i = begin; i < end; ++i) {
            sum += static_cast<double>(numbers[i]);
            squares += std::pow(static_cast<double>(numbers[i]), 2);
        }
        return squares - sum * sum / static_cast<double>(end - begin);
    };
    std::vector<double> best(numbers.size() + 1, std::numeric_limits<double>::infinity());
    best[0] = 0;
    for (std::size_t k = 0; k < count; ++k) {
        std::vector<double> next(numbers.size() + 1, std::numeric_limits<double>::infinity());
        for (std::size_t end = 1; end <= numbers.size(); ++end) {
            for (std::size_t begin = 0; begin < end; ++begin)
                next[end] = std::min(next[end], best[begin] + cost(begin, end));
        }
        best = std::move(next);
    }
    return best.back();
}

TEST(KMeans, IsLloydsAlgorithm) {
    for (const std::size_t count : {1U, 2U, 4U, 8U, 16U}) {
        const std::vector<float> numbers = gaussian(500, static_cast<unsigned>(count));
        const Clusters clusters = kMeans(numbers, count);
        const std::vector<double> expected = slowKMeans(numbers, count);
        ASSERT_EQ(clusters.centroids.size(), count);
        for (std::size_t i = 0; i < count; ++i)
            EXPECT_NEAR(clusters.centroids[i], expected[i], 1e-6) << count;
    }
}

TEST(KMeans, EachNumberHasTheNearestCentroid) {
    const std::vector<float> numbers = gaussian(300, 3);
    const Clusters clusters = kMeans(numbers, 8);
    EXPECT_TRUE(std::ranges::is_sorted(clusters.centroids));
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        for (const float centroid : clusters.centroids)
            EXPECT_LE(std::fabs(numbers[i] - clusters.centroids[clusters.indices[i]]), std::fabs(numbers[i] - centroid) + 1e-7F);
    }
}

TEST(KMeans, IsNearTheLeastError) {
    const std::vector<float> numbers = gaussian(120, 4);
    for (const std::size_t count : {2U, 4U, 8U})
        EXPECT_LE(squaredError(numbers, kMeans(numbers, count)), 1.5 * leastError(numbers, count)) << count; // a local minimum
}

/// The gain that the paper promises: far less error than with numbers evenly spaced (which is where it begins).
TEST(KMeans, HasLessErrorThanEvenSpacing) {
    std::vector<float> numbers = gaussian(4000, 5);
    numbers.push_back(2);
    const auto [low, high] = std::ranges::minmax(numbers);
    double even = 0;
    for (const float number : numbers) {
        const float step = (high - low) / 15;
        even += std::pow(static_cast<double>(number - (low + std::round((number - low) / step) * step)), 2);
    }
    EXPECT_LT(squaredError(numbers, kMeans(numbers, 16)), 0.4 * even);
}

TEST(KMeans, AnEmptyClusterGoesWhereTheErrorIs) {
    // Evenly spaced over 0 to 100, all but the ends are empty.
    std::vector<float> numbers{100};
    for (int i = 0; i < 64; ++i)
        numbers.push_back(static_cast<float>(i % 8) / 10);
    const Clusters clusters = kMeans(numbers, 9);
    EXPECT_EQ(clusters.centroids.size(), 9U);
    EXPECT_LT(squaredError(numbers, clusters), 1e-9);
    EXPECT_LT(squaredError(numbers, kMeans(numbers, 5)), 0.5);
}

TEST(KMeans, FewDifferentNumbersAreKeptExactly) {
    const Clusters clusters = kMeans(std::vector<float>{0.3F, -1, 0.3F, 7, -1}, 4);
    EXPECT_EQ(clusters.centroids, (std::vector<float>{-1, 0.3F, 7}));
    EXPECT_EQ(clusters.indices, (std::vector<std::uint8_t>{1, 0, 1, 2, 0}));
    EXPECT_TRUE(kMeans({}, 4).centroids.empty());
    EXPECT_EQ(kMeans(std::vector<float>{5, 5}, 1).centroids, (std::vector<float>{5}));
}

TEST(KMeans, WithAllOfEightBits) {
    const std::vector<float> numbers = gaussian(5000, 6);
    const Clusters clusters = kMeans(numbers, 256);
    EXPECT_GT(clusters.centroids.size(), 250U);
    EXPECT_EQ(*std::ranges::max_element(clusters.indices), clusters.centroids.size() - 1);
}

} // namespace
} // namespace lathe::transform
