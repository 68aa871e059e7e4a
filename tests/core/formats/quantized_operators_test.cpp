#include <core/formats/quantized_operators.h>

#include <gtest/gtest.h>

namespace lathe::formats {
namespace {

using graph::Literal;
using graph::Operand;
using Operands = std::vector<Operand>;

Operand integer(std::int64_t value) { return Literal(value); }

TEST(QuantizedOperators, GiveTheFloatOperatorAndTheGrid) {
    const auto sum = quantizedOperator("quantized::add_relu", {0, 1, Literal(0.5), integer(7)});
    ASSERT_TRUE(sum);
    EXPECT_EQ(sum->op, "aten::add.Tensor");
    EXPECT_EQ(sum->operands, (Operands{0, 1, integer(1)}));
    EXPECT_TRUE(sum->hasRelu);
    EXPECT_EQ(sum->result, QuantizedResult::Given);
    EXPECT_EQ(sum->scale.literal<double>(), 0.5);
    EXPECT_EQ(sum->zeroPoint.literal<std::int64_t>(), 7);

    const auto elu = quantizedOperator("quantized::elu", {0, Literal(0.5), integer(7), Literal(1.0), Literal(2.0), Literal(3.0)});
    ASSERT_TRUE(elu);
    EXPECT_EQ(elu->operands, (Operands{0, Literal(1.0), Literal(2.0), Literal(3.0)}));
    EXPECT_EQ(elu->scale.literal<double>(), 0.5);

    EXPECT_EQ(quantizedOperator("aten::relu", {0})->result, QuantizedResult::Exact);
    EXPECT_EQ(quantizedOperator("aten::mean.dim", {0})->result, QuantizedResult::Rounded);
    EXPECT_EQ(quantizedOperator("aten::sigmoid", {0})->result, QuantizedResult::Sigmoid);
    EXPECT_EQ(quantizedOperator("aten::tanh", {0})->result, QuantizedResult::Tanh);
    EXPECT_EQ(quantizedOperator("aten::gt.Scalar", {0, integer(1)})->result, QuantizedResult::Plain);
    EXPECT_EQ(quantizedOperator("aten::quantized_max_pool2d", Operands(6, integer(1)))->op, "aten::max_pool2d");
}

TEST(QuantizedOperators, OthersAreUnknown) {
    for (const auto& [op, count] : std::vector<std::pair<std::string, std::size_t>>{{"quantized::add", 3},
                                                                                    {"quantized::add.out", 4},
                                                                                    {"quantized::linear", 4},
                                                                                    {"quantized::nothing", 4},
                                                                                    {"aten::int_repr", 1},
                                                                                    {"aten::conv2d", 7},
                                                                                    {"aten::relu", 0}})
        EXPECT_FALSE(quantizedOperator(op, Operands(count, integer(1)))) << op;
}

TEST(QuantizedOperators, LayersOfEveryKind) {
    const auto convolution = quantizedLayer("quantized::conv2d_relu.new", {0, 1, Literal(0.5), integer(7)});
    ASSERT_TRUE(convolution);
    EXPECT_EQ(convolution->op, "aten::conv2d");
    EXPECT_EQ(convolution->dimensions, 2);
    EXPECT_TRUE(convolution->hasRelu);
    EXPECT_EQ(convolution->weight, Operand(1));
    EXPECT_EQ(convolution->scale.literal<double>(), 0.5);

    const auto old = quantizedLayer("quantized::conv2d", {0, 1, Literal{}, Literal{}, Literal{}, Literal{}, Literal(0.5), integer(7)});
    ASSERT_TRUE(old);
    EXPECT_EQ(old->zeroPoint.literal<std::int64_t>(), 7);

    const auto added = quantizedLayer("quantized::conv2d_add_relu", {0, 1, 2, Literal(0.5), integer(7)});
    ASSERT_TRUE(added);
    EXPECT_TRUE(added->hasAddition && added->hasRelu);
    EXPECT_EQ(added->addend, Operand(1));
    EXPECT_EQ(added->weight, Operand(2));

    const auto transposed = quantizedLayer("quantized::conv_transpose1d", {0, 1, Literal(0.5), integer(7)});
    ASSERT_TRUE(transposed);
    EXPECT_EQ(transposed->op, "aten::conv_transpose1d");
    EXPECT_TRUE(transposed->isTransposed);
    EXPECT_EQ(quantizedLayer("quantized::conv_transpose2d", {0, 1, Literal(0.5), integer(7)})->op, "aten::conv_transpose2d.input");

    const auto dynamic = quantizedLayer("quantized::linear_relu_dynamic", {0, 1, Literal(true)});
    ASSERT_TRUE(dynamic);
    EXPECT_EQ(dynamic->op, "aten::linear");
    EXPECT_TRUE(dynamic->isDynamic && dynamic->hasRelu);
    EXPECT_EQ(dynamic->reducesRange.literal<bool>(), true);
    EXPECT_EQ(quantizedLayer("quantized::linear_dynamic", {0, 1})->reducesRange.literal<bool>(), false);

    const auto half = quantizedLayer("quantized::linear_relu_dynamic_fp16", {0, 1});
    ASSERT_TRUE(half);
    EXPECT_TRUE(half->isFloat && half->hasRelu);
    EXPECT_FALSE(half->isDynamic);
}

TEST(QuantizedOperators, WhatIsNoLayerIsNone) {
    for (const auto& [op, count] : std::vector<std::pair<std::string, std::size_t>>{{"quantized::add", 4},
                                                                                    {"quantized::conv4d", 4},
                                                                                    {"quantized::conv", 4},
                                                                                    {"quantized::linear", 1},
                                                                                    {"quantized::linear", 3},
                                                                                    {"quantized::linear_tanh", 4},
                                                                                    {"quantized::conv2d_unpack", 1},
                                                                                    {"aten::conv2d", 7}})
        EXPECT_FALSE(quantizedLayer(op, Operands(count, integer(1)))) << op;
}

} // namespace
} // namespace lathe::formats
