#include <core/data/idx_reader.h>

#include <gtest/gtest.h>

#include "test_files.h"

namespace lathe::data {
namespace {

using base::ErrorCode;
using testing::gzipped;
using testing::idxBytes;

class IdxReader : public ::testing::Test {
protected:
    base::Result<tensor::Tensor> read(const std::string& bytes) {
        const auto file = m_folder.path() / "file.idx";
        EXPECT_TRUE(base::writeFile(file, bytes));
        return readIdx(file);
    }
    base::TemporaryFolder m_folder;
};

TEST_F(IdxReader, ReadsBytes) {
    const auto array = read(idxBytes(0x08, {2, 3}, "abcdef"));
    ASSERT_TRUE(array);
    EXPECT_TRUE(array->sameContent(tensor::Tensor::of<std::uint8_t>({2, 3}, {'a', 'b', 'c', 'd', 'e', 'f'})));
}

TEST_F(IdxReader, ReadsGzipWhateverItsName) {
    const auto array = read(gzipped(idxBytes(0x08, {3}, "xyz"), m_folder.path() / "scratch"));
    ASSERT_TRUE(array) << array.error().text();
    EXPECT_TRUE(array->sameContent(tensor::Tensor::of<std::uint8_t>({3}, {'x', 'y', 'z'})));
}

TEST_F(IdxReader, TurnsBigEndianElements) {
    using std::string_view_literals::operator""sv;
    const auto shorts = read(idxBytes(0x0B, {2}, "\x01\x02\xff\xfe"sv));
    ASSERT_TRUE(shorts);
    EXPECT_TRUE(shorts->sameContent(tensor::Tensor::of<std::int16_t>({2}, {0x0102, -2})));
    const auto floats = read(idxBytes(0x0D, {1}, "\x3f\x80\x00\x00"sv));
    ASSERT_TRUE(floats);
    EXPECT_TRUE(floats->sameContent(tensor::Tensor::of<float>({1}, {1.0F})));
    const auto doubles = read(idxBytes(0x0E, {1}, "\xc0\x00\x00\x00\x00\x00\x00\x00"sv));
    ASSERT_TRUE(doubles);
    EXPECT_TRUE(doubles->sameContent(tensor::Tensor::of<double>({1}, {-2.0})));
}

TEST_F(IdxReader, ReadsNoElements) {
    const auto array = read(idxBytes(0x08, {0, 28, 28}, ""));
    ASSERT_TRUE(array);
    EXPECT_EQ(array->shape(), (tensor::Shape{0, 28, 28}));
}

TEST_F(IdxReader, RefusesWhatIsNoFile) {
    EXPECT_EQ(readIdx(m_folder.path() / "missing").error().code, ErrorCode::NotFound);
    EXPECT_EQ(readIdx(m_folder.path()).error().code, ErrorCode::Rejected);
}

struct BadIdx {
    std::string name, bytes, reason;
};
class BadIdxReader : public IdxReader, public ::testing::WithParamInterface<BadIdx> {};

TEST_P(BadIdxReader, SaysWhatIsWrong) {
    const auto array = read(GetParam().bytes);
    ASSERT_FALSE(array);
    EXPECT_EQ(array.error().code, ErrorCode::Rejected);
    EXPECT_NE(array.error().message.text().find(GetParam().reason), std::string::npos) << array.error().message;
    EXPECT_TRUE(array.error().message.text().ends_with('.'));
}

INSTANTIATE_TEST_SUITE_P(All, BadIdxReader,
                         ::testing::Values(BadIdx{"Empty", "", "is empty"}, BadIdx{"TwoBytes", std::string(2, '\0'), "is truncated"},
                                           BadIdx{"Text", "hello, this is text", "is not an IDX file"},
                                           BadIdx{"UnknownType", idxBytes(0x0A, {1}, "x"), "is not an IDX file"},
                                           BadIdx{"NoDimensions", idxBytes(0x08, {}, "x"), "is not an IDX file"},
                                           BadIdx{"TruncatedDimensions", idxBytes(0x08, {1, 2}, "").substr(0, 10), "is truncated"},
                                           BadIdx{"TruncatedElements", idxBytes(0x08, {2, 3}, "abcde"), "only 5 bytes follow"},
                                           BadIdx{"TrailingBytes", idxBytes(0x08, {2, 3}, "abcdefg"), "goes on after the 2x3 elements"},
                                           BadIdx{"HugeDimensions", idxBytes(0x08, {0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}, "x"),
                                                  "is truncated"},
                                           BadIdx{"LargerThanMemory", idxBytes(0x0E, {0xFFFFFFFF}, "x"), "is truncated"}),
                         [](const auto& test) { return test.param.name; });

TEST_F(IdxReader, RefusesTruncatedGzip) {
    std::string noise;
    for (int at = 0; at < 4000; ++at) {
        noise += static_cast<char>(at * at >> 3);
    }
    const std::string whole = gzipped(idxBytes(0x08, {4000}, noise), m_folder.path() / "scratch");
    for (const std::size_t length : {whole.size() / 2, whole.size() - 9, whole.size() - 1}) {
        const auto array = read(whole.substr(0, length));
        ASSERT_FALSE(array) << length;
        EXPECT_EQ(array.error().code, ErrorCode::Rejected);
        EXPECT_NE(array.error().message.text().find("is truncated"), std::string::npos) << array.error().message;
    }
}

TEST_F(IdxReader, RefusesDamagedGzip) {
    std::string bytes = gzipped(idxBytes(0x08, {6}, "abcdef"), m_folder.path() / "scratch");
    bytes[bytes.size() - 6] ^= 0x55; // in the checksum
    const auto array = read(bytes);
    ASSERT_FALSE(array);
    EXPECT_NE(array.error().message.text().find("damaged gzip"), std::string::npos) << array.error().message;
}

TEST_F(IdxReader, RefusesGzipThatClaimsMoreThanItCanHold) {
    const auto array = read(gzipped(idxBytes(0x08, {0xFFFFFFFF, 0xFFFF}, "x"), m_folder.path() / "scratch"));
    ASSERT_FALSE(array);
    EXPECT_NE(array.error().message.text().find("is truncated"), std::string::npos) << array.error().message;
}

} // namespace
} // namespace lathe::data
