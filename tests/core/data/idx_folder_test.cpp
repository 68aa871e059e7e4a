#include <core/data/idx_folder.h>

#include <gtest/gtest.h>

#include "test_files.h"

namespace lathe::data {
namespace {

using base::ErrorCode;
using tensor::Tensor;
using testing::idxBytes;

class IdxFolder : public ::testing::Test {
protected:
    void write(const std::string& name, const std::string& bytes) { ASSERT_TRUE(base::writeFile(m_folder.path() / name, bytes)); }
    base::TemporaryFolder m_folder;
};

TEST_F(IdxFolder, PadsImagesWithBlack) {
    write("t10k-images-idx3-ubyte", idxBytes(0x08, {1, 2, 1}, "\xff\x33"));
    write("t10k-labels-idx1-ubyte", idxBytes(0x08, {1}, "\x04"));
    const auto data = openIdxFolder(m_folder.path(), "tiny", {}, 1);
    ASSERT_TRUE(data) << data.error().text();
    EXPECT_EQ((*data)->size(Split::Train), 0);
    EXPECT_TRUE((*data)->samples(Split::Test, 0, 1).sameContent(Tensor::of<float>({1, 1, 4, 3}, {0, 0, 0, 0, 1, 0, 0, 0.2F, 0, 0, 0, 0})));
    EXPECT_EQ((*data)->labels(Split::Test, 0, 1).values<std::int64_t>()[0], 4);
}

TEST_F(IdxFolder, PadsOnlyImagesOfMnistSizeByItself) {
    write("test-images.idx", idxBytes(0x08, {1, 28, 28}, std::string(28 * 28, 'x')));
    EXPECT_EQ(openIdxFolder(m_folder.path(), "mnist").value()->sampleShape(), (tensor::Shape{1, 32, 32}));
    EXPECT_EQ(openIdxFolder(m_folder.path(), "mnist", {}, 0).value()->sampleShape(), (tensor::Shape{1, 28, 28}));
    write("test-images.idx", idxBytes(0x08, {1, 8, 28}, std::string(8 * 28, 'x')));
    EXPECT_EQ(openIdxFolder(m_folder.path(), "other").value()->sampleShape(), (tensor::Shape{1, 8, 28}));
}

TEST_F(IdxFolder, RefusesMissingFoldersAndImages) {
    EXPECT_EQ(openIdxFolder(m_folder.path() / "missing", "x").error().code, ErrorCode::NotFound);
    const auto empty = openIdxFolder(m_folder.path(), "x");
    ASSERT_FALSE(empty);
    EXPECT_EQ(empty.error().code, ErrorCode::NotFound);
    EXPECT_NE(empty.error().message.text().find("holds no images"), std::string::npos);
}

TEST_F(IdxFolder, RefusesWhatAreNoImages) {
    write("train-images-idx3-ubyte", idxBytes(0x08, {4}, "abcd"));
    const auto data = openIdxFolder(m_folder.path(), "x");
    ASSERT_FALSE(data);
    EXPECT_NE(data.error().message.text().find("holds uint8 4, but images"), std::string::npos) << data.error().message;
}

TEST_F(IdxFolder, RefusesOtherNumbersOfLabels) {
    write("train-images-idx3-ubyte", idxBytes(0x08, {2, 1, 1}, "ab"));
    write("train-labels-idx1-ubyte", idxBytes(0x08, {3}, "\x01\x01\x01"));
    const auto data = openIdxFolder(m_folder.path(), "digits");
    ASSERT_FALSE(data);
    EXPECT_EQ(data.error().message, "digits: there are 2 training samples, but labels of the shape 3.");
}

} // namespace
} // namespace lathe::data
