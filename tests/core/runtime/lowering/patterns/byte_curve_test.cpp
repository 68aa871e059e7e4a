#include <core/runtime/lowering/patterns/byte_curve.h>

#include <algorithm>

#include <gtest/gtest.h>

#include <core/graph/operators/integers.h>
#include <core/graph/operators/operator.h>
#include <tests/core/runtime/real_and_simulated.h>

namespace lathe::runtime::testing {
namespace {

/// x → QDQ → function → QDQ
Graph between(const Grid& in, std::string_view op, std::vector<Operand> others, const Grid& out) {
    Graph graph;
    std::vector<Operand> operands{addPair(graph, "in", graph.addInput("x"), in)};
    operands.insert(operands.end(), others.begin(), others.end());
    const auto value = graph.addNode(std::string(op), "curve", std::move(operands)).results[0];
    graph.main.outputs.emplace_back(addPair(graph, "out", value, out));
    return graph;
}

struct Grids {
    Grid in, out;
};
/// Zero points at both ends and between, signed and unsigned, whole and reduced.
const std::vector<Grids> grids = {
    {{0.05, 128, 0, 255, "uint8"}, {0.02, 14, 0, 255, "uint8"}},     {{0.05, 0, 0, 255, "uint8"}, {0.05, 0, 0, 255, "uint8"}},
    {{0.05, 255, 0, 255, "uint8"}, {0.01, 255, 0, 255, "uint8"}},    {{0.1, 64, 0, 127, "uint8"}, {0.0078, 0, 0, 127, "uint8"}},
    {{0.04, 0, -127, 127, "int8"}, {0.03, -128, -128, 127, "int8"}},
};

TEST(LowerByteCurve, GivesWhatSimulationGivesToTheBit) {
    for (const graph::Operator& known : graph::operators()) {
        if (!graph::curveOf(known.name)) continue;
        for (const auto& [in, out] : grids) {
            const Graph graph = between(in, known.name, {}, out);
            Plan real = compiled(graph), floats = simulated(graph);
            ASSERT_EQ(real.instructions().size(), 3U) << known.name << ": quantize, table, dequantize";
            EXPECT_TRUE(std::ranges::all_of(real.instructions(), &InstructionInfo::isReal));
            EXPECT_EQ(infoOf(real, "curve")->kernel, "Lathe byte " + known.name.substr(6));
            for (const Ints& shape : {Ints{1}, Ints{3, 67}, Ints{1, 3, 1, 1}, Ints{2, 5, 7, 9}, Ints{0, 4}}) {
                const at::Tensor input = at::randn(shape) * 6;
                EXPECT_TRUE(at::equal(runOn(real, input), runOn(floats, input))) << known.name;
                if (shape.size() != 4) continue;
                const at::Tensor last = input.contiguous(at::MemoryFormat::ChannelsLast);
                EXPECT_TRUE(at::equal(runOn(real, last), runOn(floats, last))) << known.name;
            }
        }
    }
}

TEST(LowerByteCurve, ItsNumbersCount) {
    for (const std::string approximate : {"none", "tanh"}) {
        const Graph graph = between(grids[0].in, "aten::gelu", {word(approximate)}, grids[0].out);
        Plan real = compiled(graph), floats = simulated(graph);
        EXPECT_EQ(real.instructions().size(), 3U);
        const at::Tensor input = at::randn({1000}) * 3;
        EXPECT_TRUE(at::equal(runOn(real, input), runOn(floats, input))) << approximate;
    }
    const Graph steep = between(grids[0].in, "aten::leaky_relu", {real(0.3)}, grids[1].out);
    Plan real = compiled(steep), floats = simulated(steep);
    const at::Tensor input = at::randn({1000}) * 3;
    EXPECT_TRUE(at::equal(runOn(real, input), runOn(floats, input)));
}

TEST(LowerByteCurve, OfAValueThatIsFloatOrStaysFloatIsComputedInFloat) {
    Graph graph;
    const auto x = graph.addInput("x");
    const auto value = graph.addNode("aten::silu", "fromFloat", {x}).results[0];
    const auto rounded = addPair(graph, "middle", value, grids[0].in);
    graph.main.outputs.emplace_back(graph.addNode("aten::silu", "toFloat", {rounded}).results[0]);
    const Plan plan = compiled(graph);
    for (const char* node : {"fromFloat", "toFloat"})
        EXPECT_EQ(infoOf(plan, node)->kernel, "ATen silu");
}

TEST(LowerByteCurve, LayersAndTablesHandBytesToEachOther) {
    Graph graph;
    auto value = addPair(graph, "in", graph.addInput("x"), {0.05, 60, 0, 127});
    value = addPair(graph, "middle", addQuantizedConv(graph, "conv", value, 3, 8, {3, 3}), {0.03, 100, 0, 255});
    value = graph.addNode("aten::silu", "silu", {value}).results[0];
    value = addFlatten(graph, "flatten", addMaxPool(graph, "pool", value));
    value = addPair(graph, "act", value, {0.02, 14, 0, 255});
    graph.main.outputs.emplace_back(addQuantizedLinear(graph, "fc", value, 8 * 4 * 4, 3));
    const Plan plan = compiled(graph);
    EXPECT_EQ(plan.instructions().size(), 6U) << "quantize, conv, silu, pool, flatten, fc";
    EXPECT_TRUE(std::ranges::all_of(plan.instructions(), &InstructionInfo::isReal));
    expectSameWithinAStep(graph, at::randn({2, 3, 10, 10}), 0.05);
}

TEST(LowerByteCurve, BytesThatSomebodyElseReadsStayAsTheyAre) {
    const auto& [in, out] = grids[0];
    Graph graph;
    const auto x = addPair(graph, "in", graph.addInput("x"), in);
    const auto add = [&](std::string_view op, const std::string& name, graph::ValueId value) {
        graph.main.outputs.emplace_back(addPair(graph, name + ".out", graph.addNode(std::string(op), name, {value}).results[0], out));
    };
    const auto seen = graph.addNode("aten::reshape", "seen", {x, ints({-1})}).results[0]; // the same memory
    add("aten::sigmoid", "first", seen);
    add("aten::silu", "second", x);
    add("aten::tanh", "third", x);
    Plan real = compiled(graph), floats = simulated(graph);
    const std::vector<c10::IValue> inputs{at::randn({20, 30}) * 3};
    for (int run = 0; run < 2; ++run) {
        const auto found = real.run(inputs), wanted = floats.run(inputs);
        ASSERT_TRUE(found && wanted);
        for (std::size_t index = 0; index < wanted->size(); ++index)
            EXPECT_TRUE(at::equal(found->at(index).toTensor(), wanted->at(index).toTensor())) << index;
    }
}

TEST(LowerByteCurve, OneBehindTheOtherInTheSameMemory) {
    const auto& [in, out] = grids[0];
    Graph graph;
    auto value = addPair(graph, "in", graph.addInput("x"), in);
    for (const std::string op : {"silu", "tanh", "sigmoid"})
        value = addPair(graph, op + ".out", graph.addNode("aten::" + op, op, {value}).results[0], out);
    graph.main.outputs.emplace_back(value);
    Plan real = compiled(graph), floats = simulated(graph);
    EXPECT_EQ(real.instructions().size(), 5U);
    for (const Ints& shape : {Ints{1}, Ints{2, 3, 5, 7}}) {
        const at::Tensor input = at::randn(shape) * 3;
        EXPECT_TRUE(at::equal(runOn(real, input), runOn(floats, input)));
        EXPECT_TRUE(at::equal(runOn(real, input), runOn(floats, input))) << "again";
    }
}

} // namespace
} // namespace lathe::runtime::testing
