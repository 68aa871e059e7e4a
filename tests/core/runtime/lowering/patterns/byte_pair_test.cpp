#include <core/runtime/lowering/patterns/byte_pair.h>

#include <algorithm>

#include <gtest/gtest.h>

#include <core/graph/operators/integers.h>
#include <tests/core/runtime/real_and_simulated.h>

namespace lathe::runtime::testing {
namespace {

const Grid leftGrid{0.05, 128, 0, 255, "uint8"}, rightGrid{0.03, -20, -128, 127, "int8"}, outGrid{0.04, 100, 0, 255, "uint8"};

/// (x, y) → QDQ each → op (→ limit) → QDQ
Graph pairOf(std::string_view op, const std::string& limit = {}, const Grid& out = outGrid) {
    Graph graph;
    const auto left = addPair(graph, "left", graph.addInput("x"), leftGrid),
               right = addPair(graph, "right", graph.addInput("y"), rightGrid);
    auto value = graph.addNode(std::string(op), "pair", {left, right}).results[0];
    if (!limit.empty()) value = graph.addNode(limit, "limit", {value}).results[0];
    graph.main.outputs.emplace_back(addPair(graph, "out", value, out));
    return graph;
}

at::Tensor runOnBoth(Plan& plan, const at::Tensor& x, const at::Tensor& y) {
    auto outputs = plan.run(std::vector<c10::IValue>{x, y});
    EXPECT_TRUE(outputs) << outputs.error().text();
    return outputs->at(0).toTensor();
}

TEST(LowerBytePair, GivesWhatSimulationGivesToTheBit) {
    const std::vector<std::pair<Ints, Ints>> shapes = {
        {{1}, {1}},
        {{3, 67}, {3, 67}},
        {{2, 5, 7, 9}, {2, 5, 7, 9}},
        {{2, 5, 7, 9}, {2, 5, 1, 1}}, // squeeze and excitation
        {{2, 37, 1, 1}, {2, 37, 3, 5}},
        {{2, 5, 1, 1}, {2, 5, 1, 1}},
        {{1, 5, 7, 9}, {2, 1, 7, 1}},
        {{4, 1}, {3, 1, 6}},
        {{5, 7, 9}, {2, 5, 1, 1}},
        {{0, 4}, {1, 4}},
    };
    for (const std::string_view op : {graph::op::add, graph::op::mul}) {
        for (const std::string limit : {"", "aten::relu", "aten::relu6"}) {
            const Graph graph = pairOf(op, limit);
            Plan real = compiled(graph), floats = simulated(graph);
            ASSERT_EQ(real.instructions().size(), 4U) << "two quantize, the pair, dequantize";
            EXPECT_TRUE(std::ranges::all_of(real.instructions(), &InstructionInfo::isReal));
            for (const auto& [left, right] : shapes) {
                const at::Tensor x = at::randn(left) * 3, y = at::randn(right) * 3;
                EXPECT_TRUE(at::equal(runOnBoth(real, x, y), runOnBoth(floats, x, y))) << op << limit << x.sizes() << y.sizes();
                if (x.dim() != 4 || y.dim() != 4) continue;
                const at::Tensor last = x.contiguous(at::MemoryFormat::ChannelsLast);
                EXPECT_TRUE(at::equal(runOnBoth(real, last, y), runOnBoth(floats, last, y))) << op << limit << x.sizes() << y.sizes();
            }
        }
    }
}

TEST(LowerBytePair, LimitsAreWordsOfTheKernel) {
    EXPECT_EQ(infoOf(compiled(pairOf(graph::op::add)), "pair")->kernel, "Lathe byte add");
    EXPECT_EQ(infoOf(compiled(pairOf(graph::op::mul, "aten::relu")), "pair")->kernel, "Lathe byte mul+relu");
    EXPECT_EQ(infoOf(compiled(pairOf(graph::op::add, "aten::relu6")), "pair")->kernel, "Lathe byte add+clamp");
}

TEST(LowerBytePair, OfOneValueTwice) {
    Graph graph;
    const auto x = addPair(graph, "in", graph.addInput("x"), leftGrid);
    graph.main.outputs.emplace_back(addPair(graph, "out", graph.addNode("aten::mul.Tensor", "pair", {x, x}).results[0], outGrid));
    Plan real = compiled(graph), floats = simulated(graph);
    EXPECT_EQ(real.instructions().size(), 3U);
    const at::Tensor input = at::randn({300}) * 2;
    EXPECT_TRUE(at::equal(runOn(real, input), runOn(floats, input)));
}

TEST(LowerBytePair, OperandsThatAreReadLaterStayAsTheyAre) {
    Graph graph;
    const auto x = addPair(graph, "x", graph.addInput("x"), leftGrid), y = addPair(graph, "y", graph.addInput("y"), rightGrid);
    const auto add = [&](std::string_view op, const std::string& name, graph::ValueId left, graph::ValueId right) {
        return addPair(graph, name + ".out", graph.addNode(std::string(op), name, {left, right}).results[0], outGrid);
    };
    const auto sum = add(graph::op::add, "sum", x, y), product = add(graph::op::mul, "product", y, x);
    const auto both = add(graph::op::mul, "both", sum, product), all = add(graph::op::add, "all", both, sum);
    for (const auto value : {product, all})
        graph.main.outputs.emplace_back(value);
    Plan real = compiled(graph), floats = simulated(graph);
    for (const auto& [left, right] :
         std::vector<std::pair<Ints, Ints>>{{{6, 50}, {6, 50}}, {{2, 5, 7, 9}, {2, 5, 1, 1}}, {{50}, {6, 50}}}) {
        const std::vector<c10::IValue> inputs{at::randn(left) * 3, at::randn(right) * 3};
        for (int run = 0; run < 2; ++run) {
            const auto found = real.run(inputs), wanted = floats.run(inputs);
            ASSERT_TRUE(found && wanted);
            for (std::size_t index = 0; index < wanted->size(); ++index)
                EXPECT_TRUE(at::equal(found->at(index).toTensor(), wanted->at(index).toTensor())) << index;
        }
    }
}

TEST(LowerBytePair, FloatsStayFloats) {
    Graph graph;
    const auto x = graph.addInput("x");
    const auto bytes = addPair(graph, "in", x, leftGrid);
    graph.main.outputs.emplace_back(graph.addNode("aten::mul.Tensor", "toFloat", {bytes, bytes}).results[0]);
    const auto half = graph.addNode("aten::add.Tensor", "halfFloat", {bytes, x}).results[0];
    graph.main.outputs.emplace_back(addPair(graph, "out", half, outGrid));
    const Plan plan = compiled(graph);
    EXPECT_EQ(infoOf(plan, "toFloat")->kernel, "ATen mul.Tensor");
    EXPECT_EQ(infoOf(plan, "halfFloat")->kernel, "ATen add.Tensor");
}

TEST(LowerBytePair, SqueezeAndExcitationInBytes) {
    const Grid in{0.05, 60, 0, 127}, middle{0.03, 100, 0, 255}, act{0.02, 14, 0, 255}, gate{1.0 / 255, 0, 0, 255};
    Graph graph;
    auto value = addPair(graph, "in", graph.addInput("x"), in);
    value = addPair(graph, "conv.out", addQuantizedConv(graph, "conv", value, 3, 16, {3, 3}), middle);
    const auto image = addPair(graph, "silu.out", graph.addNode("aten::silu", "silu", {value}).results[0], act);
    value = graph.addNode("aten::adaptive_avg_pool2d", "squeeze", {image, ints({1, 1})}).results[0];
    value = addQuantizedConv(graph, "fc1", addPair(graph, "squeeze.out", value, act), 16, 4, {1, 1});
    value = addPair(graph, "relu.out", addRelu(graph, "relu", value), {0.01, 0, 0, 255});
    value = addPair(graph, "fc2.out", addQuantizedConv(graph, "fc2", value, 4, 16, {1, 1}), middle);
    value = addPair(graph, "gate.out", graph.addNode("aten::sigmoid", "gate", {value}).results[0], gate);
    value = addPair(graph, "scale.out", graph.addNode("aten::mul.Tensor", "scale", {value, image}).results[0], act);
    graph.main.outputs.emplace_back(addQuantizedConv(graph, "project", value, 16, 5, {1, 1}));
    const Plan plan = compiled(graph);
    EXPECT_EQ(plan.instructions().size(), 9U) << "quantize, conv, silu, squeeze, fc1, fc2, gate, scale, project";
    EXPECT_TRUE(std::ranges::all_of(plan.instructions(), &InstructionInfo::isReal));
    expectSameWithinAStep(graph, at::randn({2, 3, 9, 11}), 0.1);
}

} // namespace
} // namespace lathe::runtime::testing
