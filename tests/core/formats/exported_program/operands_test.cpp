#include <core/formats/exported_program/operands.h>

#include <cmath>

#include <gtest/gtest.h>

namespace lathe::formats {
namespace {

using base::Json;
using base::JsonReader;
using graph::Literal;
using graph::Operand;
using Operands = std::vector<Operand>;

/// The operand, or the sentence about what is wrong.
base::Result<Operand> read(const char* text) {
    const Json json = Json::parse(text);
    const JsonReader in(json, "the argument");
    Frame frame;
    frame.names = {{"x", Operand(3)}, {"n", Operand(4)}, {"two", Operand(Literal(std::int64_t{2}))}};
    return in.finish(readArgument(in, frame));
}

template<class T>
Operand literal(T value) {
    return Literal(std::move(value));
}

TEST(ExportedProgramOperands, EveryKindOfArgument) {
    using IntList = std::vector<std::int64_t>;
    const std::vector<std::pair<const char*, Operand>> cases{
        {R"({"as_none": true})", Operand()},
        {R"({"as_tensor": {"name": "x"}})", Operand(3)},
        {R"({"as_tensors": [{"name": "x"}, {"name": "n"}]})", Operands{3, 4}},
        {R"({"as_optional_tensor": {"as_none": true}})", Operand()},
        {R"({"as_optional_tensors": [{"as_none": true}, {"as_tensor": {"name": "x"}}]})", Operands{Operand(), 3}},
        {R"({"as_int": -5})", literal(std::int64_t{-5})},
        {R"({"as_ints": [1, 2]})", literal(IntList{1, 2})},
        {R"({"as_float": 0.5})", literal(0.5)},
        {R"({"as_float": "-Infinity"})", literal(-std::numeric_limits<double>::infinity())},
        {R"({"as_floats": [0.5, "Infinity"]})", literal(std::vector<double>{0.5, std::numeric_limits<double>::infinity()})},
        {R"({"as_bool": true})", literal(true)},
        {R"({"as_bools": [true, false]})", literal(std::vector<bool>{true, false})},
        {R"({"as_string": "same"})", literal(std::string("same"))},
        {R"({"as_sym_int": {"as_name": "n"}})", Operand(4)},
        {R"({"as_sym_int": {"as_int": 7}})", literal(std::int64_t{7})},
        {R"({"as_sym_ints": [{"as_int": 7}, {"as_name": "two"}]})", literal(IntList{7, 2})},
        {R"({"as_sym_ints": [{"as_int": 7}, {"as_name": "n"}]})", Operands{literal(std::int64_t{7}), 4}},
        {R"({"as_sym_float": {"as_float": 1.5}})", literal(1.5)},
        {R"({"as_sym_bool": {"as_bool": false}})", literal(false)},
        {R"({"as_scalar_type": 7})", literal(std::int64_t{6})},
        {R"({"as_memory_format": 2})", literal(std::int64_t{2})},
        {R"({"as_layout": 7})", literal(std::int64_t{0})},
        {R"({"as_device": {"type": "cpu", "index": null}})", literal(std::string("cpu"))},
        {R"({"as_graph": {"name": "true_graph_0", "graph": {}}})", literal(std::string("true_graph_0"))},
    };
    for (const auto& [text, expected] : cases) {
        const auto operand = read(text);
        ASSERT_TRUE(operand) << text << ": " << operand.error().text();
        EXPECT_EQ(*operand, expected) << text;
    }
    EXPECT_TRUE(std::isnan(*read(R"({"as_float": "NaN"})")->literal<double>()));
}

TEST(ExportedProgramOperands, WhatIsWrongIsSaidWithItsPlace) {
    const std::vector<std::pair<const char*, const char*>> cases{
        {R"({"as_tensor": {"name": "y"}})", "refers to \"y\", which is not defined before"},
        {R"({"as_tensors": [{"name": "x"}, {"name": "y"}]})", "as_tensors[1]"},
        {R"({"as_sym_int": {"as_unknown": 1}})", "is neither a name nor a number"},
        {R"({"as_float": "many"})", "is not a number"},
        {R"({"as_scalar_type": 99})", "is 99, which is not known"},
        {R"({"as_custom_obj": {}})", "is an argument of the kind \"as_custom_obj\", which cannot be used"},
        {R"({"as_int": 1, "as_float": 2})", "is not one argument"},
        {R"([1])", "is not one argument"},
        {R"({"as_int": "one"})", "as_int"},
    };
    for (const auto& [text, words] : cases) {
        const auto operand = read(text);
        ASSERT_FALSE(operand) << text;
        EXPECT_NE(operand.error().message.text().find(words), std::string::npos) << operand.error().message;
    }
}

TEST(ExportedProgramOperands, FramesHaveTheTensorsOfTheirGraph) {
    const Json json = Json::parse(R"({"tensor_values": {"x": {"dtype": 7}, "y": {"dtype": 5}}})");
    const Frame frame = frameOf(JsonReader(json, "the graph"));
    ASSERT_EQ(frame.tensors.size(), 2U);
    EXPECT_EQ((*frame.tensors.at("y"))["dtype"], 5);
    EXPECT_TRUE(frame.names.empty());
    const Json wrong = Json::parse(R"({"tensor_values": [1]})");
    const JsonReader in(wrong, "the graph");
    EXPECT_TRUE(frameOf(in).tensors.empty());
    EXPECT_FALSE(in.isGood());
}

} // namespace
} // namespace lathe::formats
