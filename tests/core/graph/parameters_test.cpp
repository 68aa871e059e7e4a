#include <core/graph/parameters.h>

#include <gtest/gtest.h>

#include <tests/support/graphs.h>

namespace lathe::graph {
namespace {

TEST(ParameterCount, CountsSharedStorageOnceAndNoBuffers) {
    Graph graph = support::smallConvNet();
    const auto count = parameterCount(graph);
    EXPECT_EQ(count, 76 + 195);
    graph.addWeight("tied", graph.value(*graph.findValue("fc.weight")).data);
    graph.addWeight("running_mean", support::randomTensor({4}, 5), /*isParameter=*/false);
    EXPECT_EQ(parameterCount(graph), count);
}

TEST(ParameterCount, CountsConstantsThatLayersTakeTheirNumbersFrom) {
    Graph graph = support::smallConvNet();
    const auto count = parameterCount(graph);
    for (Value& value : graph.values)
        value.isParameter = false; // as a traced and frozen model has them
    EXPECT_EQ(parameterCount(graph), count);
}

TEST(ParameterCount, LooksThroughWhatMovesWeights) {
    Graph graph;
    const ValueId x = graph.addInput("x");
    const ValueId stored = graph.addWeight("stored", support::randomTensor({6, 4}, 1), false);
    const ValueId turned = graph.addNode("aten::t", "turned", {stored}).results[0];
    const ValueId shaped = graph.addNode("aten::view", "shaped", {turned, support::ints({4, 6})}).results[0];
    graph.main.outputs = {graph.addNode("aten::matmul", "product", {x, shaped}).results[0]};
    EXPECT_EQ(parameterCount(graph), 24);
}

TEST(ParameterCount, OfARecurrentLayerAreItsMatricesAndNotItsState) {
    Graph graph;
    const ValueId x = graph.addInput("x");
    const auto constant = [&](const char* name, tensor::Shape shape) {
        return graph.addWeight(name, support::randomTensor(shape, 1), false);
    };
    const ValueId state = constant("state", {1, 1, 5});
    const std::vector<Operand> weights{constant("ih", {20, 3}), constant("hh", {20, 5}), constant("bi", {20}), constant("bh", {20})};
    graph.main.outputs = {graph
                              .addNode("aten::lstm.input", "lstm",
                                       {x, std::vector<Operand>{state, state}, weights, Literal(true), support::number(1), Literal(0.0),
                                        Literal(false), Literal(false), Literal(true)},
                                       3)
                              .results[0]};
    EXPECT_EQ(parameterCount(graph), 60 + 100 + 40);
}

TEST(ParameterCount, LeavesOutStatisticsScalesAndShapes) {
    Graph graph;
    const ValueId x = graph.addInput("x");
    const auto constant = [&](const char* name, unsigned seed) { return graph.addWeight(name, support::randomTensor({4}, seed), false); };
    const ValueId gamma = constant("gamma", 1), beta = constant("beta", 2), mean = constant("mean", 3), variance = constant("variance", 4);
    const ValueId normal = graph
                               .addNode(std::string(op::batchNorm), "bn",
                                        {x, gamma, beta, mean, variance, Literal(false), Literal(0.1), Literal(1e-5), Literal(true)})
                               .results[0];
    const ValueId integers = graph.addWeight("fc.weight", tensor::Tensor::zeros(tensor::DType::Int8, {3, 4}), false);
    const ValueId scales = constant("fc.scale", 5);
    const ValueId zeros = graph.addWeight("fc.zero_point", tensor::Tensor::zeros(tensor::DType::Int64, {3}), false);
    const ValueId weight = graph
                               .addNode(std::string(op::dequantizePerChannel), "dequantize",
                                        {integers, scales, zeros, support::number(0), support::number(-127), support::number(127),
                                         Literal(std::string("int8"))})
                               .results[0];
    const ValueId out = graph.addNode(std::string(op::linear), "fc", {normal, weight, Operand()}).results[0];
    const ValueId sizes = graph.addWeight("sizes", tensor::Tensor::zeros(tensor::DType::Int64, {2}), false);
    graph.main.outputs = {graph.addNode("aten::view", "view", {out, sizes}).results[0]};
    EXPECT_EQ(parameterCount(graph), 4 + 4 + 12); // gamma, beta, the integers
}

} // namespace
} // namespace lathe::graph
