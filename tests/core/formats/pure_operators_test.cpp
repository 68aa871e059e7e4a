#include <core/formats/pure_operators.h>

#include <gtest/gtest.h>

#include <tests/support/graphs.h>

namespace lathe::formats {
namespace {

using graph::Graph;
using graph::Operand;
using graph::ValueId;

ValueId add(Graph& graph, const std::string& op, std::vector<Operand> operands) {
    return graph.addNode(op, "n" + std::to_string(graph.main.nodes.size()), std::move(operands)).results[0];
}

std::vector<std::string> ops(const Graph& graph) {
    std::vector<std::string> result;
    for (const graph::Node& node : graph.main.nodes)
        result.push_back(node.op);
    return result;
}

TEST(PureOperators, LaterUsesSeeTheChangedValue) {
    Graph graph;
    const ValueId x = graph.addInput("x");
    const ValueId y = add(graph, "aten::neg", {x});
    const ValueId changed = add(graph, "aten::add_.Tensor", {y, x, support::number(1)});
    const ValueId relu = add(graph, "aten::relu_", {y});
    const ValueId last = add(graph, "aten::neg", {y});
    graph.main.outputs = {last, changed};
    EXPECT_TRUE(makeOperatorsPure(graph).dropped.empty());
    EXPECT_EQ(ops(graph), (std::vector<std::string>{"aten::neg", "aten::add.Tensor", "aten::relu", "aten::neg"}));
    EXPECT_EQ(graph.main.nodes[2].operands[0].value(), changed);
    EXPECT_EQ(graph.main.nodes[3].operands[0].value(), relu);
}

TEST(PureOperators, AViewThatIsLookedThroughLaterKeepsItInPlace) {
    Graph graph;
    const ValueId x = graph.addInput("x");
    const ValueId y = add(graph, "aten::neg", {x});
    const ValueId row = add(graph, "aten::select.int", {y, support::number(0), support::number(0)});
    (void)add(graph, "aten::relu_", {row});
    graph.main.outputs = {add(graph, "aten::neg", {y})};
    makeOperatorsPure(graph);
    EXPECT_EQ(graph.main.nodes[2].op, "aten::relu_");

    // Nobody looks at y again: the row may as well be a new tensor.
    graph.main.nodes.pop_back();
    graph.main.outputs = {row};
    makeOperatorsPure(graph);
    EXPECT_EQ(graph.main.nodes[2].op, "aten::relu");
    EXPECT_EQ(graph.main.outputs[0].value(), graph.main.nodes[2].results[0]);
}

TEST(PureOperators, AnOutputThatSharesTheMemoryKeepsItInPlace) {
    Graph graph;
    const ValueId x = graph.addInput("x");
    const ValueId y = add(graph, "aten::neg", {x});
    const ValueId flat = add(graph, "aten::view", {y, support::ints({-1})});
    (void)add(graph, "aten::relu_", {y});
    graph.main.outputs = {flat};
    makeOperatorsPure(graph);
    EXPECT_EQ(graph.main.nodes[2].op, "aten::relu_");
}

TEST(PureOperators, TellsWhichWeightsChange) {
    Graph graph;
    const ValueId x = graph.addInput("x");
    const ValueId count = graph.addWeight("count", support::randomTensor({2}, 1), false);
    const ValueId cache = graph.addWeight("cache", support::randomTensor({2, 2}, 2), false);
    const ValueId more = add(graph, "aten::add_.Tensor", {count, x, support::number(1)});
    const ValueId row = add(graph, "aten::select.int", {cache, support::number(0), support::number(0)});
    (void)add(graph, "aten::copy_", {row, x, graph::Literal(false)});
    graph.main.outputs = {more, add(graph, "aten::neg", {cache})};
    const StateChanges changes = makeOperatorsPure(graph);
    EXPECT_EQ(changes.dropped, (std::set<ValueId>{count}));
    EXPECT_EQ(changes.kept, (std::set<ValueId>{cache}));
    EXPECT_EQ(graph.main.nodes[0].op, "aten::add.Tensor");
}

} // namespace
} // namespace lathe::formats
