#include <core/runtime/weights_torch.h>

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <tests/core/runtime/graphs.h>

namespace lathe::runtime::testing {
namespace {

PlanOptions training() {
    PlanOptions options;
    options.training = true;
    return options;
}

TEST(Weights, TrainedWeightsGoBackAndTheOriginalStays) {
    const Graph original = leNet();
    Graph graph = original;
    Plan plan = compiled(graph, training());
    {
        const at::NoGradGuard noGradient;
        at::Tensor bias = plan.parameters().at("fc3.bias");
        bias.fill_(5);
    }
    EXPECT_TRUE(graph::structurallyEqual(graph, original));
    plan.storeWeights(graph);
    EXPECT_EQ(graph.value(*graph.findValue("fc3.bias")).data.toFloats(), std::vector<float>(10, 5.0f));
    EXPECT_TRUE(graph.value(*graph.findValue("fc3.weight")).data.sameContent(original.value(*original.findValue("fc3.weight")).data));
    {
        const at::NoGradGuard noGradient;
        at::Tensor bias = plan.parameters().at("fc3.bias");
        bias.fill_(6);
    }
    EXPECT_EQ(graph.value(*graph.findValue("fc3.bias")).data.toFloats(), std::vector<float>(10, 5.0f)) << "stored weights are a copy";
}

TEST(Weights, TiedWeightsAreOneParameter) {
    Graph graph;
    const auto x = graph.addInput("x");
    const tensor::Tensor shared = fromAten(at::randn({3, 3}));
    const auto first = graph.addWeight("encoder.weight", shared);
    const auto second = graph.addWeight("decoder.weight", shared);
    const auto hidden = graph.addNode("aten::linear", "encoder", {x, first}).results[0];
    graph.main.outputs.emplace_back(graph.addNode("aten::linear", "decoder", {hidden, second}).results[0]);
    Plan plan = compiled(graph, training());
    ASSERT_EQ(plan.parameters().size(), 1u);
    {
        const at::NoGradGuard noGradient;
        at::Tensor weight = plan.parameters().begin()->second;
        weight.fill_(2);
    }
    plan.storeWeights(graph);
    EXPECT_EQ(graph.value(second).data.toFloats(), std::vector<float>(9, 2.0f));
    EXPECT_EQ(graph.value(first).data.storage(), graph.value(second).data.storage());
}

TEST(Weights, BuffersAreNotTrained) {
    Graph graph;
    const auto x = graph.addInput("x");
    const auto scale = graph.addWeight("scale", fromAten(at::ones({1})), false);
    graph.main.outputs.emplace_back(graph.addNode("aten::mul.Tensor", "multiply", {x, scale}).results[0]);
    EXPECT_TRUE(compiled(graph, training()).parameters().empty());
}

TEST(Weights, InPlaceOperatorsDoNotTouchTheGraph) {
    Graph graph;
    const auto x = graph.addInput("x");
    const auto buffer = graph.addWeight("buffer", fromAten(at::zeros({2, 2})), false);
    const auto view = graph.addNode("aten::view", "view", {buffer, ints({4})}).results[0];
    graph.main.outputs.emplace_back(graph.addNode("aten::add_.Tensor", "add", {view, x}).results[0]);
    Plan plan = compiled(graph);
    EXPECT_TRUE(at::equal(runOn(plan, at::ones({4})), at::ones({4})));
    EXPECT_EQ(graph.value(buffer).data.toFloats(), std::vector<float>(4, 0.0f));
}

TEST(Weights, BatchNormalizationKeepsItsStatisticsUnlessTheNodeTrains) {
    for (const bool trains : {false, true}) {
        Graph graph;
        const auto x = graph.addInput("x");
        const auto mean = graph.addWeight("mean", fromAten(at::zeros({2})), false);
        const auto variance = graph.addWeight("variance", fromAten(at::ones({2})), false);
        graph.main.outputs.emplace_back(
            graph
                .addNode(std::string(graph::op::batchNorm), "norm",
                         {x, none(), none(), mean, variance, boolean(trains), real(0.5), real(1e-5), boolean(false)})
                .results[0]);
        Plan plan = compiled(graph, training());
        const at::Tensor input = at::randn({8, 2, 3, 3}) + 4;
        runOn(plan, input);
        EXPECT_EQ(graph.value(mean).data.toFloats(), std::vector<float>(2, 0.0f)) << "the graph's bytes are immutable";
        plan.storeWeights(graph);
        EXPECT_EQ(graph.value(mean).data.toFloats()[0] > 1, trains);
    }
}

TEST(Weights, FiltersLieChannelsLastWhileTheyAreTrained) {
    Graph graph;
    const auto x = graph.addInput("x");
    const auto convolved = addConv(graph, "conv", x, 3, 4, 3);
    const auto flat = graph.addNode("aten::view", "view", {convolved, ints({2, 64})}).results[0]; // wants the usual order
    graph.main.outputs.emplace_back(addLinear(graph, "fc", flat, 64, 2));
    Plan plan = compiled(graph, training());
    const at::Tensor filters = plan.parameters().at("conv.weight");
    EXPECT_TRUE(filters.is_contiguous(at::MemoryFormat::ChannelsLast) && !filters.is_contiguous());
    EXPECT_TRUE(plan.parameters().at("fc.weight").is_contiguous());
    const at::Tensor input = at::randn({2, 3, 6, 6});
    Plan used = compiled(graph, {});
    EXPECT_TRUE(at::allclose(runOn(plan, input), runOn(used, input).clone(), 1e-5, 1e-5));
    const graph::Graph before = graph;
    plan.storeWeights(graph);
    EXPECT_TRUE(graph::structurallyEqual(graph, before));
    EXPECT_TRUE(graph.value(*graph.findValue("conv.weight")).data.sameContent(before.value(*before.findValue("conv.weight")).data));
}

} // namespace
} // namespace lathe::runtime::testing
