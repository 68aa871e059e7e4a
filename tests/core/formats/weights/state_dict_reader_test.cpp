#include <core/formats/weights/state_dict_reader.h>

#include <gtest/gtest.h>

#include <core/base/files.h>

namespace lathe::formats {
namespace {

base::Result<NamedTensors> read(const std::string& name) {
    const auto mapped = base::MappedFile::open(std::filesystem::path(LATHE_SOURCE_DIR) / "tests/data/weights" / name).value();
    return readStateDict(mapped->bytes(), mapped);
}

TEST(ReadStateDict, ReadsWhatPyTorchWrites) {
    const auto weights = read("state_dict.pt");
    ASSERT_TRUE(weights) << weights.error().message;
    ASSERT_EQ(weights->size(), 6U);
    const auto& weight = weights->at("fc.weight");
    EXPECT_TRUE(weight.sameContent(tensor::Tensor::of<float>({2, 3}, {0, 1, 2, 3, 4, 5})));
    EXPECT_EQ(weights->at("fc.bias").dtype(), tensor::DType::Float16);
    EXPECT_EQ(weights->at("steps").toFloats(), std::vector<float>({7}));
    EXPECT_EQ(weights->at("mask").toFloats(), std::vector<float>({1, 0, 1}));
    EXPECT_EQ(weights->at("empty").shape(), tensor::Shape({0, 4}));
    EXPECT_EQ(weights->at("transposed").toFloats(), std::vector<float>({0, 3, 1, 4, 2, 5}));
    EXPECT_EQ(weights->at("transposed").storage(), weight.storage()) << "one storage stays one";
}

TEST(ReadStateDict, FindsTheWeightsOfACheckpoint) {
    const auto weights = read("checkpoint.pt");
    ASSERT_TRUE(weights) << weights.error().message;
    ASSERT_EQ(weights->size(), 1U);
    EXPECT_TRUE(weights->at("fc.weight").sameContent(tensor::Tensor::of<float>({2, 3}, {0, 1, 2, 3, 4, 5})));
}

TEST(ReadStateDict, RefusesAWholeModelByTheNameOfItsClass) {
    EXPECT_EQ(read("whole_model.pt").error().message,
              "holds a pickle (data.pkl) that asks Python to call torch.nn.modules.linear.Linear, which no weights need.");
}

} // namespace
} // namespace lathe::formats
