#include <core/data/in_memory_dataset.h>

#include <gtest/gtest.h>

namespace lathe::data {
namespace {

using tensor::Tensor;

/// Four images of two pixels, labels 0, 1, 2, 0.
DatasetContent images() {
    return {.name = "images",
            .train = {Tensor::of<std::uint8_t>({4, 1, 2}, {0, 1, 2, 3, 4, 255, 6, 7}), Tensor::of<std::uint8_t>({4}, {0, 1, 2, 0})},
            .test = {Tensor::of<std::uint8_t>({1, 1, 2}, {8, 9}), Tensor::of<std::uint8_t>({1}, {1})},
            .divisor = 255,
            .classes = {"a", "b", "c"}};
}

TEST(InMemoryDataset, ShowsWhatTheModelSees) {
    const auto data = InMemoryDataset::create(images()).value();
    EXPECT_EQ(data->size(Split::Train), 4);
    EXPECT_EQ(data->size(Split::Test), 1);
    EXPECT_EQ(data->sampleShape(), (tensor::Shape{1, 2}));
    EXPECT_TRUE(data->hasLabels());
    EXPECT_TRUE(data->samples(Split::Train, 1, 2).sameContent(Tensor::of<float>({2, 1, 2}, {2 / 255.0F, 3 / 255.0F, 4 / 255.0F, 1.0F})));
    EXPECT_TRUE(data->labels(Split::Train, 2, 2).sameContent(Tensor::of<std::int64_t>({2}, {2, 0})));
}

TEST(InMemoryDataset, GathersInTheOrderAskedFor) {
    const auto data = InMemoryDataset::create(images()).value();
    const std::vector<std::int64_t> positions = {3, 0, 3};
    const Tensor expected = Tensor::of<float>({3, 1, 2}, {6 / 255.0F, 7 / 255.0F, 0, 1 / 255.0F, 6 / 255.0F, 7 / 255.0F});
    ASSERT_EQ(data->gatherCall(Split::Train, positions).size(), 1U);
    EXPECT_TRUE(data->gatherCall(Split::Train, positions)[0].sameContent(expected));
    EXPECT_EQ(data->gatherCall(Split::Train, {})[0].shape(), (tensor::Shape{0, 1, 2}));
}

TEST(InMemoryDataset, OtherInputsArePartOfTheHashAndNotScaled) {
    DatasetContent content = images();
    content.test.more = {Tensor::of<std::int64_t>({1, 2}, {5, 6})};
    content.train.more = {Tensor::of<std::int64_t>({4, 2}, {1, 2, 3, 4, 5, 6, 7, 8})};
    const auto data = InMemoryDataset::create(content).value();
    EXPECT_TRUE(data->input(1, Split::Test, 0, 1).sameContent(Tensor::of<std::int64_t>({1, 2}, {5, 6})));
    EXPECT_TRUE(data->input(0, Split::Test, 0, 1).sameContent(Tensor::of<float>({1, 1, 2}, {8 / 255.0F, 9 / 255.0F})));
    content.test.more[0] = Tensor::of<std::int64_t>({1, 2}, {5, 7});
    EXPECT_NE(InMemoryDataset::create(content).value()->sha256(), data->sha256());
    content.train.more.clear();
    EXPECT_FALSE(InMemoryDataset::create(content)) << "the training split lacks an input";
}

TEST(InMemoryDataset, HashTellsDifferentDataApart) {
    const std::string hash = InMemoryDataset::create(images()).value()->sha256();
    EXPECT_EQ(hash.size(), 64U);
    EXPECT_EQ(InMemoryDataset::create(images()).value()->sha256(), hash);
    DatasetContent other = images();
    other.name = "other name, same data";
    EXPECT_EQ(InMemoryDataset::create(other).value()->sha256(), hash);
    other.test.labels = Tensor::of<std::uint8_t>({1}, {2});
    EXPECT_NE(InMemoryDataset::create(other).value()->sha256(), hash);
    other = images();
    other.divisor = 1;
    EXPECT_NE(InMemoryDataset::create(other).value()->sha256(), hash);
}

TEST(InMemoryDataset, KeepsIntegersUnscaled) {
    const auto data = InMemoryDataset::create({.name = "ids", .test = {Tensor::of<std::int64_t>({1, 1}, {40000}), {}}}).value();
    EXPECT_TRUE(data->samples(Split::Test, 0, 1).sameContent(Tensor::of<std::int64_t>({1, 1}, {40000})));
}

struct BadContent {
    std::string name;
    std::function<void(DatasetContent&)> damage;
    std::string reason;
};
class BadDataset : public ::testing::TestWithParam<BadContent> {};

TEST_P(BadDataset, SaysWhatIsWrong) {
    DatasetContent content = images();
    GetParam().damage(content);
    const auto data = InMemoryDataset::create(std::move(content));
    ASSERT_FALSE(data);
    EXPECT_EQ(data.error().code, base::ErrorCode::Rejected);
    EXPECT_NE(data.error().message.text().find(GetParam().reason), std::string::npos) << data.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    All, BadDataset,
    ::testing::Values(BadContent{"NoSamples", [](DatasetContent& c) { c.train = c.test = {}; }, "there are no samples"},
                      BadContent{"Scalar", [](DatasetContent& c) { c.test.samples = Tensor::of<float>({}, {1}); }, "single number"},
                      BadContent{"FewerLabels",
                                 [](DatasetContent& c) {
                                     c.train.labels = Tensor::of<std::uint8_t>({3}, {0, 1, 2});
                                 },
                                 "4 training samples, but labels of the shape 3"},
                      BadContent{"OneHotLabels",
                                 [](DatasetContent& c) {
                                     c.test.labels = Tensor::of<std::uint8_t>({1, 3}, {0, 1, 0});
                                 },
                                 "but the test labels int64 1x3"},
                      BadContent{"FloatLabels", [](DatasetContent& c) { c.test.labels = Tensor::of<float>({1}, {0.5F}); },
                                 "labels are float32, but there are classes"},
                      BadContent{"LabelTooLarge",
                                 [](DatasetContent& c) {
                                     c.train.labels = Tensor::of<std::uint8_t>({4}, {0, 1, 3, 0});
                                 },
                                 "the label of training sample 2 is 3, but labels must be between 0 and 2"},
                      BadContent{"NegativeLabel", [](DatasetContent& c) { c.test.labels = Tensor::of<std::int64_t>({1}, {-1}); }, "is -1"},
                      BadContent{"OtherShape",
                                 [](DatasetContent& c) {
                                     c.test.samples = Tensor::of<std::uint8_t>({1, 2, 1}, {1, 2});
                                 },
                                 "uint8 1x2, but the test samples uint8 2x1"},
                      BadContent{"LabelsOfOneSplit", [](DatasetContent& c) { c.test.labels = {}; }, "only one of"}),
    [](const auto& test) { return test.param.name; });

} // namespace
} // namespace lathe::data
