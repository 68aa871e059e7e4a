#include <core/formats/weights/safetensors_reader.h>

#include <cstring>

#include <gtest/gtest.h>

#include <core/base/files.h>

namespace lathe::formats {
namespace {

using namespace std::string_literals;

base::Result<NamedTensors> read(const std::string& bytes) {
    const auto owner = std::make_shared<std::string>(bytes);
    return readSafetensors(std::as_bytes(std::span(*owner)), owner);
}

std::string safetensors(const std::string& header, std::size_t dataBytes) {
    const std::uint64_t length = header.size();
    return std::string(reinterpret_cast<const char*>(&length), sizeof length) + header + std::string(dataBytes, '\1');
}

TEST(ReadSafetensors, ReadsWhatTheirOwnLibraryWrites) {
    const auto weights = read(base::readFile(std::filesystem::path(LATHE_SOURCE_DIR) / "tests/data/weights/small.safetensors").value());
    ASSERT_TRUE(weights) << weights.error().message;
    ASSERT_EQ(weights->size(), 5U);
    EXPECT_TRUE(weights->at("fc.weight").sameContent(tensor::Tensor::of<float>({2, 3}, {0, 1, 2, 3, 4, 5})));
    EXPECT_EQ(weights->at("fc.bias").dtype(), tensor::DType::Float16);
    EXPECT_EQ(weights->at("fc.bias").toFloats(), std::vector<float>({0, 1}));
    EXPECT_TRUE(weights->at("steps").sameContent(tensor::Tensor::of<std::int64_t>({}, {7})));
    EXPECT_EQ(weights->at("mask").toFloats(), std::vector<float>({1, 0, 1}));
    EXPECT_EQ(weights->at("empty").shape(), tensor::Shape({0, 4}));
}

TEST(ReadSafetensors, RefusesWhatDoesNotAddUp) {
    struct Case {
        std::string bytes, message;
    };
    const std::string two = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[4],"data_offsets":[)";
    const std::vector<Case> cases{
        {"\1\0\0"s, "is cut off."},
        {"\xFF\0\0\0\0\0\0\0{}"s, "is cut off: its header of 255 bytes is not whole."},
        {safetensors(two + "8,12]}}", 11), "is malformed: the elements of \"b\" are not where they should be."},
        {safetensors(two + "4,8]}}", 12), "is malformed: the elements of \"b\" are not where they should be."},
        {safetensors(two + "9,13]}}", 13), "is malformed: the elements of \"b\" are not where they should be."},
        {safetensors(two + "8,12]}}", 13), "is malformed: 1 bytes at its end belong to no tensor."},
        {safetensors(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8), "is malformed: \"a\" of shape 3 has 8 bytes."},
        {safetensors(R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}})", 8),
         "is malformed: \"a\" of shape 4611686018427387904x4 has 8 bytes."},
        {safetensors(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,8]}})", 8), "is malformed: \"a\" of shape -1 has 8 bytes."},
    };
    for (const Case& entry : cases) {
        const auto weights = read(entry.bytes);
        ASSERT_FALSE(weights) << entry.message;
        EXPECT_EQ(weights.error().code, base::ErrorCode::Rejected);
        EXPECT_EQ(weights.error().message, entry.message);
    }
    EXPECT_NE(read(safetensors(R"({"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}})", 1)).error().message.text().find("F8_E4M3"),
              std::string::npos);
    EXPECT_TRUE(read(safetensors("{not json", 0)).error().message.text().starts_with("has a header that is not JSON: "));
    EXPECT_FALSE(read(safetensors(std::string(100'000, '['), 0)));
}

} // namespace
} // namespace lathe::formats
