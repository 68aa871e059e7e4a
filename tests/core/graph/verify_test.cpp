#include <functional>

#include <gtest/gtest.h>

#include <core/graph/graph.h>
#include <tests/support/graphs.h>

namespace lathe::graph {
namespace {

struct Case {
    const char* name;
    std::function<void(Graph&)> damage;
    std::string message;
};

class Verify : public testing::TestWithParam<Case> {};

TEST_P(Verify, NamesTheRuleThatIsBroken) {
    Graph graph = support::smallConvNet();
    ASSERT_TRUE(verify(graph)) << verify(graph).error().text();
    GetParam().damage(graph);
    const auto result = verify(graph);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message, "Invalid graph: " + GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, Verify,
    testing::Values(Case{"sameValueName", [](Graph& g) { g.values[1].name = "x"; }, "Two values are called \"x\"."},
                    Case{"weightWithoutData", [](Graph& g) { g.values[1].data = {}; }, "The weight \"conv1.weight\" has no data."},
                    Case{"sameNodeName", [](Graph& g) { g.findNode("fc")->name = "conv1"; }, "Two nodes are called \"conv1\"."},
                    Case{"operandOutOfRange", [](Graph& g) { g.findNode("fc")->operands[0] = ValueId{99}; },
                         "Node \"fc\" (aten::linear) uses a value that does not exist."},
                    Case{"usedBeforeDefined", [](Graph& g) { std::swap(g.main.nodes[0], g.main.nodes[1]); },
                         "Node \"relu1\" (aten::relu) uses \"conv1_out\" before it is defined."},
                    Case{"definedTwice", [](Graph& g) { g.main.nodes[1].results = g.main.nodes[0].results; },
                         "\"conv1_out\" is defined twice, the second time by Node \"relu1\" (aten::relu)."},
                    Case{"resultIsAWeight", [](Graph& g) { g.main.nodes[0].results = {1}; },
                         "Node \"conv1\" (aten::conv2d) defines \"conv1.weight\", which is of another kind."},
                    Case{"fusedOperandMissing",
                         [](Graph& g) {
                             g.findNode("fc")->op = std::string(op::linearRelu);
                             g.findNode("fc")->operands.pop_back();
                         },
                         "Node \"fc\" (lathe::linear_relu) needs 3 operands, not 2."},
                    Case{"ifWithoutBlocks", [](Graph& g) { g.findNode("fc")->op = "prim::If"; },
                         "Node \"fc\" (prim::If) needs two blocks."},
                    Case{"widthsOfFloats", [](Graph& g) { g.value(g.findNode("fc")->operands[2].value()).dtype = tensor::DType::Float16; },
                         "Node \"fc\" (aten::linear) gets \"flatten_out\" as float32 and \"fc.bias\" as float16."},
                    Case{"undefinedOutput", [](Graph& g) { g.main.outputs = {g.addResult("nowhere")}; },
                         "An output uses \"nowhere\" before it is defined."}),
    [](const auto& entry) { return std::string(entry.param.name); });

TEST(VerifyBlocks, AValueOfABlockEndsWithIt) {
    Graph graph;
    const ValueId condition = graph.addInput("c", TypeKind::Bool);
    const ValueId x = graph.addInput("x");
    const ValueId inner = graph.addResult("inner");
    Node relu;
    relu.op = "aten::relu";
    relu.name = "relu";
    relu.operands = {x};
    relu.results = {inner};
    Node& branch = graph.addNode("prim::If", "if", {condition});
    branch.blocks.resize(2);
    branch.blocks[0].nodes = {relu};
    branch.blocks[0].outputs = {inner};
    branch.blocks[1].outputs = {x};
    graph.main.outputs = {branch.results[0]};
    EXPECT_TRUE(verify(graph)) << verify(graph).error().text();
    graph.main.outputs = {inner};
    EXPECT_EQ(verify(graph).error().message, "Invalid graph: An output uses \"inner\" before it is defined.");
}

} // namespace
} // namespace lathe::graph
