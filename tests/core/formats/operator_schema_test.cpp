#include <core/formats/operator_schema_torch.h>

#include <gtest/gtest.h>

namespace lathe::formats {
namespace {

std::optional<graph::Literal> defaultOf(const char* op, const char* argument) {
    const c10::FunctionSchema* schema = findSchema(op);
    EXPECT_NE(schema, nullptr) << op;
    const auto index = schema->argumentIndexWithName(argument);
    EXPECT_TRUE(index) << argument;
    return formats::defaultOf(schema->arguments()[static_cast<std::size_t>(*index)]);
}

TEST(OperatorSchema, IsFoundByNameAndOverload) {
    ASSERT_NE(findSchema("aten::add.Tensor"), nullptr);
    EXPECT_EQ(findSchema("aten::add.Tensor")->overload_name(), "Tensor");
    ASSERT_NE(findSchema("aten::conv2d"), nullptr);
    EXPECT_EQ(findSchema("aten::conv2d")->overload_name(), "");
    EXPECT_EQ(findSchema("aten::conv2d"), findSchema("aten::conv2d")) << "it lives as long as the process";
    EXPECT_NE(findSchema("aten::__getitem__.t"), nullptr) << "only TorchScript has it";
}

TEST(OperatorSchema, OthersHaveNone) {
    for (const char* op :
         {"", "add", "aten::", "::", "aten::no_such_operator", "aten::add.NoSuchOverload", "lathe::conv2d_relu", "torch.aten::add.Tensor"})
        EXPECT_EQ(findSchema(op), nullptr) << op;
}

TEST(OperatorSchema, DefaultsAreLiterals) {
    using graph::Literal;
    EXPECT_EQ(defaultOf("aten::add.Tensor", "alpha"), Literal(std::int64_t{1}));
    EXPECT_EQ(defaultOf("aten::conv2d", "bias"), Literal{});
    EXPECT_EQ(defaultOf("aten::conv2d", "stride"), Literal(std::vector<std::int64_t>{1, 1}));
    EXPECT_EQ(defaultOf("aten::max_pool2d", "stride"), Literal(std::vector<std::int64_t>{}));
    EXPECT_EQ(defaultOf("aten::layer_norm", "eps"), Literal(1e-5));
    EXPECT_EQ(defaultOf("aten::layer_norm", "cudnn_enable"), Literal(true));
    EXPECT_EQ(defaultOf("aten::gelu", "approximate"), Literal(std::string("none")));
    EXPECT_EQ(defaultOf("aten::conv2d", "weight"), std::nullopt);
}

} // namespace
} // namespace lathe::formats
