#include <core/transform/sparsify/weight_rows.h>

#include <numeric>

#include <gtest/gtest.h>

namespace lathe::transform {
namespace {

std::vector<int> counted(std::size_t size) {
    std::vector<int> values(size);
    std::iota(values.begin(), values.end(), 0);
    return values;
}

TEST(WeightRows, OfALinearLayerAreItsWeight) {
    const WeightRows rows = weightRows({3, 5}, 1, false);
    EXPECT_EQ(rows, (WeightRows{1, 3, 5, 1, false}));
    EXPECT_EQ(rows.fromStored(counted(15)), counted(15));
}

/// [outputs, inputs, height, width]: channels innermost.
TEST(WeightRows, OfAConvolutionHaveTheirChannelsInnermost) {
    const WeightRows rows = weightRows({4, 3, 2, 2}, 2, false);
    EXPECT_EQ(rows, (WeightRows{2, 2, 3, 4, false}));
    const std::vector<int> matrix = rows.fromStored(counted(48));
    for (int output = 0; output < 4; ++output) {
        for (int place = 0; place < 4; ++place) {
            for (int input = 0; input < 3; ++input)
                EXPECT_EQ(matrix[static_cast<std::size_t>(output * 12 + place * 3 + input)], (output * 3 + input) * 4 + place);
        }
    }
    EXPECT_EQ(rows.toStored(matrix), counted(48));
}

/// [groups · inputs, outputs, width].
TEST(WeightRows, OfATransposedConvolutionAreFoundByGroup) {
    const WeightRows rows = weightRows({4, 3, 5}, 2, true);
    EXPECT_EQ(rows, (WeightRows{2, 3, 2, 5, true}));
    const std::vector<int> matrix = rows.fromStored(counted(60));
    for (int group = 0; group < 2; ++group) {
        for (int output = 0; output < 3; ++output) {
            for (int place = 0; place < 5; ++place) {
                for (int input = 0; input < 2; ++input) {
                    const auto at = static_cast<std::size_t>((group * 3 + output) * 10 + place * 2 + input);
                    EXPECT_EQ(matrix[at], ((group * 2 + input) * 3 + output) * 5 + place);
                }
            }
        }
    }
    EXPECT_EQ(rows.toStored(matrix), counted(60));
}

} // namespace
} // namespace lathe::transform
