#include <gtest/gtest.h>

#include <tests/core/runtime/graphs.h>

namespace lathe::runtime::testing {
namespace {

TEST(Structural, TuplesAreBuiltAndTakenApart) {
    Graph graph;
    const auto a = graph.addInput("a");
    const auto b = graph.addInput("b");
    const auto tuple = graph.addNode("prim::TupleConstruct", "tuple", {a, b}).results[0];
    const graph::Node unpack = graph.addNode("prim::TupleUnpack", "unpack", {tuple}, 2);
    const auto last = graph.addNode("prim::TupleIndex", "last", {tuple, integer(-1)}).results[0];
    graph.main.outputs = {unpack.results[1], unpack.results[0], last};
    Plan plan = compiled(graph);
    const at::Tensor x = at::ones({1});
    const at::Tensor y = at::zeros({2});
    const auto outputs = runAll(plan, {x, y});
    EXPECT_TRUE(at::equal(outputs[0].toTensor(), y));
    EXPECT_TRUE(at::equal(outputs[1].toTensor(), x));
    EXPECT_TRUE(at::equal(outputs[2].toTensor(), y));
}

TEST(Structural, ListsOfNumbersFeedShapes) {
    Graph graph;
    const auto x = graph.addInput("x");
    graph::Node& size = graph.addNode("aten::size.int", "batch", {x, integer(0)});
    graph.value(size.results[0]).type = graph::TypeKind::Int;
    const auto batch = size.results[0];
    graph::Node& list = graph.addNode("prim::ListConstruct", "shape", {batch, integer(-1)});
    graph.value(list.results[0]).type = graph::TypeKind::IntList;
    const auto shape = list.results[0];
    graph.main.outputs.emplace_back(graph.addNode("aten::view", "view", {x, shape}).results[0]);
    graph.main.outputs.emplace_back(
        graph.addNode("aten::view", "inline_view", {x, Operand(std::vector<Operand>{batch, integer(6)})}).results[0]);
    Plan plan = compiled(graph);
    const auto outputs = runAll(plan, {at::zeros({5, 2, 3})});
    EXPECT_EQ(outputs[0].toTensor().sizes(), (at::IntArrayRef{5, 6}));
    EXPECT_EQ(outputs[1].toTensor().sizes(), (at::IntArrayRef{5, 6}));
}

TEST(Structural, UnpackingTheWrongCountNamesTheNode) {
    Graph graph;
    const auto a = graph.addInput("a");
    const auto tuple = graph.addNode("prim::TupleConstruct", "tuple", {a}).results[0];
    const graph::Node unpack = graph.addNode("prim::TupleUnpack", "unpack", {tuple}, 2);
    graph.main.outputs = {unpack.results[0], unpack.results[1]};
    Plan plan = compiled(graph);
    const std::vector<c10::IValue> inputs = {at::zeros({1})};
    const auto outputs = plan.run(inputs);
    ASSERT_FALSE(outputs);
    EXPECT_EQ(outputs.error().message, "unpack: A list of 1 elements cannot be unpacked into 2.");
}

/// What reads the list asks what it is of: a list that begins empty is of what is put into it.
TEST(Structural, EmptyListsBecomeOfWhatIsAppended) {
    Graph graph;
    const auto a = graph.addInput("a");
    const auto list = graph.addNode("prim::ListConstruct", "list", {}).results[0];
    graph.value(list).type = graph::TypeKind::List;
    const auto tuple = graph.addNode("prim::TupleConstruct", "tuple", {word("key"), a}).results[0];
    graph.value(tuple).type = graph::TypeKind::Tuple;
    graph.value(graph.addNode("aten::append.t", "append", {list, tuple}).results[0]).type = graph::TypeKind::List;
    const auto dict = graph.addNode("aten::dict.str", "dict", {list}).results[0];
    graph.value(dict).type = graph::TypeKind::Dict;
    graph.main.outputs.emplace_back(graph.addNode("aten::__getitem__.Dict_str", "pick", {dict, word("key")}).results[0]);
    Plan plan = compiled(graph);
    const at::Tensor x = at::randn({2});
    EXPECT_TRUE(at::equal(runAll(plan, {x})[0].toTensor(), x));
}

TEST(Structural, Dictionaries) {
    Graph graph;
    const auto a = graph.addInput("a");
    const auto dict = graph.addNode("prim::DictConstruct", "dict", {word("key"), a}).results[0];
    graph.value(dict).type = graph::TypeKind::Dict;
    graph.main.outputs.emplace_back(graph.addNode("aten::__getitem__.Dict_str", "pick", {dict, word("key")}).results[0]);
    Plan plan = compiled(graph);
    const at::Tensor x = at::randn({2});
    EXPECT_TRUE(at::equal(runAll(plan, {x})[0].toTensor(), x));
}

} // namespace
} // namespace lathe::runtime::testing
