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
    graph.main.outputs = {a, named, std::vector<Operand>{b}, Operand(), Literal(std::int64_t{7})};
    EXPECT_EQ(outputNames(graph), (std::vector<std::string>{"a", "scores", "both.0", "both.1", "b", ""}));
    const auto outputs = modelOutputs(graph, UseIndex(graph));
    ASSERT_EQ(outputs.size(), 6U);
    EXPECT_EQ(outputs[1].key, "scores");
    EXPECT_EQ(outputs[1].operand.value(), b);
    EXPECT_FALSE(outputs[5].operand.isValue());
}

TEST(ModelOutputs, AListThatIsFilledInALoopIsOne) {
    Graph graph;
    graph.main.outputs = {graph.addNode(std::string(op::listConstruct), "found", {}).results[0]};
    EXPECT_EQ(outputNames(graph), (std::vector<std::string>{"found_out"}));
}

TEST(ModelOutputs, DictionariesInDictionariesHavePaths) {
    Graph graph;
    const ValueId a = graph.addInput("a");
    const auto dictionary = [&](const std::string& name, const Operand& first, const Operand& second) {
        return graph.addNode(std::string(op::dictConstruct), name, {Literal(std::string("x")), first, Literal(std::string("y")), second})
            .results[0];
    };
    const ValueId inner = dictionary("inner", a, Operand()), outer = dictionary("outer", inner, a);
    graph.main.outputs = {outer};
    EXPECT_EQ(outputNames(graph), (std::vector<std::string>{"x.x", "y"}));
}

} // namespace
} // namespace lathe::graph
