#include <core/graph/model_outputs.h>

#include <gtest/gtest.h>

#include <core/graph/operators/names.h>

namespace lathe::graph {
namespace {

TEST(ModelOutputs, AreFoundInTuplesListsAndDictionaries) {
    Graph graph;
    const ValueId a = graph.addInput("a"), b = graph.addInput("b");
    const ValueId tuple = graph.addNode(std::string(op::tupleConstruct), "tuple", {a, b}).results[0];
    const ValueId named =
        graph.addNode(std::string(op::dictConstruct), "named", {Literal(std::string("scores")), b, Literal(std::string("both")), tuple})
            .results[0];
    graph.main.outputs = {a, named, std::vector<Operand>{b}, Literal(std::int64_t{7})};
    EXPECT_EQ(outputNames(graph), (std::vector<std::string>{"a", "scores", "a", "b", "b", ""}));
    const auto outputs = modelOutputs(graph, UseIndex(graph));
    ASSERT_EQ(outputs.size(), 6U);
    EXPECT_EQ(outputs[1].key, "scores");
    EXPECT_EQ(outputs[1].operand.value(), b);
    EXPECT_FALSE(outputs[5].operand.isValue());
}

} // namespace
} // namespace lathe::graph
