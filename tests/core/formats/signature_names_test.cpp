#include <core/formats/signature_names.h>

#include <gtest/gtest.h>

#include <core/graph/model_outputs.h>

namespace lathe::formats {
namespace {

/// relu and tanh of x and y.
graph::Graph twoOfTwo() {
    graph::Graph graph;
    const auto x = graph.addInput("x"), y = graph.addInput("y");
    graph.main.outputs = {graph.addNode("aten::relu", "relu", {x}).results[0], graph.addNode("aten::tanh", "tanh", {y}).results[0]};
    return graph;
}

std::string inputName(const graph::Graph& graph, std::size_t index) { return graph.value(graph.main.inputs[index]).name; }

TEST(SignatureNames, AreThoseThatCallersKnow) {
    graph::Graph graph = twoOfTwo();
    nameInputs(graph, {"image", ""});
    nameOutputs(graph, {"mean", "std"});
    EXPECT_EQ(inputName(graph, 0), "image");
    EXPECT_EQ(inputName(graph, 1), "y");
    EXPECT_EQ(graph::outputNames(graph), (std::vector<std::string>{"mean", "std"}));
    EXPECT_TRUE(graph::verify(graph));
}

TEST(SignatureNames, StayUnique) {
    graph::Graph graph = twoOfTwo();
    nameInputs(graph, {"tanh_out", "x"});
    EXPECT_TRUE(graph::verify(graph));
    EXPECT_NE(inputName(graph, 0), "tanh_out");
    EXPECT_EQ(inputName(graph, 1), "x"); // the first has another name by then
}

TEST(SignatureNames, AnotherNumberOfThemIsNotUsed) {
    graph::Graph graph = twoOfTwo();
    nameInputs(graph, {"image"});
    nameOutputs(graph, {"a", "b", "c"});
    EXPECT_EQ(inputName(graph, 0), "x");
    EXPECT_EQ(graph::outputNames(graph), (std::vector<std::string>{"relu_out", "tanh_out"}));
}

TEST(SignatureNames, WhatIsReturnedTwiceOrGivenKeepsItsName) {
    graph::Graph graph = twoOfTwo();
    const graph::Operand relu = graph.main.outputs[0];
    graph.main.outputs = {relu, relu, graph.main.inputs[0]};
    nameOutputs(graph, {"a", "b", "c"});
    EXPECT_EQ(graph::outputNames(graph), (std::vector<std::string>{"relu_out", "relu_out", "x"}));
}

TEST(SignatureNames, ElementsOfATupleAreNamed) {
    graph::Graph graph = twoOfTwo();
    graph.main.outputs = {graph.addNode("prim::TupleConstruct", "both", graph.main.outputs).results[0]};
    nameOutputs(graph, {"mean", "std"});
    EXPECT_EQ(graph::outputNames(graph), (std::vector<std::string>{"mean", "std"}));
}

} // namespace
} // namespace lathe::formats
