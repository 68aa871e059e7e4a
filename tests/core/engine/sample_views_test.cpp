#include <core/engine/sample_views.h>

#include <gtest/gtest.h>

#include <core/data/in_memory_dataset.h>

namespace lathe::engine {
namespace {

using tensor::Tensor;

std::shared_ptr<const data::Dataset> dataset(Tensor samples, Tensor labels = {}) {
    data::DatasetContent content;
    content.name = "four";
    content.test = {std::move(samples), std::move(labels)};
    return data::InMemoryDataset::create(std::move(content)).value();
}

TEST(SampleViews, LevelsGoFromTheSmallestToTheLargest) {
    const auto data = dataset(Tensor::of<float>({2, 1, 1, 3}, {-1, 0, 1, 5, 5, 5}), Tensor::of<std::int64_t>({2}, {7, 8}));
    const auto reply = sampleViews(*data, 0, 12);
    ASSERT_EQ(reply.samples.size(), 2U);
    EXPECT_EQ(reply.dtype, "float32");
    EXPECT_EQ(reply.testSamples, 2);
    EXPECT_EQ(reply.samples[0].levels, (std::vector<std::int64_t>{0, 128, 255}));
    EXPECT_EQ(reply.samples[0].label, 7);
    EXPECT_EQ(reply.samples[0].minimum, -1);
    EXPECT_EQ(reply.samples[1].levels, (std::vector<std::int64_t>{0, 0, 0})) << "all values are the same";
}

TEST(SampleViews, LargeSamplesAreThinnedOut) {
    const auto picture = sampleViews(*dataset(Tensor::of<float>({1, 3, 300, 200}, std::vector<float>(3 * 300 * 200))), 0, 1);
    EXPECT_EQ(picture.samples[0].shape, (tensor::Shape{3, 100, 100}));
    EXPECT_EQ(picture.samples[0].levels.size(), 30000U);
    const auto sound = sampleViews(*dataset(Tensor::of<float>({1, 1, 1000}, std::vector<float>(1000))), 0, 1);
    EXPECT_EQ(sound.samples[0].shape, (tensor::Shape{1, 1, 500}));
    const auto channels = sampleViews(*dataset(Tensor::of<float>({1, 8, 2, 2}, std::vector<float>(32))), 0, 1);
    EXPECT_EQ(channels.samples[0].shape, (tensor::Shape{1, 2, 2}));
}

TEST(SampleViews, EndsWithTheData) {
    const auto data = dataset(Tensor::of<float>({3, 2}, {1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(sampleViews(*data, 2, 12).samples.size(), 1U);
    EXPECT_EQ(sampleViews(*data, 2, 12).samples[0].label, -1);
    EXPECT_TRUE(sampleViews(*data, 3, 12).samples.empty());
}

} // namespace
} // namespace lathe::engine
