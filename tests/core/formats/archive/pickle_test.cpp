#include <core/formats/archive/pickle.h>

#include <gtest/gtest.h>

// What is refused, and with which sentence, is in hostile_files_test.cpp.

namespace lathe::formats {
namespace {

using namespace std::string_literals;
using Kind = PickleValue::Kind;

PickleRules anything() {
    return {[](std::string_view, std::string_view) { return true; }, [](std::string_view) { return std::uint64_t{24}; }};
}

TEST(ReadPickle, BuildsPlainValues) {
    // {"a": (1, -2, 300, 2.5, None, True), "b": ["text"]}, as pickle.dumps(…, 2) writes it.
    const std::string bytes =
        "\x80\2}q\0(X\1\0\0\0aq\1(K\1J\xFE\xFF\xFF\xFFM\x2C\1G\x40\4\0\0\0\0\0\0N\x88tq\2X\1\0\0\0bq\3]q\4X\4\0\0\0textq\5a"s
        "u.";
    const auto pickle = readPickle(bytes, anything());
    ASSERT_TRUE(pickle) << pickle.error().message;
    const PickleValue& root = pickle->at(pickle->root);
    ASSERT_EQ(root.kind, Kind::Dict);
    ASSERT_EQ(root.items.size(), 4U);
    EXPECT_EQ(pickle->at(root.items[0]).text, "a");
    const PickleValue& tuple = pickle->at(root.items[1]);
    ASSERT_EQ(tuple.items.size(), 6U);
    EXPECT_EQ(pickle->at(tuple.items[0]).integer, 1);
    EXPECT_EQ(pickle->at(tuple.items[1]).integer, -2);
    EXPECT_EQ(pickle->at(tuple.items[2]).integer, 300);
    EXPECT_EQ(pickle->at(tuple.items[3]).number, 2.5);
    EXPECT_EQ(pickle->at(tuple.items[4]).kind, Kind::None);
    EXPECT_EQ(pickle->at(tuple.items[5]).kind, Kind::Bool);
    EXPECT_EQ(pickle->at(pickle->at(root.items[3]).items[0]).text, "text");
}

TEST(ReadPickle, DescribesTensors) {
    const std::string bytes =
        "\x80\2ctorch._utils\n_rebuild_tensor_v2\n((X\7\0\0\0storagectorch\nHalfStorage\nX\1\0\0\0007X\3\0\0\0cpuK\x0CtQK\2("
        "K\2K\3t(K\5K\1t\x89"
        "ccollections\nOrderedDict\n)RtR."s;
    const auto pickle = readPickle(bytes, anything());
    ASSERT_TRUE(pickle) << pickle.error().message;
    ASSERT_EQ(pickle->at(pickle->root).kind, Kind::Tensor);
    ASSERT_EQ(pickle->tensors.size(), 1U);
    const PickledTensor& tensor = pickle->tensors[0];
    EXPECT_EQ(tensor.key, "7");
    EXPECT_EQ(tensor.dtype, tensor::DType::Float16);
    EXPECT_EQ(tensor.offset, 2);
    EXPECT_EQ(tensor.shape, tensor::Shape({2, 3}));
    EXPECT_EQ(tensor.strides, std::vector<std::int64_t>({5, 1}));
}

TEST(ReadPickle, AnswersEveryCutOffPickle) {
    const std::string bytes = "\x80\2}q\0(X\1\0\0\0aq\1(K\1J\xFE\xFF\xFF\xFFtq\2u."s;
    ASSERT_TRUE(readPickle(bytes, anything()));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const auto cut = readPickle(bytes.substr(0, size), anything());
        ASSERT_FALSE(cut) << size;
        const std::string message = cut.error().message.text();
        EXPECT_TRUE(message == "ends in the middle" || message == "claims a text of 1 bytes, more than follow") << message;
    }
}

TEST(ReadPickle, SaysWhatIsNoPickleOfPyTorch) {
    EXPECT_EQ(readPickle("\x80\4N.", anything()).error().message, "is of protocol 4; PyTorch writes protocol 2");
    EXPECT_EQ(readPickle("\x80\2\x93.", anything()).error().message, "has the instruction 0x93, which PyTorch does not write");
}

} // namespace
} // namespace lathe::formats
