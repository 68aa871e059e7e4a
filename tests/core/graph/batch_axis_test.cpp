#include <core/graph/batch_axis.h>

#include <gtest/gtest.h>

#include <core/graph/operators/names.h>
#include <tests/support/graphs.h>

namespace lathe::graph {
namespace {

const Operand yes = Literal(true), no = Literal(false);

std::vector<Dim> named(const std::vector<const char*>& names) {
    std::vector<Dim> shape;
    for (const char* name : names)
        shape.push_back(*name == '#' ? Dim{4, ""} : Dim{-1, name});
    return shape;
}

BatchAxis axisOf(const Graph& graph, std::size_t input = 0) { return batchAxis(graph, UseIndex(graph), graph.main.inputs[input]); }

TEST(BatchAxis, IsCalledAfterTheBatch) {
    EXPECT_EQ(namedBatchAxis(named({"batch", "seq", "#"})), BatchAxis(0));
    EXPECT_EQ(namedBatchAxis(named({"seq", "batch_size", "#"})), BatchAxis(1));
    EXPECT_EQ(namedBatchAxis(named({"T", "N", "#"})), BatchAxis(1));
    EXPECT_EQ(namedBatchAxis(named({"N", "T"})), BatchAxis(0));
    EXPECT_EQ(namedBatchAxis(named({"M", "N"})), std::nullopt) << "the sides of a matrix";
    EXPECT_EQ(namedBatchAxis(named({"batch*time", "#"})), std::nullopt) << "follows from two sizes";
    EXPECT_EQ(namedBatchAxis(named({"s0", "s1"})), std::nullopt);
    EXPECT_EQ(namedBatchAxis(dims({2, 3})), std::nullopt);
}

TEST(BatchAxis, IsTheFreeSizeThatAllInputsHave) {
    Graph graph;
    for (const char* name : {"x", "state"})
        graph.addInput(name);
    graph.value(graph.main.inputs[0]).shape = named({"s0", "s1", "#"});
    graph.value(graph.main.inputs[1]).shape = named({"#", "s1", "#"});
    EXPECT_EQ(axisOf(graph, 0), BatchAxis(1));
    EXPECT_EQ(axisOf(graph, 1), BatchAxis(1));
    graph.value(graph.main.inputs[1]).shape = named({"s0", "s1"});
    EXPECT_EQ(axisOf(graph, 0), std::nullopt) << "tokens and their mask share both sizes";
    for (const ValueId input : graph.main.inputs)
        graph.value(input).shape = std::vector<Dim>{{1, ""}, {-1, "s0"}};
    EXPECT_EQ(axisOf(graph, 0), std::nullopt) << "a batch of one that was fixed, and a length";
}

/// x → (what `before` makes of it) → GRU with the state h.
Graph recurrent(bool isBatchFirst, const std::function<ValueId(Graph&, ValueId)>& before = {}) {
    Graph graph;
    ValueId x = graph.addInput("x");
    const ValueId state = graph.addInput("h");
    if (before) x = before(graph, x);
    const std::vector<Operand> parameters{graph.addWeight("gru.w_ih", support::randomTensor({12, 3}, 1)),
                                          graph.addWeight("gru.w_hh", support::randomTensor({12, 4}, 2))};
    graph.addNode("aten::gru.input", "gru", {x, state, parameters, no, support::number(1), Literal(0.0), no, no, isBatchFirst ? yes : no},
                  2);
    return graph;
}

TEST(BatchAxis, IsWhereRecurrentLayersHaveIt) {
    EXPECT_EQ(axisOf(recurrent(false)), BatchAxis(1));
    EXPECT_EQ(axisOf(recurrent(false), 1), BatchAxis(1));
    EXPECT_EQ(axisOf(recurrent(true)), BatchAxis(0));
    EXPECT_EQ(axisOf(recurrent(true), 1), BatchAxis(1)) << "states are [layers, batch, hidden] all the same";
}

TEST(BatchAxis, IsFollowedThroughWhatKeepsIt) {
    const auto transposed = [](Graph& graph, ValueId x) {
        return graph.addNode("aten::transpose.int", "transposed", {x, support::number(0), support::number(1)}).results[0];
    };
    EXPECT_EQ(axisOf(recurrent(false, transposed)), BatchAxis(0));
    EXPECT_EQ(axisOf(recurrent(true, transposed)), BatchAxis(1));
    const auto embedded = [](Graph& graph, ValueId x) {
        const ValueId table = graph.addWeight("table.weight", support::randomTensor({9, 5}, 3));
        const ValueId looked = graph.addNode(std::string(op::embedding), "table", {table, x, support::number(-1), no, no}).results[0];
        const ValueId fc = graph.addWeight("fc.weight", support::randomTensor({3, 5}, 4));
        const ValueId linear = graph.addNode(std::string(op::linear), "fc", {looked, fc, Operand()}).results[0];
        return graph.addNode(std::string(op::relu), "relu", {linear}).results[0];
    };
    EXPECT_EQ(axisOf(recurrent(false, embedded)), BatchAxis(1));
    const auto viewed = [](Graph& graph, ValueId x) {
        return graph.addNode("aten::view", "view", {x, support::ints({-1, 2, 3})}).results[0];
    };
    EXPECT_EQ(axisOf(recurrent(false, viewed)), std::nullopt) << "nobody knows what became of the dimensions";
    EXPECT_EQ(axisOf(support::smallConvNet()), std::nullopt);
}

} // namespace
} // namespace lathe::graph
