#include <core/formats/pure_operators.h>

#include <random>

#include <gtest/gtest.h>

#include <tests/core/formats/slow_pure_operators_torch.h>
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

/// Operators in place, views, lists and branches on few values, so that they often meet.
Graph wildGraph(unsigned seed) {
    std::mt19937 random(seed);
    Graph graph;
    std::vector<ValueId> values{graph.addInput("x"), graph.addWeight("w", support::randomTensor({2, 2}, 1)),
                                graph.addWeight("v", support::randomTensor({2, 2}, 2))};
    int number = 0;
    const auto fill = [&](const auto& self, graph::Block& block, int nodes, int depth) -> void {
        std::vector<ValueId> seen = values;
        const auto any = [&] {
            return Operand(seen[seen.size() < 4 || random() % 3 == 0 ? random() % seen.size() : seen.size() - 1 - random() % 3]);
        };
        for (int i = 0; i < nodes; ++i) {
            graph::Node node;
            node.name = "n" + std::to_string(number++);
            switch (random() % (depth > 0 ? 9 : 8)) {
            case 0:
                node.op = "aten::neg";
                node.operands = {any()};
                break;
            case 1:
                node.op = "aten::view";
                node.operands = {any(), support::ints({4})};
                break;
            case 2:
                node.op = "aten::select.int";
                node.operands = {any(), support::number(0), support::number(0)};
                break;
            case 3:
                node.op = "prim::ListConstruct";
                node.operands = {any(), any()};
                break;
            case 4:
                node.op = "aten::cat";
                node.operands = {std::vector<Operand>{any(), any()}, support::number(0)};
                break;
            case 8:
                node.op = "prim::If";
                node.operands = {any()};
                node.blocks.resize(2);
                for (graph::Block& branch : node.blocks) {
                    const std::vector<ValueId> outer = std::exchange(values, seen);
                    self(self, branch, 4, depth - 1);
                    values = outer;
                }
                break;
            default:
                node.op = random() % 2 == 0 ? "aten::relu_" : "aten::add_.Tensor";
                node.operands = {any()};
                if (node.op != "aten::relu_") node.operands = {any(), any(), support::number(1)};
            }
            node.results = {graph.addResult(node.name + "_out")};
            block.nodes.push_back(node);
            seen.push_back(node.results[0]);
        }
        block.outputs = {any(), std::vector<Operand>{any()}};
    };
    fill(fill, graph.main, 14, 2);
    return graph;
}

TEST(PureOperators, AsIfEveryNodeBehindHadBeenLookedAt) {
    int changed = 0;
    for (unsigned seed = 1; seed <= 400; ++seed) {
        Graph graph = wildGraph(seed), expected = graph;
        const StateChanges changes = makeOperatorsPure(graph), expectedChanges = slow::makeOperatorsPure(expected);
        ASSERT_EQ(graph::text(graph), graph::text(expected)) << "seed " << seed;
        EXPECT_EQ(changes.dropped, expectedChanges.dropped) << "seed " << seed;
        EXPECT_EQ(changes.kept, expectedChanges.kept) << "seed " << seed;
        if (graph::text(graph) != graph::text(wildGraph(seed))) ++changed;
    }
    EXPECT_GT(changed, 100) << "most of these graphs have something to change";
}

} // namespace
} // namespace lathe::formats
