#include <core/transform/prune/criteria/group_activity.h>

#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "scored_group.h"

namespace lathe::transform {
namespace {

TEST(GroupActivity, SumsByIndexWhateverTheDimension) {
    const tensor::Tensor values = support::randomTensor({3, 4, 5}, 7);
    for (int axis = 0; axis < 3; ++axis) {
        const auto size = values.shape()[static_cast<std::size_t>(axis)];
        GroupActivity activity(axis, identityMap(size));
        activity.add(values);
        activity.add(values);
        EXPECT_EQ(activity.count(), 2 * 60 / size);
        const std::vector<float> numbers = values.toFloats();
        std::vector<double> sums(static_cast<std::size_t>(size), 0);
        for (std::int64_t at = 0; at < 60; ++at) {
            const std::array<std::int64_t, 3> index{at / 20, at / 5 % 4, at % 5};
            sums[static_cast<std::size_t>(index.at(static_cast<std::size_t>(axis)))] +=
                2 * std::fabs(static_cast<double>(numbers[static_cast<std::size_t>(at)]));
        }
        for (std::size_t i = 0; i < sums.size(); ++i)
            EXPECT_NEAR(activity.magnitude()[i], sums[i], 1e-9);
    }
}

TEST(GroupActivity, ReadsStridesAndPassesOverOtherShapes) {
    const tensor::Tensor rows = tensor::Tensor::of<float>({2, 3}, {1, 0, 3, 0, 5, 6});
    const tensor::Tensor columns(tensor::DType::Float32, {3, 2}, {1, 3}, rows.storage(), 0); // transposed
    GroupActivity activity(1, identityMap(2));
    activity.add(columns);
    activity.add(rows);
    activity.add(tensor::Tensor::of<float>({1}, {1}));
    EXPECT_EQ(activity.count(), 3);
    EXPECT_EQ(activity.nonzero(), (std::vector<double>{2, 2}));
}

} // namespace
} // namespace lathe::transform
