#include <core/transform/prune/criteria/mean_activation.h>

#include <cmath>

#include <gtest/gtest.h>

#include "scored_group.h"

namespace lathe::transform {
namespace {

TEST(MeanActivation, IsTheMeanMagnitude) {
    GroupActivity image(1, {1, 0});
    image.add(tensor::Tensor::of<float>({1, 2, 1, 4}, {0, 1, -3, 0, /**/ 0, 0, 0, 2}));
    image.add(tensor::Tensor::of<float>({1, 2, 1, 2}, {8, 0, /**/ 0, -4}));
    EXPECT_EQ(meanActivation.ofActivity({&image}, 2), (std::vector<double>{1, 2}));
}

} // namespace
} // namespace lathe::transform
