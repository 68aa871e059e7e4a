#include <core/formats/plain_inputs.h>

#include <gtest/gtest.h>

#include <core/base/message_json.h>

namespace lathe::formats {
namespace {

using graph::Graph;
using graph::Literal;
using graph::Operand;
using graph::TypeKind;
using graph::ValueId;

std::vector<std::string> inputs(const Graph& graph) {
    std::vector<std::string> names;
    for (const ValueId id : graph.main.inputs) {
        EXPECT_EQ(graph.value(id).type, TypeKind::Tensor);
        names.push_back(graph.value(id).name);
    }
    return names;
}

ValueId entry(Graph& graph, ValueId dictionary, const char* key) {
    return graph.addNode("aten::__getitem__.Dict_str", std::string("entry_") + key, {dictionary, Literal(std::string(key))}).results[0];
}

TEST(PlainInputs, EntriesOfADictionaryAreInputsOfTheirNames) {
    Graph graph;
    const ValueId first = graph.addInput("first"), batch = graph.addInput("ids", TypeKind::Dict), last = graph.addInput("last");
    const ValueId ids = entry(graph, batch, "ids"), mask = entry(graph, batch, "mask");
    const ValueId again = graph.addNode("aten::__getitem__.Dict_str", "again", {batch, Literal(std::string("ids"))}).results[0];
    graph.main.outputs = {ids, mask, again, first, last};
    EXPECT_EQ(base::texts(makeInputsPlain(graph)),
              (std::vector<std::string>{"The input \"ids\" is a dictionary: its entries are the inputs \"ids\", \"mask\"."}));
    EXPECT_EQ(inputs(graph), (std::vector<std::string>{"first", "ids", "mask", "last"}));
    EXPECT_TRUE(graph.main.nodes.empty());
    EXPECT_EQ(graph.main.outputs[0], graph.main.outputs[2]);
    EXPECT_EQ(graph.main.outputs[1], Operand(graph.main.inputs[2]));
    EXPECT_TRUE(graph::verify(graph));
}

TEST(PlainInputs, DictionariesThatAreUsedAsAWholeStay) {
    Graph graph;
    const ValueId batch = graph.addInput("batch", TypeKind::Dict);
    entry(graph, batch, "ids");
    graph.addNode("aten::len.Dict_str", "length", {batch});
    EXPECT_TRUE(makeInputsPlain(graph).empty());
    EXPECT_EQ(graph.value(graph.main.inputs.at(0)).type, TypeKind::Dict);
}

TEST(PlainInputs, ElementsOfATupleAreInputs) {
    Graph graph;
    const ValueId states = graph.addInput("states", TypeKind::Tuple);
    const auto parts = graph.addNode("prim::TupleUnpack", "apart", {states}, 2).results;
    graph.main.outputs = {parts[1], parts[0]};
    EXPECT_EQ(makeInputsPlain(graph).size(), 1U);
    EXPECT_EQ(inputs(graph), (std::vector<std::string>{"states_0", "states_1"}));
    EXPECT_EQ(graph.main.outputs[0], Operand(graph.main.inputs[1]));
    EXPECT_TRUE(graph::verify(graph));
}

TEST(PlainInputs, ElementsThatAreReadByNumberAreInputs) {
    Graph graph;
    const ValueId levels = graph.addInput("levels", TypeKind::TensorList);
    const ValueId second = graph.addNode("aten::__getitem__.t", "second", {levels, Literal(std::int64_t{1})}).results[0];
    graph.main.outputs = {second};
    EXPECT_EQ(makeInputsPlain(graph).size(), 1U);
    EXPECT_EQ(inputs(graph), (std::vector<std::string>{"levels_0", "levels_1"})); // the first has to be given to be passed over
    EXPECT_EQ(graph.main.outputs[0], Operand(graph.main.inputs[1]));
}

TEST(PlainInputs, ListsOfSamplesHaveOne) {
    Graph graph;
    const ValueId images = graph.addInput("images", TypeKind::TensorList);
    const ValueId length = graph.addNode("aten::len.t", "length", {images}).results[0];
    const ValueId last = graph.addNode("aten::__getitem__.t", "last", {images, Literal(std::int64_t{-1})}).results[0];
    graph.main.outputs = {last, length};
    EXPECT_EQ(makeInputsPlain(graph).size(), 1U);
    EXPECT_EQ(inputs(graph), (std::vector<std::string>{"images"}));
    std::vector<std::string> ops;
    for (const graph::Node& node : graph.main.nodes)
        ops.push_back(node.op);
    EXPECT_EQ(ops, (std::vector<std::string>{"aten::unbind.int", "prim::ListUnpack", "prim::ListConstruct", "aten::len.t",
                                             "aten::__getitem__.t"}));
    EXPECT_EQ(graph.main.nodes[4].operands[0], Operand(graph.main.nodes[2].results[0]));
    EXPECT_TRUE(graph::verify(graph));
}

TEST(PlainInputs, WhatIsReadInABranchIsAnInputThere) {
    Graph graph;
    const ValueId batch = graph.addInput("batch", TypeKind::Dict);
    const ValueId flag = graph.addInput("flag");
    graph::Node& branch = graph.addNode("prim::If", "branch", {flag});
    const ValueId result = branch.results[0];
    branch.blocks.resize(2);
    const ValueId inside = graph.addResult("inside");
    graph::Node read;
    read.op = "aten::__getitem__.Dict_str";
    read.name = "read";
    read.operands = {Operand(batch), Literal(std::string("x"))};
    read.results = {inside};
    graph.main.nodes[0].blocks[0].nodes.push_back(read);
    graph.main.nodes[0].blocks[0].outputs = {inside};
    graph.main.nodes[0].blocks[1].outputs = {flag};
    graph.main.outputs = {result};
    EXPECT_EQ(makeInputsPlain(graph).size(), 1U);
    EXPECT_EQ(inputs(graph), (std::vector<std::string>{"x", "flag"}));
    EXPECT_EQ(graph.main.nodes[0].blocks[0].outputs[0], Operand(graph.main.inputs[0]));
    EXPECT_TRUE(graph.main.nodes[0].blocks[0].nodes.empty());
    EXPECT_TRUE(graph::verify(graph));
}

TEST(PlainInputs, TensorsStay) {
    Graph graph;
    graph.addInput("x");
    EXPECT_TRUE(makeInputsPlain(graph).empty());
    EXPECT_EQ(inputs(graph), (std::vector<std::string>{"x"}));
}

} // namespace
} // namespace lathe::formats
