#include <core/transform/factorize/rank.h>

#include <gtest/gtest.h>

namespace lathe::transform {
namespace {

/// Energies 8, 4, 2, 1, 1; a rank costs 10 weights.
class Five final : public Factorization {
public:
    [[nodiscard]] const std::vector<double>& energies() const override { return m_energies; }
    [[nodiscard]] std::vector<Factor> sizes(std::int64_t rank) const override {
        return {{Factor::Kernel::Rows, {1, rank, 2, {3, 1}, {}}}, {Factor::Kernel::Columns, {1, 4, rank, {1, 1}, {}}}};
    }
    [[nodiscard]] std::vector<Factor> factors(std::int64_t rank) const override { return sizes(rank); }
    [[nodiscard]] std::vector<float> approximation(std::int64_t) const override { return {}; }

private:
    std::vector<double> m_energies{8, 4, 2, 1, 1};
};

TEST(Rank, IsTheLargestThatTheCostAllows) {
    EXPECT_EQ(rankForCost(Five(), &parameters, 50), 5);
    EXPECT_EQ(rankForCost(Five(), &parameters, 49.9), 4);
    EXPECT_EQ(rankForCost(Five(), &parameters, 20), 2);
    EXPECT_EQ(rankForCost(Five(), &parameters, 1), 1) << "none is cheap enough";
}

TEST(Rank, IsTheSmallestThatKeepsTheEnergy) {
    EXPECT_EQ(rankForEnergy(Five(), 0.5), 1);
    EXPECT_EQ(rankForEnergy(Five(), 0.51), 2);
    EXPECT_EQ(rankForEnergy(Five(), 0.875), 3);
    EXPECT_EQ(rankForEnergy(Five(), 1), 5);
    EXPECT_EQ(lostEnergy(Five(), 2), 0.25);
    EXPECT_EQ(lostEnergy(Five(), 5), 0);
}

TEST(Rank, MacsCountThePlacesOfEachLayer) {
    // From 10x8 to 5x4: rows are gone through first, so that the layer between is 5x8.
    EXPECT_EQ(macs(Five().sizes(2), {10, 8}, {5, 4}, false), 2 * 2 * 3 * 5 * 8 + 4 * 2 * 5 * 4);
    EXPECT_EQ(macs(Five().sizes(2), {5, 4}, {10, 8}, true), 2 * 2 * 3 * 5 * 4 + 4 * 2 * 10 * 4);
    EXPECT_EQ(
        macs({{Factor::Kernel::Point, {1, 2, 6, {1, 1}, {}}}, {Factor::Kernel::Whole, {1, 7, 2, {3, 3}, {}}}}, {10, 8}, {5, 4}, false),
        12 * 80 + 126 * 20);
}

} // namespace
} // namespace lathe::transform
