#include <core/transform/quantize/float32_layers.h>

#include <algorithm>

#include <gtest/gtest.h>

#include <core/graph/operators/names.h>
#include <tests/support/graphs.h>

namespace lathe::transform {
namespace {

using graph::Graph;
using graph::Node;
using graph::ValueId;
using tensor::DType;

/// x → conv1 → relu → pool → conv2 → mean, all of `dtype`.
Graph halfNet(DType dtype) {
    Graph graph;
    const auto add = [&](std::string_view op, const char* name, std::vector<graph::Operand> operands) {
        const ValueId result = graph.addNode(std::string(op), name, std::move(operands)).results[0];
        graph.value(result).dtype = dtype;
        return result;
    };
    const ValueId x = graph.addInput("x");
    graph.value(x).dtype = dtype;
    const auto conv = [&](const char* name, ValueId input, std::int64_t inputs) {
        const std::string prefix = name;
        const ValueId weight = graph.addWeight(prefix + ".weight", support::randomTensor({4, inputs, 3, 3}, 1).to(dtype));
        const ValueId bias = graph.addWeight(prefix + ".bias", support::randomTensor({4}, 2).to(dtype));
        return add(graph::op::conv2d, name,
                   {input, weight, bias, support::ints({1, 1}), support::ints({1, 1}), support::ints({1, 1}), support::number(1)});
    };
    const ValueId relu = add(graph::op::relu, "relu", {conv("conv1", x, 2)});
    const ValueId pooled = add(graph::op::maxPool2d, "pool", {relu, support::ints({2, 2})});
    graph.main.outputs = {add("aten::mean.dim", "mean", {conv("conv2", pooled, 4), support::ints({2, 3}), graph::Literal(false)})};
    return graph;
}

DType inputOf(const Graph& graph, const char* node) { return *graph.value(graph.findNode(node)->operands[0].value()).dtype; }

class Float32Layers : public testing::TestWithParam<DType> {};

TEST_P(Float32Layers, ConvertsAtTheEdgesOnly) {
    Graph graph = halfNet(GetParam());
    const std::string output = graph.value(graph.main.outputs[0].value()).name;
    computeInFloat32(graph, {"conv1", "conv2"});
    graph::compact(graph);
    ASSERT_TRUE(graph::verify(graph));
    EXPECT_EQ(inputOf(graph, "conv1"), DType::Float32);
    EXPECT_EQ(graph.value(graph.findNode("conv1")->operands[1].value()).data.dtype(), DType::Float32);
    EXPECT_EQ(graph.value(graph.findNode("conv1")->operands[2].value()).data.dtype(), DType::Float32);
    // Nothing is rounded between the two.
    EXPECT_EQ(graph.findNode("relu")->operands[0], graph::Operand(graph.findNode("conv1")->results[0]));
    EXPECT_EQ(graph.findNode("conv2")->operands[0], graph::Operand(graph.findNode("pool")->results[0]));
    EXPECT_EQ(inputOf(graph, "mean"), GetParam());
    EXPECT_EQ(graph.value(graph.main.outputs[0].value()).name, output);
    const auto conversions = std::ranges::count(graph.main.nodes, graph::op::toDtype, &Node::op);
    EXPECT_EQ(conversions, 2);
}

TEST_P(Float32Layers, OthersKeepTheirWidth) {
    Graph graph = halfNet(GetParam());
    computeInFloat32(graph, {"conv2"});
    ASSERT_TRUE(graph::verify(graph));
    EXPECT_EQ(graph.value(graph.findNode("conv1")->operands[1].value()).data.dtype(), GetParam());
    EXPECT_EQ(inputOf(graph, "conv1"), GetParam());
    EXPECT_EQ(inputOf(graph, "conv2"), DType::Float32);
}

TEST_P(Float32Layers, AWeightThatOthersReadStaysForThem) {
    Graph graph = halfNet(GetParam());
    const ValueId weight = graph.findNode("conv1")->operands[1].value();
    graph.main.outputs.emplace_back(weight);
    computeInFloat32(graph, {"conv1"});
    EXPECT_EQ(graph.value(weight).data.dtype(), GetParam());
    EXPECT_NE(graph.findNode("conv1")->operands[1], graph::Operand(weight));
}

INSTANTIATE_TEST_SUITE_P(Dtypes, Float32Layers, testing::Values(DType::Float16, DType::BFloat16, DType::Float64));

TEST(Float32Layers, Float32GraphsStayAsTheyAre) {
    const Graph before = halfNet(DType::Float32);
    Graph graph = before;
    computeInFloat32(graph, {"conv1", "conv2"});
    EXPECT_TRUE(graph::structurallyEqual(before, graph));
}

} // namespace
} // namespace lathe::transform
