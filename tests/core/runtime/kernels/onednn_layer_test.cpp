#include <core/runtime/kernels/onednn/onednn_layer_torch.h>

#include <gtest/gtest.h>

#include <tests/core/runtime/graphs.h>

namespace lathe::runtime::testing {
namespace {

PlanOptions onednn() {
    PlanOptions options;
    options.library = "onednn";
    return options;
}

const InstructionInfo& infoOf(const Plan& plan, const std::string& node) {
    for (const InstructionInfo& info : plan.instructions()) {
        if (info.node == node) return info;
    }
    throw std::runtime_error("no instruction for " + node);
}

/// oneDNN's kernels against the library's, within what float arithmetic allows.
void expectSame(const Graph& graph, const at::Tensor& x) {
    Plan packed = compiled(graph, onednn()), plain = compiled(graph);
    const at::Tensor a = runOn(packed, x), b = runOn(plain, x);
    EXPECT_TRUE(at::allclose(a, b, 1e-4, 1e-4)) << (a - b).abs().max();
    EXPECT_TRUE(a.is_contiguous()) << "as a view behind the model wants it";
}

TEST(OnednnLayer, EveryFormOfConvolution) {
    struct Case {
        std::int64_t in, out, groups;
        Ints kernel, stride, padding, dilation;
        bool hasBias;
    };
    for (const Case& test : std::vector<Case>{{3, 8, 1, {3, 3}, {1, 1}, {1, 1}, {1, 1}, true},
                                              {7, 17, 1, {3, 2}, {2, 1}, {0, 1}, {1, 1}, false},
                                              {8, 8, 8, {3, 3}, {1, 1}, {1, 1}, {1, 1}, true},
                                              {6, 9, 3, {3, 3}, {1, 2}, {1, 1}, {2, 2}, true},
                                              {16, 4, 1, {1, 1}, {1, 1}, {0, 0}, {1, 1}, true}}) {
        for (const auto op : {graph::op::conv2d, graph::op::conv2dRelu}) {
            Graph graph;
            const auto x = graph.addInput("x");
            const auto weight = addRandomWeight(graph, "weight", {test.out, test.in / test.groups, test.kernel[0], test.kernel[1]});
            const Operand bias = test.hasBias ? Operand(addRandomWeight(graph, "bias", {test.out})) : none();
            graph.main.outputs.emplace_back(
                graph
                    .addNode(std::string(op), "conv",
                             {x, weight, bias, ints(test.stride), ints(test.padding), ints(test.dilation), integer(test.groups)})
                    .results[0]);
            const std::string kernel =
                op == graph::op::conv2d ? "oneDNN conv2d, weights packed once" : "oneDNN conv2d+relu, weights packed once";
            EXPECT_EQ(infoOf(compiled(graph, onednn()), "conv").kernel, kernel);
            for (const std::int64_t batch : {0, 1, 3})
                expectSame(graph, at::randn({batch, test.in, 9, 11}));
            expectSame(graph, at::randn({test.in, 9, 11})); // without a batch
            expectSame(graph, at::randn({2, test.in, 9, 11}).contiguous(at::MemoryFormat::ChannelsLast));
        }
    }
}

TEST(OnednnLayer, LinearLayersOnAnyDimensions) {
    for (const auto op : {graph::op::linear, graph::op::linearRelu}) {
        Graph graph;
        graph.main.outputs.emplace_back(addLinear(graph, "fc", graph.addInput("x"), 31, 13, op));
        EXPECT_EQ(infoOf(compiled(graph, onednn()), "fc").kernel.find("oneDNN linear"), 0U);
        for (const Ints& sizes : {Ints{31}, Ints{1, 31}, Ints{70, 31}, Ints{2, 3, 31}, Ints{0, 31}})
            expectSame(graph, at::randn(sizes));
    }
}

TEST(OnednnLayer, WholeModelsStayInTheOrderThatReadersWant) {
    const Graph graph = leNet();
    expectSame(graph, at::randn({5, 1, 32, 32}));
    Graph viewed;
    const auto conv = addConv(viewed, "second", addRelu(viewed, "relu", addConv(viewed, "first", viewed.addInput("x"), 3, 8, 3)), 8, 4, 3);
    viewed.main.outputs.emplace_back(viewed.addNode("aten::view", "view", {conv, ints({2, -1})}).results[0]);
    expectSame(viewed, at::randn({2, 3, 9, 11}));
}

TEST(OnednnLayer, WrongShapesAreSaidAsTheLibrarySaysThem) {
    const Graph graph = leNet();
    Plan packed = compiled(graph, onednn()), plain = compiled(graph);
    const auto a = packed.runTensor(at::zeros({1, 3, 32, 32})), b = plain.runTensor(at::zeros({1, 3, 32, 32}));
    ASSERT_FALSE(a);
    EXPECT_EQ(a.error().message, b.error().message);
}

TEST(OnednnLayer, OnlyWherePlansMayDifferInTheLastBits) {
    EXPECT_EQ(infoOf(compiled(leNet()), "conv1").kernel, "ATen conv2d");
    EXPECT_EQ(infoOf(compiled(leNet()), "conv1").reason, "");
    PlanOptions training = onednn();
    training.training = true;
    EXPECT_EQ(infoOf(compiled(leNet(), training), "conv1").kernel, "ATen conv2d");
    Graph doubles; // another type than float32
    const auto weight = doubles.addWeight("weight", fromAten(at::randn({4, 6}).to(at::kDouble)));
    doubles.main.outputs.emplace_back(doubles.addNode("aten::linear", "fc", {doubles.addInput("x"), weight, none()}).results[0]);
    EXPECT_EQ(infoOf(compiled(doubles, onednn()), "fc").kernel, "ATen linear");
}

} // namespace
} // namespace lathe::runtime::testing
