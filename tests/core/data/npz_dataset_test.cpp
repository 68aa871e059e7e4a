#include <core/data/npz_dataset.h>

#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/data/npz.h>

namespace lathe::data {
namespace {

using base::ErrorCode;
using tensor::Tensor;

class NpzDataset : public ::testing::Test {
protected:
    base::Result<std::shared_ptr<const Dataset>> open(const std::map<std::string, Tensor>& arrays) {
        const auto file = m_folder.path() / "data.npz";
        EXPECT_TRUE(writeNpz(file, arrays));
        return openNpzDataset(file);
    }
    base::TemporaryFolder m_folder;
};

TEST_F(NpzDataset, IsTheTestSplit) {
    const auto data = open({{"x", Tensor::of<float>({2, 1, 2}, {1, 2, 3, 4})}, {"y", Tensor::of<std::int32_t>({2}, {5, 6})}});
    ASSERT_TRUE(data) << data.error().text();
    EXPECT_EQ((*data)->name(), "data.npz");
    EXPECT_EQ((*data)->size(Split::Test), 2);
    EXPECT_EQ((*data)->size(Split::Train), 0);
    EXPECT_EQ((*data)->sampleShape(), (tensor::Shape{1, 2}));
    EXPECT_TRUE((*data)->samples(Split::Test, 1, 1).sameContent(Tensor::of<float>({1, 1, 2}, {3, 4})));
    EXPECT_TRUE((*data)->labels(Split::Test, 0, 2).sameContent(Tensor::of<std::int64_t>({2}, {5, 6})));
}

TEST_F(NpzDataset, TakesTheOnlyArrayWhateverItsName) {
    const auto data = open({{"input_ids", Tensor::of<std::int64_t>({1, 3}, {7, 8, 9})}});
    ASSERT_TRUE(data);
    EXPECT_FALSE((*data)->hasLabels());
    EXPECT_TRUE((*data)->samples(Split::Test, 0, 1).sameContent(Tensor::of<std::int64_t>({1, 3}, {7, 8, 9})));
}

TEST_F(NpzDataset, HasATrainingSplitWhenGiven) {
    const auto data = open({{"x", Tensor::of<float>({1, 1}, {1})},
                            {"y", Tensor::of<std::int64_t>({1}, {0})},
                            {"x_train", Tensor::of<float>({2, 1}, {2, 3})},
                            {"y_train", Tensor::of<std::int64_t>({2}, {0, 1})}});
    ASSERT_TRUE(data);
    EXPECT_EQ((*data)->size(Split::Train), 2);
}

TEST_F(NpzDataset, TurnsDoublesIntoFloats) {
    const auto data = open({{"x", Tensor::of<double>({1, 2}, {0.5, 1.0 / 3})}});
    ASSERT_TRUE(data);
    EXPECT_TRUE((*data)->samples(Split::Test, 0, 1).sameContent(Tensor::of<float>({1, 2}, {0.5F, static_cast<float>(1.0 / 3)})));
}

TEST_F(NpzDataset, RefusesNoSamples) {
    const auto none = open({{"y", Tensor::of<std::int64_t>({1}, {0})}});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, ErrorCode::Rejected);
    EXPECT_NE(none.error().message.text().find("holds no samples"), std::string::npos);
}

TEST_F(NpzDataset, SeveralArraysAreTheInputsOfTheModel) {
    const auto data = open({{"mask", Tensor::of<float>({2, 3}, {1, 1, 0, 1, 0, 0})},
                            {"ids", Tensor::of<std::int64_t>({2, 3}, {7, 8, 9, 10, 11, 12})},
                            {"ids_train", Tensor::of<std::int64_t>({1, 3}, {1, 2, 3})},
                            {"mask_train", Tensor::of<float>({1, 3}, {1, 1, 1})},
                            {"y", Tensor::of<std::int64_t>({2}, {1, 0})},
                            {"y_train", Tensor::of<std::int64_t>({1}, {1})}});
    ASSERT_TRUE(data) << data.error().text();
    EXPECT_EQ((*data)->inputs(), (std::vector<DataInput>{{"ids", {3}}, {"mask", {3}}}));
    EXPECT_EQ((*data)->sampleText(), "3 and 3");
    const auto batch = (*data)->call(Split::Test, 1, 1);
    ASSERT_EQ(batch.size(), 2U);
    EXPECT_TRUE(batch[0].sameContent(Tensor::of<std::int64_t>({1, 3}, {10, 11, 12})));
    EXPECT_TRUE(batch[1].sameContent(Tensor::of<float>({1, 3}, {1, 0, 0})));
    const std::vector<std::int64_t> positions{1, 0};
    const auto shuffled = (*data)->gatherCall(Split::Test, positions);
    EXPECT_TRUE(shuffled[1].sameContent(Tensor::of<float>({2, 3}, {1, 0, 0, 1, 1, 0})));
    EXPECT_EQ((*data)->size(Split::Train), 1);
}

TEST_F(NpzDataset, InputsThatDoNotBelongTogetherAreRefused) {
    const Tensor two = Tensor::of<float>({2, 1}, {1, 2}), three = Tensor::of<float>({3, 1}, {1, 2, 3});
    const auto counts = open({{"a", two}, {"b", three}});
    ASSERT_FALSE(counts);
    EXPECT_EQ(counts.error().message, "data.npz: one input has 2 test samples, but another the shape 3x1.");
    const auto half = open({{"a", two}, {"b", two}, {"b_train", two}});
    ASSERT_FALSE(half);
    EXPECT_NE(half.error().message.text().find("holds no array \"a_train\""), std::string::npos) << half.error().message;
}

TEST_F(NpzDataset, LabelsHaveUsualNamesOrTheRecipesOne) {
    const Tensor samples = Tensor::of<float>({2, 1}, {1, 2}), numbers = Tensor::of<std::int64_t>({2}, {0, 1});
    for (const char* name : {"y", "labels", "label", "targets", "target"}) {
        const auto data = open({{"x", samples}, {name, numbers}}).value();
        EXPECT_TRUE(data->hasLabels()) << name;
        EXPECT_EQ(data->labelsName(), name);
        EXPECT_EQ(data->inputs().size(), 1U);
    }
    const auto file = m_folder.path() / "data.npz";
    ASSERT_TRUE(writeNpz(file, {{"x", samples}, {"kind", numbers}}));
    EXPECT_EQ(openNpzDataset(file, "kind").value()->labelsName(), "kind");
    const auto missing = openNpzDataset(file, "colour");
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().message.text().find("no array \"colour\""), std::string::npos);
}

TEST_F(NpzDataset, AnInputOfTheModelIsAnInputWhateverItsName) {
    const Tensor samples = Tensor::of<float>({2, 1}, {1, 2}), numbers = Tensor::of<std::int64_t>({2}, {0, 1});
    const auto file = m_folder.path() / "data.npz";
    ASSERT_TRUE(writeNpz(file, {{"x", samples}, {"y", samples}, {"target", numbers}}));
    const std::vector<std::string> inputs{"x", "y"};
    const auto data = openNpzDataset(file, {}, inputs).value();
    EXPECT_EQ(data->labelsName(), "target");
    EXPECT_EQ(data->inputs(), (std::vector<DataInput>{{"x", {1}}, {"y", {1}}}));
}

} // namespace
} // namespace lathe::data
