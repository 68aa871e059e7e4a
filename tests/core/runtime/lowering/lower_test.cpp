#include <core/runtime/lowering/lower.h>

#include <set>

#include <gtest/gtest.h>

#include <tests/core/runtime/real_and_simulated.h>

namespace lathe::runtime::testing {
namespace {

TEST(Lower, LeNetRunsOnBytesFromTheFirstLayerToTheLast) {
    Plan plan = compiled(quantizedLeNet());
    std::vector<std::string> nodes;
    std::set<std::string> covered;
    for (const InstructionInfo& info : plan.instructions()) {
        nodes.push_back(info.node);
        covered.insert(info.covers.begin(), info.covers.end());
        EXPECT_TRUE(info.isReal) << info.node << ": " << info.reason;
    }
    EXPECT_EQ(nodes, (std::vector<std::string>{"input.quantize", "conv1", "pool1", "conv2", "pool2", "fc1", "fc2", "fc3"}));
    graph::forEachNode(quantizedLeNet(), [&](const graph::Node& node) { EXPECT_TRUE(covered.contains(node.name)) << node.name; });
    EXPECT_NE(infoOf(plan, "conv1")->kernel.find("int8 conv2d+relu"), std::string::npos) << infoOf(plan, "conv1")->kernel;
    EXPECT_NE(infoOf(plan, "fc3")->kernel.find("int8 linear, float output"), std::string::npos) << infoOf(plan, "fc3")->kernel;
    EXPECT_EQ(infoOf(plan, "conv1")->op, "aten::conv2d");
}

TEST(Lower, LeNetGivesWhatSimulationGives) {
    for (const std::int64_t maximum : {127, 255}) {
        const Graph graph = quantizedLeNet(maximum);
        for (const std::int64_t batch : {1, 2, 33}) {
            const at::Tensor x = at::randn({batch, 1, 32, 32});
            Plan real = compiled(graph);
            Plan floats = simulated(graph);
            const at::Tensor a = runOn(real, x);
            const at::Tensor b = runOn(floats, x);
            EXPECT_TRUE(at::allclose(a, b, 0, 0.05)) << (a - b).abs().max();
            EXPECT_LE((a - b).abs().mean().item<double>(), 0.005);
        }
    }
}

TEST(Lower, BothKernelFamiliesGiveTheSame) {
    for (const std::int64_t maximum : {127, 255}) {
        const Graph graph = quantizedLeNet(maximum);
        PlanOptions lathe;
        lathe.library = "lathe";
        PlanOptions fbgemm;
        fbgemm.library = "fbgemm";
        Plan a = compiled(graph, lathe);
        Plan b = compiled(graph, fbgemm);
        const std::string kernel = infoOf(b, "conv2")->kernel;
        // With full bytes FBGEMM may only be used where it does not saturate.
        if (maximum == 127 || cpuHasVnni())
            EXPECT_TRUE(kernel.starts_with("FBGEMM int8 conv2d+relu")) << kernel;
        else
            EXPECT_TRUE(kernel.starts_with("Lathe int8")) << kernel;
        const at::Tensor x = at::randn({5, 1, 32, 32});
        EXPECT_TRUE(at::allclose(runOn(a, x), runOn(b, x), 0, 0.05));
    }
}

TEST(Lower, FloatImagesInEitherOrder) {
    const Grid in{0.05, 60, 0, 127}, out{0.02, 20, 0, 255};
    for (const bool isViewed : {false, true}) {
        Graph graph;
        auto value = addPair(graph, "in", graph.addInput("x"), in);
        value = addQuantizedConv(graph, "first", value, 6, 8, {3, 3});
        value = addPair(graph, "middle", graph.addNode("aten::silu", "silu", {value}).results[0], out);
        const auto floats = graph.addNode("aten::hardswish", "hardswish", {value}).results[0]; // reads dequantized bytes
        const auto product = graph.addNode("aten::mul.Tensor", "product", {floats, value}).results[0];
        graph.main.outputs.emplace_back(
            isViewed
                ? graph.addNode("aten::view", "view", {product, ints({-1, 8 * 7 * 9})}).results[0]
                : addPair(graph, "out", addQuantizedConv(graph, "second", addPair(graph, "product", product, out), 8, 4, {1, 1}), out));
        SCOPED_TRACE(isViewed);
        expectSameWithinAStep(graph, at::randn({2, 6, 9, 11}), out.scale);
    }
}

TEST(Lower, ViewsOfFlattenedImagesAreInTheUsualOrder) {
    const Grid in{0.05, 60, 0, 127};
    const auto expectSame = [&](const std::string& op, std::vector<Operand> operands, const Ints& view, const at::Tensor& x) {
        Graph graph;
        auto value = addPair(graph, "in", graph.addInput("x"), in);
        operands.insert(operands.begin(), addQuantizedConv(graph, "conv", value, 6, 8, {3, 3}));
        value = graph.addNode(op, "flat", operands).results[0];
        graph.main.outputs.emplace_back(graph.addNode("aten::view", "view", {value, ints(view)}).results[0]);
        SCOPED_TRACE(op);
        expectSameWithinAStep(graph, x, 1e-4);
    };
    const at::Tensor batch = at::randn({2, 6, 9, 11});
    expectSame("aten::flatten.using_ints", {integer(2), integer(-1)}, {2, -1}, batch);
    expectSame("aten::reshape", {ints({2, 8, 63})}, {16, 63}, batch);
    expectSame("aten::mean.dim", {ints({2}), boolean(false), none()}, {16, 9}, batch);
    expectSame("aten::flatten.using_ints", {integer(1), integer(-1)}, {-1}, at::randn({6, 9, 11})); // without a batch
}

TEST(Lower, NotANumberIsTheZeroPointInBothWays) {
    const Graph graph = quantizedLeNet();
    at::Tensor x = at::randn({2, 1, 32, 32});
    x[0][0][3].fill_(std::numeric_limits<float>::quiet_NaN());
    Plan real = compiled(graph);
    Plan floats = simulated(graph);
    EXPECT_TRUE(at::allclose(runOn(real, x), runOn(floats, x), 0, 0.05));
}

TEST(Lower, WhatHasNoIntegerKernelSaysSo) {
    const Grid grid{0.05, 64, 0, 127};
    Graph graph;
    auto value = addPair(graph, "in", graph.addInput("x"), grid);
    const auto weight = addIntegerWeight(graph, "conv", {4, 2, 3});
    value = graph.addNode("aten::conv1d", "conv", {value, weight}).results[0];
    graph.main.outputs.emplace_back(graph.addNode("aten::sigmoid", "sigmoid", {value}).results[0]);
    Plan plan = compiled(graph);
    const InstructionInfo* info = infoOf(plan, "conv");
    ASSERT_TRUE(info);
    EXPECT_FALSE(info->isReal);
    EXPECT_EQ(info->reason, "no integer kernel for aten::conv1d: the arithmetic is float");
    EXPECT_EQ(info->kernel, "ATen conv1d");
    expectSameWithinAStep(graph, at::randn({2, 2, 8}), 1e-5);
}

TEST(Lower, IntegersThatSomebodyElseReadsStayIntegers) {
    const Grid grid{0.05, 64, 0, 127};
    Graph graph;
    const auto q = addQuantize(graph, "quantize", graph.addInput("x"), grid);
    graph.main.outputs.emplace_back(graph.addNode("aten::bitwise_and.Scalar", "low_bits", {q, integer(3)}).results[0]);
    Plan plan = compiled(graph);
    EXPECT_FALSE(infoOf(plan, "quantize")->isReal);
    EXPECT_EQ(infoOf(plan, "quantize")->reason, "no integer kernel takes this value");
    EXPECT_TRUE(at::equal(runOn(plan, at::ones({2})), at::full({2}, 84 & 3, at::kByte)));
}

TEST(Lower, AFloatReaderInBetweenGetsItsFloat) {
    const Grid grid{0.05, 64, 0, 127};
    Graph graph;
    auto value = addPair(graph, "in", graph.addInput("x"), grid);
    const auto shared = addPair(graph, "mid", addQuantizedConv(graph, "conv1", value, 2, 3, {3, 3}, {{1, 1}, {1, 1}}), grid);
    const auto next = addPair(graph, "next", addQuantizedConv(graph, "conv2", shared, 3, 3, {3, 3}, {{1, 1}, {1, 1}}), grid);
    graph.main.outputs.emplace_back(graph.addNode("aten::add.Tensor", "add", {next, shared}).results[0]);
    expectSameWithinAStep(graph, at::randn({2, 2, 5, 5}), grid.scale * 2);
    EXPECT_TRUE(infoOf(compiled(graph), "mid.dequantize"));
}

TEST(Lower, ReadersInsideControlFlowKeepTheSimulation) {
    const Grid grid{0.05, 64, 0, 127};
    Graph graph;
    const auto x = graph.addInput("x");
    const auto flag = graph.addInput("flag", graph::TypeKind::Bool);
    const auto q = addQuantize(graph, "quantize", x, grid);
    const auto inner = graph.addResult("inner");
    graph::Node dequantize;
    dequantize.op = graph::op::dequantizePerTensor;
    dequantize.name = "dequantize";
    dequantize.operands = gridOperands(q, grid);
    dequantize.results = {inner};
    graph::Node& branch = graph.addNode("prim::If", "branch", {flag});
    branch.blocks.push_back({{}, {dequantize}, {inner}});
    branch.blocks.push_back({{}, {}, {x}});
    graph.main.outputs.emplace_back(branch.results[0]);
    Plan plan = compiled(graph);
    EXPECT_FALSE(infoOf(plan, "quantize")->isReal);
    EXPECT_TRUE(at::allclose(runAll(plan, {at::ones({2}), true})[0].toTensor(), at::ones({2})));
}

TEST(Lower, WrongShapesNameTheLayer) {
    Plan plan = compiled(quantizedLeNet());
    const auto channels = plan.runTensor(at::zeros({1, 3, 32, 32}));
    ASSERT_FALSE(channels);
    EXPECT_EQ(channels.error().message, "conv1: The weights are for 1 input channels, but the input has 3.");
    const auto small = plan.runTensor(at::zeros({1, 1, 28, 28}));
    ASSERT_FALSE(small);
    EXPECT_EQ(small.error().message, "fc1: The weights are for 400 inputs, but there are 256.");
    const auto tiny = plan.runTensor(at::zeros({1, 1, 3, 3}));
    ASSERT_FALSE(tiny);
    EXPECT_EQ(tiny.error().message, "conv1: The kernel of 5x5 is larger than the padded input of 3x3.");
}

TEST(KeepSimulated, TrainingRunsInFloat) {
    PlanOptions options;
    options.training = true;
    const Plan plan = compiled(quantizedLeNet(), options);
    EXPECT_FALSE(infoOf(plan, "conv1")->isReal);
    EXPECT_EQ(infoOf(plan, "conv1")->reason, "training runs in float");
}

} // namespace
} // namespace lathe::runtime::testing
