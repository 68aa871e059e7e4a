#include <core/formats/node_names.h>

#include <gtest/gtest.h>

#include <tests/support/graphs.h>

namespace lathe::formats {
namespace {

TEST(NodeNames, ShortNames) {
    EXPECT_EQ(shortName("aten::relu_"), "relu");
    EXPECT_EQ(shortName("aten::add.Tensor"), "add");
    EXPECT_EQ(shortName("aten::_convolution"), "convolution");
    EXPECT_EQ(shortName("prim::ListConstruct"), "list_construct");
    EXPECT_EQ(shortName("aten::Int.Tensor"), "int");
    EXPECT_EQ(shortName("::"), "node");
}

/// One node of `op` in `scope`, reading `input` (and the weight, if one is named).
graph::ValueId add(graph::Graph& graph, std::vector<int>& calls, const std::string& op, const std::string& scope, int call,
                   graph::ValueId input, const std::string& weight = "") {
    std::vector<graph::Operand> operands{input};
    if (!weight.empty()) {
        const auto known = graph.findValue(weight);
        operands.emplace_back(known ? *known : graph.addWeight(weight, support::randomTensor({2, 2}, 1)));
    }
    graph::Node& node = graph.addNode(op, "provisional" + std::to_string(calls.size()), std::move(operands));
    node.scope = scope;
    calls.push_back(call);
    return node.results[0];
}

TEST(NodeNames, ModulesFirstThenOperators) {
    graph::Graph graph;
    std::vector<int> calls;
    auto x = graph.addInput("x");
    x = add(graph, calls, "aten::linear", "fc1", 1, x, "fc1.weight");
    x = add(graph, calls, "aten::relu", "", 0, x);
    x = add(graph, calls, "aten::linear", "", 0, x, "fc2.weight"); // functional call with a module's weight
    x = add(graph, calls, "aten::relu", "", 0, x);
    x = add(graph, calls, "aten::relu", "act", 2, x);
    x = add(graph, calls, "aten::relu", "act", 3, x); // the same module again
    x = add(graph, calls, "aten::mul.Tensor", "block", 4, x);
    x = add(graph, calls, "aten::add.Tensor", "block", 4, x);
    x = add(graph, calls, "aten::linear", "fc1", 5, x, "fc1.weight"); // shared
    x = add(graph, calls, "aten::relu", "cell.act", 6, x);
    x = add(graph, calls, "aten::add.Tensor", "cell", 7, x); // alone in its module, but not the module
    graph.main.outputs = {x};
    nameNodes(graph, calls);
    std::vector<std::string> names;
    for (const graph::Node& node : graph.main.nodes)
        names.push_back(node.name);
    EXPECT_EQ(names, (std::vector<std::string>{"fc1", "relu", "fc2", "relu_1", "act", "act_1", "block.mul", "block.add", "fc1_1",
                                               "cell.act", "cell.add"}));
    EXPECT_EQ(graph.value(graph.main.nodes[0].results[0]).name, "fc1_out");
    EXPECT_TRUE(graph::verify(graph));
}

TEST(NodeNames, NoTwoValuesMeet) {
    graph::Graph graph;
    std::vector<int> calls;
    auto x = graph.addInput("relu_out");
    x = add(graph, calls, "aten::relu", "", 0, x);
    graph.main.outputs = {x};
    nameNodes(graph, calls);
    EXPECT_EQ(graph.value(graph.main.inputs[0]).name, "relu_out");
    EXPECT_EQ(graph.value(x).name, "relu_out_1");
}

TEST(NodeNames, ATiedWeightDoesNotNameTheOtherModule) {
    graph::Graph graph;
    std::vector<int> calls;
    auto x = graph.addInput("x");
    x = add(graph, calls, "aten::linear", "encoder", 1, x, "decoder.weight");
    x = add(graph, calls, "aten::linear", "decoder", 2, x, "decoder.weight");
    nameNodes(graph, calls);
    EXPECT_EQ(graph.main.nodes[0].name, "encoder");
    EXPECT_EQ(graph.main.nodes[1].name, "decoder");
}

} // namespace
} // namespace lathe::formats
