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

TEST_F(NpzDataset, RefusesNoSamplesAndSeveralInputs) {
    const auto none = open({{"y", Tensor::of<std::int64_t>({1}, {0})}});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, ErrorCode::Rejected);
    EXPECT_NE(none.error().message.find("holds no samples"), std::string::npos);
    const auto several = open({{"a", Tensor::of<float>({1}, {0})}, {"b", Tensor::of<float>({1}, {0})}});
    ASSERT_FALSE(several);
    EXPECT_EQ(several.error().code, ErrorCode::Unsupported);
    EXPECT_NE(several.error().message.find("\"a\", \"b\""), std::string::npos);
}

} // namespace
} // namespace lathe::data
