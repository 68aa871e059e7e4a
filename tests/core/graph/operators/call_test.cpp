#include <core/graph/operators/call.h>

#include <gtest/gtest.h>

#include <core/graph/operators/arithmetic.h>
#include <core/graph/operators/convolution.h>
#include <core/graph/operators/normalization.h>
#include <core/graph/operators/pooling.h>
#include <core/graph/operators/quantization.h>
#include <core/graph/operators/shape.h>
#include <tests/support/graphs.h>

namespace lathe::graph {
namespace {

using Numbers = std::vector<std::int64_t>;

Node node(std::string op, std::vector<Operand> operands) {
    Node made;
    made.op = std::move(op);
    made.operands = std::move(operands);
    return made;
}

TEST(Call, WhatIsMissingIsTheSchemasDefault) {
    const Node conv = node("aten::conv2d", {ValueId{0}, ValueId{1}, Operand(), support::ints({2, 3})});
    const Convolution layer(conv);
    EXPECT_EQ(layer.input(), Operand(ValueId{0}));
    EXPECT_TRUE(layer.bias().isNone() && layer.has("bias"));
    EXPECT_EQ(layer.stride(), (Numbers{2, 3}));
    EXPECT_EQ(layer.padding(), (Numbers{0, 0}));
    EXPECT_FALSE(layer.has("padding"));
    EXPECT_EQ(layer.groups(), 1);
    EXPECT_EQ(Addition(node("aten::add.Tensor", {ValueId{0}, ValueId{1}})).isPlain(), true);
}

TEST(Call, OfUnknownOperatorsIsNone) {
    const Node unknown = node("custom::op", {ValueId{7}});
    EXPECT_TRUE(Call(unknown).operand("input").isNone());
    EXPECT_FALSE(Call(unknown).has("input"));
    EXPECT_EQ(mainInput(unknown), ValueId{7});
    EXPECT_TRUE(mainOperand(node("custom::op", {})).isNone());
}

TEST(Call, EachConvolutionHasItsOperandsWhereItsSchemaSays) {
    const Node transposed =
        node("aten::conv_transpose2d.input", {ValueId{0}, ValueId{1}, Operand(), support::ints({2, 2}), support::ints({1, 1}),
                                              support::ints({0, 0}), support::number(4), support::ints({3, 3})});
    EXPECT_TRUE(Convolution(transposed).isTransposed());
    EXPECT_EQ(Convolution(transposed).filterAxis(), 1);
    EXPECT_EQ(Convolution(transposed).groups(), 4);
    EXPECT_EQ(Convolution(transposed).dilation(), (Numbers{3, 3}));
    const Node general = node("aten::_convolution", {ValueId{0}, ValueId{1}, Operand(), support::number(1), support::ints({1}),
                                                     support::ints({1}), Literal(true), support::ints({0}), support::number(2)});
    EXPECT_TRUE(Convolution(general).isTransposed());
    EXPECT_EQ(Convolution(general).groups(), 2);
    EXPECT_EQ(Convolution(general).stride(), Numbers{1}) << "one number for all dimensions";
    EXPECT_EQ(filterAxis(node("lathe::conv2d_relu", {})), 0);
    EXPECT_EQ(filterAxis(node("aten::linear", {})), 0);
}

TEST(Call, OperandsAreSetByTheirRole) {
    Node conv = node("aten::conv2d", {ValueId{0}, ValueId{1}});
    setOperand(conv, "padding", support::ints({1, 1}));
    ASSERT_EQ(conv.operands.size(), 5U);
    EXPECT_TRUE(conv.operands[2].isNone());
    EXPECT_EQ(conv.operands[3], support::ints({1, 1})) << "the default";
    EXPECT_EQ(conv.operands[4], support::ints({1, 1}));
    setMainOperand(conv, ValueId{9});
    EXPECT_EQ(Convolution(conv).input(), Operand(ValueId{9}));
    EXPECT_TRUE(isRole(conv, 1, "weight"));
    EXPECT_FALSE(isRole(conv, 0, "weight") || isRole(conv, -1, "input"));
}

TEST(Call, OtherFamilies) {
    const Node norm =
        node("aten::batch_norm", {ValueId{0}, Operand(), Operand(), ValueId{1}, ValueId{2}, Literal(false), Literal(0.1), Literal(1e-3)});
    EXPECT_EQ(BatchNorm(norm).mean(), Operand(ValueId{1}));
    EXPECT_EQ(BatchNorm(norm).training(), false);
    EXPECT_EQ(BatchNorm(norm).epsilon(), 1e-3);
    EXPECT_FALSE(mayTrain(norm));
    EXPECT_TRUE(mayTrain(node("aten::dropout_", {ValueId{0}, Literal(0.5), Literal(true)})));
    EXPECT_TRUE(mayTrain(node("aten::dropout", {ValueId{0}, Literal(0.5), ValueId{3}}))) << "computed in the model";
    EXPECT_FALSE(mayTrain(node("aten::relu", {ValueId{0}})));
    EXPECT_EQ(Pooling(node("aten::avg_pool2d", {ValueId{0}, support::number(2)})).stride(), Operand(Literal(Numbers{})));
    EXPECT_TRUE(Flatten(node("aten::flatten.using_ints", {ValueId{0}, support::number(1), support::number(-1)})).keepsBatch());
    EXPECT_FALSE(Flatten(node("aten::flatten.using_ints", {ValueId{0}})).keepsBatch());
    const Node quantize =
        node("quantized_decomposed::quantize_per_channel", {ValueId{0}, ValueId{1}, ValueId{2}, support::number(1), support::number(-8),
                                                            support::number(7), Literal(std::string("int8"))});
    EXPECT_TRUE(QdqCall(quantize).isPerChannel() && QdqCall(quantize).isComplete());
    EXPECT_EQ(QdqCall(quantize).scale(), Operand(ValueId{1}));
    EXPECT_EQ(QdqCall(quantize).axis(), 1);
    EXPECT_EQ(QdqCall(quantize).minimum(), -8);
    EXPECT_EQ(QdqCall(quantize).dtype(), tensor::DType::Int8);
}

} // namespace
} // namespace lathe::graph
