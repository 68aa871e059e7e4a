#include <core/layout/horizontal_placement.h>

#include <gtest/gtest.h>

namespace lathe::layout {
namespace {

/// Rows of equally wide vertices, joined by edges of (upper, lower).
Rows rowsOf(std::vector<std::vector<int>> rows, const std::vector<std::pair<int, int>>& edges, std::vector<int> bends = {}) {
    std::size_t count = 0;
    for (const auto& row : rows)
        count += row.size();
    Rows made{std::move(rows), std::vector<std::vector<int>>(count), std::vector<std::vector<int>>(count), std::vector<double>(count, 10),
              std::vector<bool>(count, false)};
    for (const auto& [upper, lower] : edges) {
        made.below[static_cast<std::size_t>(upper)].push_back(lower);
        made.above[static_cast<std::size_t>(lower)].push_back(upper);
    }
    for (const int bend : bends)
        made.isBend[static_cast<std::size_t>(bend)] = true;
    return made;
}

TEST(HorizontalPlacement, Nothing) { EXPECT_TRUE(placeHorizontally({}, 5).empty()); }

TEST(HorizontalPlacement, ARowKeepsItsOrderAndGap) {
    const auto x = placeHorizontally(rowsOf({{2, 0, 1}}, {}), 5);
    EXPECT_DOUBLE_EQ(x[2], 5);
    EXPECT_DOUBLE_EQ(x[0], 20);
    EXPECT_DOUBLE_EQ(x[1], 35);
}

TEST(HorizontalPlacement, AParentStandsOverTheMiddleOfItsChildren) {
    const auto x = placeHorizontally(rowsOf({{0}, {1, 2, 3}}, {{0, 1}, {0, 2}, {0, 3}}), 5);
    EXPECT_DOUBLE_EQ(x[0], x[2]);
    const auto two = placeHorizontally(rowsOf({{0}, {1, 2}}, {{0, 1}, {0, 2}}), 5);
    EXPECT_DOUBLE_EQ(two[0], (two[1] + two[2]) / 2);
}

TEST(HorizontalPlacement, TheInsideOfALongEdgeIsStraight) {
    // 0 reads 1 and, over the bends 2, 4, also 6; 3 and 5 hang beside.
    const auto x = placeHorizontally(rowsOf({{0}, {1, 2}, {3, 4}, {5, 6}}, {{0, 1}, {0, 2}, {2, 4}, {4, 6}, {1, 3}, {3, 5}}, {2, 4}), 5);
    EXPECT_DOUBLE_EQ(x[2], x[4]);
    EXPECT_GE(x[2] - x[1], 15);
}

} // namespace
} // namespace lathe::layout
