#include <core/measure/detection_match.h>

#include <limits>

#include <gtest/gtest.h>

namespace lathe::measure {
namespace {

using tensor::Tensor;

const std::vector<float> boxes{0, 0, 10, 10, 20, 20, 40, 30, 5, 5, 6, 6};

Detections three() { return {boxes, {1, 2, 1}, {0.9F, 0.5F, 0.4F}}; }

std::vector<Tensor> outputsOf(std::vector<std::int64_t> labels) {
    return {Tensor::of<float>({3, 4}, boxes), Tensor::of<std::int64_t>({3}, labels), Tensor::of<float>({3}, {0.9F, 0.5F, 0.4F})};
}

TEST(DetectionMatch, OutputsAreToldApartByTheirShapeAndType) {
    const auto found = detectionsOf(outputsOf({1, 2, 1}));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->boxes, boxes);
    EXPECT_EQ(found->labels, (std::vector<float>{1, 2, 1}));
    EXPECT_EQ(found->count(), 3U);
    std::vector<Tensor> turned = outputsOf({1, 2, 1});
    std::swap(turned[0], turned[2]);
    turned.push_back(Tensor::zeros(tensor::DType::Float32, {3, 1, 28, 28})); // masks
    ASSERT_TRUE(detectionsOf(turned));
    EXPECT_EQ(detectionsOf(turned)->boxes, boxes);
}

TEST(DetectionMatch, OtherOutputsAreNoDetections) {
    EXPECT_FALSE(detectionsOf({Tensor::zeros(tensor::DType::Float32, {3, 4})})) << "a matrix alone";
    EXPECT_FALSE(detectionsOf({Tensor::zeros(tensor::DType::Float32, {3, 4}), Tensor::zeros(tensor::DType::Float32, {2})}))
        << "other counts";
    std::vector<Tensor> twice = outputsOf({1, 2, 1});
    twice.push_back(twice[0]);
    EXPECT_FALSE(detectionsOf(twice));
    EXPECT_FALSE(detectionsOf({}));
}

TEST(DetectionMatch, OrderDoesNotCount) {
    const Detections turned{{20, 20, 40, 30, 5, 5, 6, 6, 0, 0, 10, 10}, {2, 1, 1}, {0.5F, 0.4F, 0.9F}};
    EXPECT_EQ(matchedShare(turned, three()), 1);
}

TEST(DetectionMatch, LabelsScoresAndBoxesCount) {
    Detections other = three();
    other.labels[0] = 3;
    EXPECT_DOUBLE_EQ(matchedShare(other, three()), 2.0 / 3);
    other = three();
    other.scores[1] = 0.51F; // more than 1 % of 0.9
    EXPECT_DOUBLE_EQ(matchedShare(other, three()), 2.0 / 3);
    other.scores[1] = 0.508F;
    EXPECT_DOUBLE_EQ(matchedShare(other, three()), 1);
    other = three();
    other.boxes[2] = 8.9F; // 89 % of the area
    EXPECT_DOUBLE_EQ(matchedShare(other, three()), 2.0 / 3);
    other.boxes[2] = 9.1F;
    EXPECT_DOUBLE_EQ(matchedShare(other, three()), 1);
    other.scores[2] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_DOUBLE_EQ(matchedShare(other, three()), 2.0 / 3);
}

TEST(DetectionMatch, EachCountsOnce) {
    const Detections one{{0, 0, 10, 10}, {1}, {0.9F}}, two{{0, 0, 10, 10, 0, 0, 10, 10}, {1, 1}, {0.9F, 0.9F}};
    EXPECT_DOUBLE_EQ(matchedShare(one, two), 0.5);
    EXPECT_DOUBLE_EQ(matchedShare(two, one), 0.5);
    const Detections none;
    EXPECT_DOUBLE_EQ(matchedShare(none, none), 1);
    EXPECT_DOUBLE_EQ(matchedShare(none, one), 0);
}

TEST(DetectionMatch, BoxesWithoutAreaMatchThemselvesOnly) {
    const Detections flat{{1, 1, 1, 1}, {1}, {0.9F}}, other{{2, 2, 2, 2}, {1}, {0.9F}};
    EXPECT_DOUBLE_EQ(matchedShare(flat, flat), 1);
    EXPECT_DOUBLE_EQ(matchedShare(flat, other), 0);
}

} // namespace
} // namespace lathe::measure
