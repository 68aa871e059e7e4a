#include <core/transform/clean/constant_folding.h>

#include <gtest/gtest.h>

#include <tests/support/graphs.h>

namespace lathe::transform {
namespace {

/// Negates operand 0: enough of an evaluator to see which nodes it is asked for.
base::Result<std::vector<tensor::Tensor>> negate(const graph::Graph& graph, const graph::Node& node) {
    const tensor::Tensor& data = graph.value(node.operands[0].value()).data;
    std::vector<float> values = data.toFloats();
    for (float& value : values)
        value = -value;
    return std::vector<tensor::Tensor>{tensor::Tensor::of(data.shape(), values)};
}

/// x + neg(neg(w))
graph::Graph chain() {
    graph::Graph graph;
    const auto x = graph.addInput("x");
    const auto w = graph.addWeight("w", tensor::Tensor::of<float>({2}, {1, 2}));
    const auto once = graph.addNode("aten::neg", "once", {w}).results.front();
    const auto twice = graph.addNode("aten::neg", "twice", {once}).results.front();
    graph.main.outputs = {graph.addNode("aten::add.Tensor", "add", {x, twice, graph::Literal(std::int64_t{1})}).results.front()};
    return graph;
}

TEST(ConstantFolding, FoldsChainsIntoOneWeight) {
    graph::Graph graph = chain();
    EXPECT_EQ(foldConstants(graph, negate).nodes, 2);
    ASSERT_TRUE(graph::verify(graph));
    ASSERT_EQ(graph.main.nodes.size(), 1U);
    const graph::Value& folded = graph.value(graph.main.nodes.front().operands[1].value());
    EXPECT_EQ(folded.kind, graph::ValueKind::Weight);
    EXPECT_TRUE(folded.isParameter);
    EXPECT_EQ(folded.data.toFloats(), (std::vector<float>{1, 2}));
    EXPECT_FALSE(graph.findValue("w"));
}

TEST(ConstantFolding, LeavesWhatChangesIsRandomOrIsQuantization) {
    for (const char* op : {"aten::neg_", "aten::rand_like", "quantized_decomposed::dequantize_per_tensor", "prim::Print"}) {
        graph::Graph graph = chain();
        graph.findNode("once")->op = op;
        EXPECT_EQ(foldConstants(graph, negate).nodes, 0) << op;
    }
    graph::Graph changed = chain();
    const auto w = *changed.findValue("w");
    changed.addNode("aten::add_.Tensor", "writes", {w, graph::Literal(std::int64_t{1}), graph::Literal(std::int64_t{1})});
    EXPECT_EQ(foldConstants(changed, negate).nodes, 0);
}

TEST(ConstantFolding, KeepsANodeThatCannotBeComputed) {
    graph::Graph graph = chain();
    const auto fail = [](const graph::Graph&, const graph::Node&) -> base::Result<std::vector<tensor::Tensor>> {
        return base::failure(base::ErrorCode::Unsupported, "no");
    };
    const FoldedConstants folded = foldConstants(graph, fail);
    EXPECT_EQ(folded.nodes, 0);
    EXPECT_EQ(folded.failures, (std::map<std::string, std::string>{{"once", "no"}})) << "what went wrong is told";
    EXPECT_EQ(graph.main.nodes.size(), 3U);
}

TEST(ConstantFolding, ACancelledJobFoldsNothingMore) {
    graph::Graph graph = chain();
    std::stop_source stop;
    EXPECT_EQ(foldConstants(graph,
                            [&](const graph::Graph& whole, const graph::Node& node) {
                                stop.request_stop();
                                return negate(whole, node);
                            },
                            {stop.get_token(), {}})
                  .nodes,
              1);
    EXPECT_TRUE(graph::verify(graph));
}

TEST(ConstantFolding, DoesNotBlowUpTheModel) {
    graph::Graph graph = chain();
    const auto expand = [](const graph::Graph&, const graph::Node&) -> base::Result<std::vector<tensor::Tensor>> {
        return std::vector<tensor::Tensor>{tensor::Tensor::zeros(tensor::DType::Float32, {1024, 1024})};
    };
    EXPECT_EQ(foldConstants(graph, expand).nodes, 0);
}

} // namespace
} // namespace lathe::transform
