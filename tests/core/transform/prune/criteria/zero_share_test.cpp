#include <core/transform/prune/criteria/zero_share.h>

#include <cmath>

#include <gtest/gtest.h>

#include "scored_group.h"

namespace lathe::transform {
namespace {

TEST(ZeroShare, IsHowOftenAChannelIsNotZero) {
    GroupActivity image(1, {0, 1}), features(1, {1, 1, 0, noChannel});
    image.add(tensor::Tensor::of<float>({1, 2, 1, 4}, {0, 1, -3, 0, /**/ 0, 0, 0, 2}));
    features.add(tensor::Tensor::of<float>({2, 4}, {0, 5, 0, 9, /**/ 1, 1, 0, 9}));
    // Channel 0: 2 of 4 and 0 of 2; channel 1: 1 of 4, 1 of 2 and 2 of 2.
    EXPECT_EQ(zeroShare.ofActivity({&image, &features}, 2), (std::vector<double>{0.25, 1.75 / 3}));
}

TEST(ZeroShare, WhereNothingIsEverZeroThereIsNothingToGoBy) {
    GroupActivity smooth(1, {0, 1}), rectified(1, {0, 1});
    smooth.add(tensor::Tensor::of<float>({2, 2}, {-0.1F, 5, 1e-20F, 9}));
    EXPECT_TRUE(zeroShare.ofActivity({&smooth}, 2).empty());
    rectified.add(tensor::Tensor::of<float>({2, 2}, {0, 5, 1, 9}));
    EXPECT_EQ(zeroShare.ofActivity({&smooth, &rectified}, 2), (std::vector<double>{0.75, 1}));
}

TEST(ZeroShare, NothingSeenIsNoScore) {
    const GroupActivity none(1, {0, 1});
    EXPECT_TRUE(zeroShare.ofActivity({&none}, 2).empty());
    EXPECT_TRUE(zeroShare.ofActivity({}, 2).empty());
}

} // namespace
} // namespace lathe::transform
