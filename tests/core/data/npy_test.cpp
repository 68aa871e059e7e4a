#include <core/data/npy.h>

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace lathe::data {
namespace {

using base::ErrorCode;
using tensor::Tensor;
using namespace std::string_literals;

/// A .npy file as the format describes it, with the given header and elements.
std::string npy(const std::string& header, const std::string& elements, int version = 1) {
    std::string bytes = "\x93NUMPY"s + static_cast<char>(version) + '\0';
    bytes += static_cast<char>(header.size() & 0xFF);
    bytes += static_cast<char>(header.size() >> 8);
    if (version > 1) bytes += std::string(2, '\0');
    return bytes + header + elements;
}

base::Result<Tensor> parse(const std::string& text) {
    const auto bytes = std::as_bytes(std::span(text));
    return parseNpy({bytes.begin(), bytes.end()});
}

template<class T>
std::string bytesOf(std::initializer_list<T> values) {
    return {reinterpret_cast<const char*>(values.begin()), values.size() * sizeof(T)};
}

TEST(Npy, ReadsEveryVersion) {
    for (const int version : {1, 2, 3}) {
        const auto array = parse(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }", bytesOf({1.5F, -2.0F}), version));
        ASSERT_TRUE(array) << version << " " << array.error().message;
        EXPECT_TRUE(array->sameContent(Tensor::of<float>({2, 1}, {1.5F, -2.0F})));
    }
}

TEST(Npy, ReadsKeysInAnyOrderAndWithoutSpaces) {
    const auto array = parse(npy("{\"shape\":(2,),\"fortran_order\":False,\"descr\":\"<i8\"}\n", bytesOf<std::int64_t>({7, -1})));
    ASSERT_TRUE(array);
    EXPECT_TRUE(array->sameContent(Tensor::of<std::int64_t>({2}, {7, -1})));
}

TEST(Npy, TransposesFortranOrder) {
    // [[1, 2, 3], [4, 5, 6]] column by column.
    const auto array = parse(npy("{'descr': '<i4', 'fortran_order': True, 'shape': (2, 3), }", bytesOf<std::int32_t>({1, 4, 2, 5, 3, 6})));
    ASSERT_TRUE(array);
    EXPECT_TRUE(array->sameContent(Tensor::of<std::int32_t>({2, 3}, {1, 2, 3, 4, 5, 6})));
}

TEST(Npy, TurnsBigEndian) {
    const auto array = parse(npy("{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }", "\x01\x02\xff\xff"s));
    ASSERT_TRUE(array);
    EXPECT_TRUE(array->sameContent(Tensor::of<std::int16_t>({2}, {0x0102, -1})));
}

TEST(Npy, ReadsScalarsAndEmptyArrays) {
    const auto scalar = parse(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (), }", bytesOf({2.5})));
    ASSERT_TRUE(scalar);
    EXPECT_TRUE(scalar->sameContent(Tensor::of<double>({}, {2.5})));
    const auto empty = parse(npy("{'descr': '|u1', 'fortran_order': False, 'shape': (0, 3), }", ""));
    ASSERT_TRUE(empty);
    EXPECT_EQ(empty->shape(), (tensor::Shape{0, 3}));
}

TEST(Npy, ReadsElementsAtAnyOffset) {
    const auto array = parse(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}", bytesOf({2.5})));
    ASSERT_TRUE(array);
    EXPECT_EQ(array->values<double>()[0], 2.5);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(array->values<double>().data()) % alignof(double), 0U);
}

struct BadNpy {
    std::string name, bytes, reason;
};
class BadNpyTest : public ::testing::TestWithParam<BadNpy> {};

TEST_P(BadNpyTest, SaysWhatIsWrong) {
    const auto array = parse(GetParam().bytes);
    ASSERT_FALSE(array);
    EXPECT_EQ(array.error().code, ErrorCode::Rejected);
    EXPECT_NE(array.error().message.text().find(GetParam().reason), std::string::npos) << array.error().message;
}

std::string withType(const std::string& descr) {
    return npy("{'descr': " + descr + ", 'fortran_order': False, 'shape': (1,), }", std::string(64, 'x'));
}
std::string withShape(const std::string& shape, const std::string& elements) {
    return npy("{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }", elements);
}

INSTANTIATE_TEST_SUITE_P(
    All, BadNpyTest,
    ::testing::Values(BadNpy{"Empty", "", "is not a .npy array"}, BadNpy{"Text", "hello", "is not a .npy array"},
                      BadNpy{"OnlyMagic", "\x93NUMPY", "is truncated"}, BadNpy{"Version9", npy("{}", "", 9), "unknown .npy version 9"},
                      BadNpy{"HeaderLongerThanFile", npy("{}", "").substr(0, 11), "is truncated"},
                      BadNpy{"EmptyDictionary", npy("{}", ""), "malformed"}, BadNpy{"NoDictionary", npy("hello", ""), "malformed"},
                      BadNpy{"Unclosed", npy("{'descr': '<f4', ", ""), "malformed"},
                      BadNpy{"UnknownKey", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (), 'more': 1}", ""), "malformed"},
                      BadNpy{"Objects", withType("'|O'"), "Python objects"}, BadNpy{"Text8", withType("'<U8'"), "text (dtype <U8)"},
                      BadNpy{"Complex", withType("'<c8'"), "complex numbers"}, BadNpy{"Unsigned16", withType("'<u2'"), "dtype <u2"},
                      BadNpy{"Records", withType("[('a', '<f4')]"), "structured"},
                      BadNpy{"EmptyType", withType("''"), "elements of the dtype"},
                      BadNpy{"TooFewBytes", withShape("(3,)", std::string(8, 'x')), "is truncated"},
                      BadNpy{"TooManyBytes", withShape("(1,)", std::string(8, 'x')), "goes on after"},
                      BadNpy{"NegativeSize", withShape("(-1,)", std::string(4, 'x')), "is truncated"},
                      BadNpy{"Overflow", withShape("(4611686018427387904, 4611686018427387904)", "xxxx"), "is truncated"},
                      BadNpy{"OverflowToZero", withShape("(4294967296, 4294967296)", ""), "is truncated"},
                      BadNpy{"TooLargeNumber", withShape("(99999999999999999999,)", ""), "malformed"}),
    [](const auto& test) { return test.param.name; });

TEST(Npy, ReadsWhatItWrote) {
    const float inf = std::numeric_limits<float>::infinity();
    for (const Tensor& array :
         {Tensor::of<float>({2, 2}, {0.0F, -0.0F, inf, std::nanf("")}), Tensor::of<double>({1}, {1e300}),
          Tensor::of<std::int64_t>({}, {-5}), Tensor::of<std::int32_t>({3}, {1, 2, 3}), Tensor::of<std::int8_t>({1, 1, 2}, {-128, 127}),
          Tensor::of<std::uint8_t>({0}, {}), Tensor::zeros(tensor::DType::Bool, {5}), Tensor::zeros(tensor::DType::Float16, {3, 0, 2})}) {
        const std::string bytes = formatNpy(array);
        const auto again = parse(bytes);
        ASSERT_TRUE(again) << again.error().message;
        EXPECT_TRUE(again->sameContent(array));
        EXPECT_EQ((bytes.size() - static_cast<std::size_t>(array.byteCount())) % 64, 0U);
    }
}

} // namespace
} // namespace lathe::data
