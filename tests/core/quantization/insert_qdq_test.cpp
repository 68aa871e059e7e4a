#include <core/quantization/insert_qdq.h>

#include <gtest/gtest.h>

#include <core/graph/operators/names.h>
#include <tests/support/graphs.h>
#include <tests/support/reference_interpreter.h>

namespace lathe::quantization {
namespace {

TEST(InsertQdq, PutsBothNodesBehindTheProducerForAllReaders) {
    graph::Graph graph = support::smallConvNet();
    const auto pooled = graph.findNode("pool1")->results.front();
    graph::Editor editor(graph);
    const auto dequantized = insertQdq(editor, pooled, {0.25, 3});
    editor.finish();
    ASSERT_TRUE(graph::verify(graph));
    EXPECT_EQ(graph.main.nodes[3].name, "pool1_quantize");
    EXPECT_EQ(graph.main.nodes[4].name, "pool1_dequantize");
    EXPECT_EQ(graph.findNode("flatten")->operands[0].value(), dequantized);
    EXPECT_EQ(graph.main.nodes[3].operands[1].literal<double>(), 0.25);
    EXPECT_EQ(graph.main.nodes[3].operands[5].literal<std::string>(), "uint8");
    const graph::Value& integers = graph.value(graph.main.nodes[3].results.front());
    EXPECT_EQ(integers.dtype, tensor::DType::UInt8);
    EXPECT_EQ(integers.shape, graph.value(pooled).shape);
}

TEST(InsertQdq, OutputsOfTheModelKeepTheOriginal) {
    graph::Graph graph = support::smallConvNet();
    const auto relu = graph.findNode("relu1")->results.front();
    graph.main.outputs.emplace_back(relu);
    graph::Editor editor(graph);
    (void)insertQdq(editor, relu, {1, 0});
    editor.finish();
    EXPECT_EQ(graph.main.outputs[1].value(), relu);
    EXPECT_NE(graph.findNode("pool1")->operands[0].value(), relu);
}

TEST(InsertQdq, InputsAreQuantizedAtTheStart) {
    graph::Graph graph = support::smallConvNet();
    const std::string first = graph.main.nodes[0].name;
    graph::Editor editor(graph);
    (void)insertDynamicQdq(editor, graph.main.inputs.front(), {first}, dynamicGrid({0, 127}));
    editor.finish();
    ASSERT_TRUE(graph::verify(graph));
    EXPECT_EQ(graph.main.nodes[0].op, graph::op::chooseQparams);
    EXPECT_EQ(graph.main.nodes[1].op, graph::op::quantizePerTensorDynamic);
    EXPECT_EQ(graph.main.nodes[2].op, graph::op::dequantizePerTensorDynamic);
}

TEST(InsertQdq, PerTokenGridsHaveOneEntryForEachRow) {
    support::ModelBuilder model({2, 7, 4});
    graph::Graph graph = model.finish(model.linear("fc", model.input(), 4, 3));
    graph::Editor editor(graph);
    (void)insertDynamicQdq(editor, graph.main.inputs.front(), {"fc"}, tokenGrid());
    editor.finish();
    ASSERT_TRUE(graph::verify(graph));
    const graph::Node& choose = graph.main.nodes[0];
    EXPECT_EQ(choose.op, graph::op::chooseQparamsPerToken);
    EXPECT_EQ(graph.value(choose.results[0]).shape, graph::dims({2, 7, 1}));
    EXPECT_EQ(graph.main.nodes[1].op, graph::op::quantizePerToken);
    EXPECT_EQ(graph.value(graph.main.nodes[1].results[0]).dtype, tensor::DType::Int8);
    EXPECT_EQ(graph.main.nodes[2].op, graph::op::dequantizePerToken);
    EXPECT_EQ(graph.findNode("fc")->operands[0].value(), graph.main.nodes[2].results[0]);
}

TEST(InsertQdq, AWeightBecomesIntegersOfTheSameName) {
    graph::Graph graph = support::smallConvNet();
    const auto weight = *graph.findValue("fc.weight");
    const tensor::Shape shape = graph.value(weight).data.shape();
    const tensor::Tensor integers =
        tensor::Tensor::of(shape, std::vector<std::int8_t>(static_cast<std::size_t>(tensor::elementCount(shape)), 7));
    Grid grid;
    grid.range = signedRange(8, Scheme::Symmetric);
    const GridNumbers numbers{std::vector<float>(static_cast<std::size_t>(shape[0]), 0.5F),
                              std::vector<std::int64_t>(static_cast<std::size_t>(shape[0]), 0)};
    graph::Editor editor(graph);
    insertWeightDequantize(editor, weight, integers, grid, numbers);
    editor.finish();
    ASSERT_TRUE(graph::verify(graph));
    EXPECT_TRUE(graph.value(weight).data.sameContent(integers));
    EXPECT_TRUE(graph.value(weight).isParameter);
    EXPECT_FALSE(graph.value(*graph.findValue("fc.weight_scale")).isParameter);
    EXPECT_EQ(graph.main.nodes[4].name, "fc.weight_dequantize"); // right before fc
    EXPECT_EQ(graph.main.nodes[5].name, "fc");
}

TEST(InsertQdq, WhatReadsAHalfPrecisionWeightGetsItAsBefore) {
    graph::Graph graph;
    const auto x = graph.addInput("x");
    const auto weight = graph.addWeight("fc.weight", support::randomTensor({3, 4}, 1).to(tensor::DType::BFloat16));
    graph.main.outputs = {graph.addNode(std::string(graph::op::linear), "fc", {x, weight, graph::Operand()}).results[0]};
    Grid grid;
    grid.range = signedRange(8, Scheme::Symmetric);
    graph::Editor editor(graph);
    insertWeightDequantize(editor, weight, tensor::Tensor::of({3, 4}, std::vector<std::int8_t>(12, 7)), grid,
                           {std::vector<float>(3, 0.5F), std::vector<std::int64_t>(3, 0)});
    editor.finish();
    ASSERT_TRUE(graph::verify(graph));
    const graph::Value& read = graph.value(graph.findNode("fc")->operands[1].value());
    EXPECT_EQ(read.dtype, tensor::DType::BFloat16);
    EXPECT_EQ(graph.main.nodes[0].op, graph::op::dequantizePerChannel);
    EXPECT_EQ(graph.main.nodes[1].op, graph::op::toDtype);
}

} // namespace
} // namespace lathe::quantization
