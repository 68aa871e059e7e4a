#include <core/runtime/plan_torch.h>

#include <gtest/gtest.h>

#include <tests/core/runtime/graphs.h>

namespace lathe::runtime::testing {
namespace {

TEST(AnnotateShapes, WritesTypeAndShapeOfEveryTensor) {
    Graph graph = leNet();
    const std::vector<c10::IValue> inputs = {at::zeros({2, 1, 32, 32})};
    const auto done = annotateShapes(graph, inputs);
    ASSERT_TRUE(done) << done.error().text();
    for (const graph::Value& value : graph.values) {
        EXPECT_EQ(value.dtype, tensor::DType::Float32) << value.name;
        EXPECT_TRUE(graph::staticShape(value)) << value.name;
    }
    EXPECT_EQ(graph::staticShape(graph.value(graph.main.nodes[0].results[0])), (tensor::Shape{2, 6, 28, 28}));
    EXPECT_EQ(graph::staticShape(graph.value(graph.main.outputs[0].value())), (tensor::Shape{2, 10}));
    EXPECT_EQ(graph::staticShape(graph.value(*graph.findValue("fc1.weight"))), (tensor::Shape{120, 400}));
}

TEST(AnnotateShapes, WrongInputLeavesASentence) {
    Graph graph = leNet();
    const std::vector<c10::IValue> inputs = {at::zeros({2, 3, 32, 32})};
    const auto done = annotateShapes(graph, inputs);
    ASSERT_FALSE(done);
    EXPECT_TRUE(done.error().message.text().starts_with("conv1: ")) << done.error().message;
    EXPECT_EQ(done.error().context.back(), "while finding the shapes of lenet5");
}

TEST(Evaluate, ComputesANodeOfWeightsAndConstants) {
    Graph graph;
    const auto a = graph.addWeight("a", tensor::Tensor::of<float>({2}, {1, 2}));
    const auto b = graph.addWeight("b", tensor::Tensor::of<float>({2}, {10, 20}));
    const graph::Node sum = graph.addNode("aten::add.Tensor", "sum", {a, b, integer(2)});
    const auto values = evaluate(graph, sum);
    ASSERT_TRUE(values) << values.error().text();
    ASSERT_EQ(values->size(), 1u);
    EXPECT_EQ(values->front().toFloats(), (std::vector<float>{21, 42}));

    const graph::Node joined = graph.addNode("aten::cat", "joined", {Operand(std::vector<Operand>{a, b, a}), integer(0)});
    const auto list = evaluate(graph, joined);
    ASSERT_TRUE(list) << list.error().text();
    EXPECT_EQ(list->front().toFloats(), (std::vector<float>{1, 2, 10, 20, 1, 2}));
}

TEST(Evaluate, ValuesThatAreNotConstantAreNamed) {
    Graph graph;
    const auto x = graph.addInput("x");
    const graph::Node node = graph.addNode("aten::neg", "negate", {x});
    const auto values = evaluate(graph, node);
    ASSERT_FALSE(values);
    EXPECT_EQ(values.error().message, "The value x is not constant.");
}

TEST(Evaluate, ResultsThatAreNoTensorsAreRefused) {
    Graph graph;
    const auto a = graph.addWeight("a", tensor::Tensor::of<float>({2}, {1, 2}));
    graph::Node& size = graph.addNode("aten::size.int", "length", {a, integer(0)});
    graph.value(size.results[0]).type = graph::TypeKind::Int;
    const auto values = evaluate(graph, graph::Node(size));
    ASSERT_FALSE(values);
    EXPECT_EQ(values.error().code, base::ErrorCode::Unsupported);
}

} // namespace
} // namespace lathe::runtime::testing
