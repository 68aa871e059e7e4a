#include <gtest/gtest.h>

#include <tests/core/runtime/graphs.h>

namespace lathe::runtime::testing {
namespace {

TEST(Fused, ConvolutionAndLinearWithRelu) {
    Graph graph;
    auto value = graph.addInput("x");
    value = addFlatten(graph, "flatten", addConv(graph, "conv", value, 2, 3, 3, graph::op::conv2dRelu, 1));
    graph.main.outputs.emplace_back(addLinear(graph, "fc", value, 75, 4, graph::op::linearRelu));
    const auto weight = [&](const char* name) { return toAten(graph.value(*graph.findValue(name)).data); };
    const at::Tensor x = at::randn({3, 2, 5, 5});
    const at::Tensor hidden = at::relu(at::conv2d(x, weight("conv.weight"), weight("conv.bias"), {1, 1}, {1, 1})).flatten(1);
    const at::Tensor expected = at::relu(at::linear(hidden, weight("fc.weight"), weight("fc.bias")));

    Plan plan = compiled(graph);
    EXPECT_TRUE(at::allclose(runOn(plan, x), expected, 1e-5, 1e-5));
    EXPECT_EQ(plan.instructions()[0].kernel, "ATen conv2d+relu");
    PlanOptions options;
    options.training = true;
    Plan training = compiled(graph, options);
    const at::Tensor y = runOn(training, x);
    EXPECT_TRUE(at::allclose(y, expected, 1e-5, 1e-5));
    y.sum().backward();
    EXPECT_TRUE(training.parameters().at("conv.weight").grad().defined());
}

} // namespace
} // namespace lathe::runtime::testing
