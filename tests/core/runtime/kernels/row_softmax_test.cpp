#include <core/runtime/kernels/attention/row_softmax.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace lathe::runtime {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

/// By its definition; functions and sums in double, what goes into them in float, as rows are.
std::vector<double> reference(const std::vector<float>& row, const std::vector<float>& mask) {
    std::vector<float> masked = row;
    for (std::size_t at = 0; at < row.size() && !mask.empty(); ++at)
        masked[at] += mask[mask.size() == 1 ? 0 : at];
    const float peak = *std::ranges::max_element(masked);
    std::vector<double> values;
    double sum = 0;
    for (const float value : masked)
        sum += values.emplace_back(std::exp(static_cast<double>(value - peak)));
    for (double& value : values)
        value /= sum;
    return values;
}

using Softmax = void (*)(float*, std::int64_t, const float*, std::int64_t);

void expectSame(Softmax softmax, std::vector<float> row, const std::vector<float>& mask) {
    const std::vector<double> wanted = reference(row, mask);
    const auto count = static_cast<std::int64_t>(row.size());
    row.resize(row.size() + 1, 77);
    softmax(row.data(), count, mask.empty() ? nullptr : mask.data(), mask.size() == 1 ? 0 : 1);
    for (std::size_t at = 0; at < wanted.size(); ++at)
        EXPECT_NEAR(row[at], wanted[at], 3e-7 * wanted[at] + 1e-30) << at << " of " << count;
    EXPECT_EQ(row.back(), 77) << "what lies behind stays";
}

TEST(RowSoftmax, IsThatOfTheDefinition) {
    std::mt19937 engine(3);
    for (const Softmax softmax : {softmaxRow, softmaxRowPortable}) {
        for (const std::size_t count : {1U, 2U, 15U, 16U, 17U, 128U, 1000U}) {
            for (const double size : {0.01, 1.0, 30.0, 200.0}) {
                std::normal_distribution<double> numbers(0, size);
                std::vector<float> row(count), mask(count);
                for (float& value : row)
                    value = static_cast<float>(numbers(engine));
                for (float& value : mask)
                    value = static_cast<float>(numbers(engine));
                expectSame(softmax, row, {});
                expectSame(softmax, row, mask);
                expectSame(softmax, row, {2.5F});
            }
        }
    }
}

TEST(RowSoftmax, MasksTakeAwayOrNothingIsLeft) {
    for (const Softmax softmax : {softmaxRow, softmaxRowPortable}) {
        for (const float away : {-infinity, -10'000.0F}) {
            std::vector<float> row(20, 1), mask(20, 0);
            std::fill(mask.begin() + 4, mask.end(), away);
            softmax(row.data(), 20, mask.data(), 1);
            EXPECT_FLOAT_EQ(row[0], 0.25F);
            EXPECT_EQ(row[4], 0);
            EXPECT_EQ(row[19], 0);
        }
        std::vector<float> nothing(20, -infinity);
        softmax(nothing.data(), 20, nullptr, 0);
        EXPECT_TRUE(std::isnan(nothing[0]) && std::isnan(nothing[19])) << "as in PyTorch";
        std::vector<float> row(20, 1);
        row[7] = std::numeric_limits<float>::quiet_NaN();
        softmax(row.data(), 20, nullptr, 0);
        EXPECT_TRUE(std::isnan(row[0]) && std::isnan(row[7])) << "no number hides that one is none";
    }
}

TEST(RowSoftmax, RoundsToHalvesHalfToEven) {
    for (const auto& rounds : {toBfloat16, toBfloat16Portable}) {
        std::vector<float> row = {0, 1, 1.00390625F, 1.01171875F, 1.004F, 0.3F, 1e-40F, std::numeric_limits<float>::quiet_NaN()};
        row.insert(row.end(), 20, 0.7F);
        std::vector<std::uint16_t> halves(row.size() + 1, 7);
        rounds(row.data(), static_cast<std::int64_t>(row.size()), halves.data());
        // 1 + 1/256 and 1 + 3/256 lie in the middle between two halves.
        EXPECT_EQ((std::vector<std::uint16_t>{halves.begin(), halves.begin() + 7}),
                  (std::vector<std::uint16_t>{0, 0x3f80, 0x3f80, 0x3f82, 0x3f81, 0x3e9a, 1}));
        EXPECT_EQ(halves[7], 0x7fc0) << "no number stays none";
        EXPECT_EQ(halves[27], 0x3f33);
        EXPECT_EQ(halves.back(), 7) << "what lies behind stays";
    }
}

} // namespace
} // namespace lathe::runtime
