#include <core/runtime/lowering/byte_operators.h>

#include <gtest/gtest.h>

#include <tests/core/runtime/quantized_graphs.h>

namespace lathe::runtime::testing {
namespace {

struct Case {
    const char* op;
    std::vector<Operand> operands;
    Ints shape;
};

void PrintTo(const Case& tested, std::ostream* stream) { *stream << tested.op; }

class ByteOperators : public ::testing::TestWithParam<Case> {};

/// What the planner lets integers flow through has to run on them: float between two roundings would cost time and gain nothing.
TEST_P(ByteOperators, RunOnBytesBetweenTwoRoundingsOfOneGrid) {
    const Grid grid{0.05, 64, 0, 127};
    Graph graph;
    const auto input = addPair(graph, "in", graph.addInput("x"), grid);
    std::vector<Operand> operands = GetParam().operands;
    operands.insert(operands.begin(), input);
    const auto value = graph.addNode(GetParam().op, "tested", std::move(operands)).results[0];
    graph.main.outputs.emplace_back(addPair(graph, "out", value, grid));
    Plan plan = compiled(graph), floats = simulated(graph);
    EXPECT_EQ(plan.instructions().size(), 3U) << "quantize, the operator, dequantize";
    for (const InstructionInfo& info : plan.instructions())
        EXPECT_TRUE(info.isReal) << info.node;
    // Averages of odd counts never lie in the middle between two bytes, where the two ways may round differently.
    const at::Tensor x = at::randn(GetParam().shape), bytes = runOn(plan, x), expected = runOn(floats, x);
    ASSERT_EQ(bytes.sizes(), expected.sizes());
    EXPECT_LT((bytes - expected).abs().max().item<double>(), 0.01 * grid.scale);
}

INSTANTIATE_TEST_SUITE_P(
    All, ByteOperators,
    ::testing::Values(
        Case{"aten::squeeze", {}, {2, 1, 4, 1}}, Case{"aten::squeeze.dim", {integer(2)}, {2, 3, 1}},
        Case{"aten::squeeze.dims", {ints({2, 3})}, {2, 3, 1, 1}},
        Case{"aten::max_pool1d", {ints({2}), ints({2}), ints({0}), ints({1}), boolean(false)}, {2, 3, 8}},
        Case{"aten::max_pool2d", {ints({2, 2}), ints({2, 2}), ints({0, 0}), ints({1, 1}), boolean(true)}, {2, 3, 5, 5}},
        Case{"aten::max_pool3d", {ints({2, 2, 2}), ints({2, 2, 2}), ints({0, 0, 0}), ints({1, 1, 1}), boolean(false)}, {1, 2, 4, 4, 4}},
        Case{"aten::avg_pool1d", {ints({3}), ints({3}), ints({0}), boolean(false), boolean(true)}, {2, 3, 9}},
        Case{"aten::avg_pool3d",
             {ints({3, 3, 3}), ints({3, 3, 3}), ints({0, 0, 0}), boolean(false), boolean(true), none()},
             {1, 2, 6, 6, 6}},
        Case{"aten::adaptive_avg_pool1d", {ints({1})}, {2, 3, 7}}, Case{"aten::dropout", {real(0.5), boolean(false)}, {2, 3}}));

TEST(ByteOperator, NotWhileTrainingNorWithAWindowThatIsComputed) {
    graph::Node node;
    node.op = "aten::dropout";
    node.operands = {graph::ValueId{0}, real(0.5), boolean(true)};
    node.results = {1};
    EXPECT_EQ(byteOperator(node), ByteOperator::None);
    node.operands[2] = boolean(false);
    EXPECT_EQ(byteOperator(node), ByteOperator::Exact);
    node.op = "aten::max_pool2d";
    node.operands = {graph::ValueId{0}, graph::ValueId{2}};
    EXPECT_EQ(byteOperator(node), ByteOperator::None);
    node.op = "aten::relu_";
    EXPECT_EQ(byteOperator(node), ByteOperator::None) << "works in place";
}

} // namespace
} // namespace lathe::runtime::testing
