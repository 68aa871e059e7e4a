#include <core/graph/layer_weight.h>

#include <gtest/gtest.h>

#include <core/graph/operators/names.h>
#include <tests/support/graphs.h>

namespace lathe::graph {
namespace {

TEST(WeightOf, LooksThroughDequantize) {
    Graph graph = support::smallConvNet();
    const ValueId quantized = graph.addWeight("fc.weight_int8", tensor::Tensor::zeros(tensor::DType::Int8, {3, 64}));
    const ValueId scales = graph.addWeight("fc.scale", support::randomTensor({3}, 7), false);
    Node dequantize;
    dequantize.op = std::string(op::dequantizePerChannel);
    dequantize.name = "fc.dequantize";
    dequantize.operands = {
        quantized, scales, Literal(), support::number(0), support::number(-127), support::number(127), Literal(std::string("int8"))};
    dequantize.results = {graph.addResult("fc.weight_float")};
    graph.findNode("fc")->operands[1] = dequantize.results[0];
    graph.main.nodes.insert(graph.main.nodes.begin(), dequantize);

    const UseIndex uses(graph);
    const auto info = weightOf(graph, uses, *graph.findNode("fc"));
    ASSERT_TRUE(info);
    EXPECT_EQ(info->weight, quantized);
    EXPECT_EQ(info->dequantize->name, "fc.dequantize");
    EXPECT_EQ(graph.value(*info->bias).name, "fc.bias");
    EXPECT_FALSE(weightOf(graph, uses, *graph.findNode("relu1")));
}

} // namespace
} // namespace lathe::graph
