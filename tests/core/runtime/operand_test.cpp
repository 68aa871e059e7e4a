#include <core/runtime/operand_torch.h>

#include <gtest/gtest.h>

#include <ATen/core/dispatch/Dispatcher.h>

#include <tests/core/runtime/graphs.h>

namespace lathe::runtime::testing {
namespace {

const c10::FunctionSchema& schemaOf(const char* name, const char* overload = "") {
    return c10::Dispatcher::singleton().findSchemaOrThrow(name, overload).schema();
}

std::optional<c10::IValue> converted(const Literal& literal, const c10::FunctionSchema& schema, const std::string& argument) {
    return convertLiteral(literal, schema.arguments().at(static_cast<std::size_t>(*schema.argumentIndexWithName(argument))), at::kCPU);
}

TEST(ConvertLiteral, FollowsTheSchema) {
    const auto& conv = schemaOf("aten::conv2d");
    EXPECT_EQ(converted(std::int64_t{3}, conv, "stride")->toIntVector(), (Ints{3, 3}));
    EXPECT_EQ(converted(Ints{1, 2}, conv, "stride")->toIntVector(), (Ints{1, 2}));
    EXPECT_TRUE(converted(std::monostate{}, conv, "bias")->isNone());
    const auto& dropout = schemaOf("aten::dropout");
    EXPECT_EQ(converted(std::int64_t{1}, dropout, "p")->toDouble(), 1.0);
    EXPECT_EQ(converted(std::int64_t{0}, dropout, "train")->toBool(), false);
    const auto& add = schemaOf("aten::add", "Tensor");
    EXPECT_EQ(converted(2.5, add, "other")->toTensor().item<double>(), 2.5);
    EXPECT_EQ(converted(std::int64_t{2}, add, "alpha")->toScalar().toLong(), 2);
    const auto& zeros = schemaOf("aten::zeros");
    EXPECT_EQ(converted(std::string("cuda:1"), zeros, "device")->toDevice(), at::Device(at::kCPU));
    EXPECT_EQ(converted(std::string("float64"), zeros, "dtype")->toInt(), static_cast<std::int64_t>(at::kDouble));
    const auto& upsample = schemaOf("aten::upsample_nearest2d", "vec");
    EXPECT_EQ(converted(Ints{2, 2}, upsample, "scale_factors")->toDoubleVector(), (std::vector<double>{2, 2}));
}

TEST(ConvertLiteral, RefusesWhatDoesNotFit) {
    EXPECT_FALSE(converted(std::string("wide"), schemaOf("aten::conv2d"), "stride"));
    EXPECT_FALSE(converted(std::monostate{}, schemaOf("aten::conv2d"), "weight"));
    EXPECT_FALSE(converted(0.5, schemaOf("aten::conv2d"), "groups"));
    EXPECT_FALSE(converted(Ints{1}, schemaOf("aten::dropout"), "p"));
}

TEST(BindOperands, FillsInDefaults) {
    Graph graph;
    const auto x = graph.addInput("x");
    const auto w = addRandomWeight(graph, "w", {1, 1, 1, 1});
    const auto list = bindOperands(graph, {x, w}, schemaOf("aten::conv2d"), at::kCPU);
    ASSERT_TRUE(list);
    EXPECT_EQ(list->size(), 7u);
}

TEST(BindOperands, SaysWhatIsWrong) {
    Graph graph;
    const auto x = graph.addInput("x");
    const auto text = graph.addInput("s", graph::TypeKind::String);
    const auto& conv = schemaOf("aten::conv2d");
    EXPECT_EQ(bindOperands(graph, {x}, conv, at::kCPU).error().message, "aten::conv2d needs an operand 'weight'.");
    EXPECT_EQ(bindOperands(graph, {x, x, none(), word("a")}, conv, at::kCPU).error().message,
              "The constant for 'stride' cannot be read as int[].");
    EXPECT_EQ(bindOperands(graph, {x, text}, conv, at::kCPU).error().message, "The operand 'weight' has not the type Tensor.");
    const std::vector<Operand> many(9, Operand(x));
    EXPECT_EQ(bindOperands(graph, many, conv, at::kCPU).error().message, "aten::conv2d takes 7 operands, not 9.");
}

TEST(MakeList, FindsTheElementType) {
    const std::vector<c10::IValue> numbers = {1.5, 2.5};
    EXPECT_TRUE(makeList(numbers, nullptr).isDoubleList());
    EXPECT_TRUE(makeList({}, nullptr).isTensorList());
    const std::vector<c10::IValue> holes = {c10::IValue(), at::zeros({1})};
    const c10::IValue optional = makeList(holes, nullptr);
    EXPECT_EQ(optional.type()->str(), "Tensor?[]");
}

} // namespace
} // namespace lathe::runtime::testing
