#include <core/formats/exported_program/arguments_torch.h>

#include <limits>

#include <gtest/gtest.h>

#include <core/formats/exported_program/operands.h>
#include <core/formats/operator_schema_torch.h>

namespace lathe::formats {
namespace {

using base::Json;
using graph::Literal;
using graph::Operand;
using graph::TypeKind;
using IntList = std::vector<std::int64_t>;
using Operands = std::vector<Operand>;

class ExportedProgramArguments : public testing::Test {
protected:
    ExportedProgramArguments() {
        m_graph.addInput("x");
        m_graph.addInput("n", TypeKind::Int);
        m_graph.addInput("words", TypeKind::String);
    }
    /// For the argument of this name of an operator.
    std::string write(const char* op, const char* name, const Operand& operand) const {
        const c10::FunctionSchema* schema = findSchema(op);
        EXPECT_NE(schema, nullptr) << op;
        const auto index = schema->argumentIndexWithName(name);
        EXPECT_TRUE(index) << name;
        const c10::Argument& argument = schema->arguments()[static_cast<std::size_t>(*index)];
        const auto length = argument.N() ? std::optional<int>(*argument.N()) : std::nullopt;
        const auto json = argumentJson(m_graph, operand, *argument.real_type(), length, nameOf());
        return json ? json->dump() : json.error().message.text();
    }
    std::string writePlain(const Operand& operand) const {
        const auto json = plainArgumentJson(m_graph, operand, nameOf());
        return json ? json->dump() : json.error().message.text();
    }
    ValueName nameOf() const {
        return [this](graph::ValueId id) { return m_graph.value(id).name; };
    }
    graph::Graph m_graph;
};

constexpr graph::ValueId x = 0, n = 1, words = 2;

TEST_F(ExportedProgramArguments, AreWrittenAsTheOperatorTakesThem) {
    const std::int64_t two = 2;
    EXPECT_EQ(write("aten::relu", "self", x), R"({"as_tensor":{"name":"x"}})");
    EXPECT_EQ(write("aten::conv2d", "bias", Operand()), R"({"as_none":true})");
    EXPECT_EQ(write("aten::conv2d", "stride", Literal(IntList{1, 2})), R"({"as_ints":[1,2]})");
    EXPECT_EQ(write("aten::conv2d", "stride", Literal(two)), R"({"as_ints":[2,2]})") << "one number stands for both";
    EXPECT_EQ(write("aten::conv2d", "groups", Literal(two)), R"({"as_int":2})");
    EXPECT_EQ(write("aten::view", "size", Operands{n, Literal(two)}), R"({"as_sym_ints":[{"as_name":"n"},{"as_int":2}]})");
    EXPECT_EQ(write("aten::cat", "tensors", Operands{x, x}), R"({"as_tensors":[{"name":"x"},{"name":"x"}]})");
    EXPECT_EQ(write("aten::index.Tensor", "indices", Operands{Operand(), x}),
              R"({"as_optional_tensors":[{"as_none":true},{"as_tensor":{"name":"x"}}]})");
    EXPECT_EQ(write("aten::dropout", "p", Literal(two)), R"({"as_float":2.0})");
    EXPECT_EQ(write("aten::dropout", "train", Literal(std::int64_t{0})), R"({"as_bool":false})");
    EXPECT_EQ(write("aten::to.dtype", "dtype", Literal(std::int64_t{6})), R"({"as_scalar_type":7})");
    EXPECT_EQ(write("aten::to.dtype", "dtype", Literal(std::string("float32"))), R"({"as_scalar_type":7})");
    EXPECT_EQ(write("aten::clone", "memory_format", Literal(std::int64_t{0})), R"({"as_memory_format":1})");
    EXPECT_EQ(write("aten::zeros", "layout", Literal(std::int64_t{0})), R"({"as_layout":7})");
    EXPECT_EQ(write("aten::zeros", "device", Literal(std::string("cpu"))), R"({"as_device":{"type":"cpu","index":null}})");
    EXPECT_EQ(write("aten::upsample_nearest2d.vec", "scale_factors", Literal(std::vector<double>{2, 0.5})), R"({"as_floats":[2.0,0.5]})");
}

TEST_F(ExportedProgramArguments, WithoutASchemaTheyAreWhatTheyAre) {
    EXPECT_EQ(writePlain(x), R"({"as_tensor":{"name":"x"}})");
    EXPECT_EQ(writePlain(n), R"({"as_sym_int":{"as_name":"n"}})");
    EXPECT_EQ(writePlain(Literal(true)), R"({"as_bool":true})");
    EXPECT_EQ(writePlain(Literal(std::string("a"))), R"({"as_string":"a"})");
    EXPECT_EQ(writePlain(Literal(std::vector<bool>{true, false})), R"({"as_bools":[true,false]})");
}

TEST_F(ExportedProgramArguments, NumbersThatJsonHasNotAreNamed) {
    const double infinity = std::numeric_limits<double>::infinity();
    EXPECT_EQ(floatJson(infinity), "Infinity");
    EXPECT_EQ(floatJson(-infinity), "-Infinity");
    EXPECT_EQ(floatJson(std::numeric_limits<double>::quiet_NaN()), "NaN");
    EXPECT_EQ(floatJson(0.25), 0.25);
}

TEST_F(ExportedProgramArguments, WhatCannotBeWrittenIsSaid) {
    EXPECT_EQ(writePlain(words), "\"words\" is a list or object that is made at run time");
    EXPECT_EQ(write("aten::relu", "self", Operands{x}), "a list stands where none is taken");
    EXPECT_EQ(write("aten::cat", "tensors", Operands{Literal(true)}), "a list of tensors holds something else");
    EXPECT_EQ(write("aten::view", "size", Operands{x}), "a list of numbers holds something else");
    EXPECT_EQ(write("aten::to.dtype", "dtype", Literal(std::int64_t{12})), "a constant has no counterpart");
}

TEST_F(ExportedProgramArguments, AreReadAgain) {
    const Operands operands{x,
                            n,
                            Operand(),
                            Literal(std::int64_t{-3}),
                            Literal(0.5),
                            Literal(IntList{1, -1}),
                            Literal(std::vector<double>{0.5}),
                            Literal(std::string("same"))};
    Frame frame;
    frame.names = {{"x", Operand(x)}, {"n", Operand(n)}};
    for (const Operand& operand : operands) {
        const auto json = plainArgumentJson(m_graph, operand, nameOf());
        ASSERT_TRUE(json);
        const base::JsonReader in(*json, "the argument");
        EXPECT_EQ(readArgument(in, frame), operand) << json->dump();
        EXPECT_TRUE(in.isGood());
    }
}

} // namespace
} // namespace lathe::formats
