#include <gtest/gtest.h>

#include <tests/core/runtime/graphs.h>

namespace lathe::runtime::testing {
namespace {

/// A graph of one node on one tensor.
Graph single(const std::string& op, const std::vector<Operand>& more, int results = 1) {
    Graph graph;
    std::vector<Operand> operands = {graph.addInput("x")};
    operands.insert(operands.end(), more.begin(), more.end());
    const graph::Node node = graph.addNode(op, "node", operands, results);
    for (const auto result : node.results)
        graph.main.outputs.emplace_back(result);
    return graph;
}

TEST(OperatorInstruction, AnyOperatorOfTheDispatcher) {
    const at::Tensor x = at::rand({2, 6});
    const std::vector<std::tuple<Graph, at::Tensor>> cases = {
        {single("aten::softmax.int", {integer(1), none()}), at::softmax(x, 1)},
        {single("aten::mul.Tensor", {real(2.5)}), x * 2.5},
        {single("aten::add.Tensor", {integer(1), integer(3)}), x + 3},
        {single("aten::view", {ints({3, 4})}), x.view({3, 4})},
        {single("aten::sum.dim_IntList", {ints({0}), boolean(true), none()}), x.sum(at::IntArrayRef{0}, true)},
        {single("aten::clamp", {none(), real(0.5)}), x.clamp(std::nullopt, 0.5)},
        {single("aten::to.dtype", {integer(7), boolean(false), boolean(false)}), x.to(at::kDouble)},
        {single("aten::dropout", {real(0.5), boolean(false)}), x},
    };
    for (const auto& [graph, expected] : cases) {
        Plan plan = compiled(graph);
        const at::Tensor y = runOn(plan, x);
        EXPECT_EQ(y.scalar_type(), expected.scalar_type());
        EXPECT_TRUE(at::equal(y, expected)) << graph.main.nodes[0].op;
    }
}

TEST(OperatorInstruction, SeveralResults) {
    const at::Tensor x = at::randn({3, 5});
    Plan plan = compiled(single("aten::max.dim", {integer(1), boolean(false)}, 2));
    const auto outputs = runAll(plan, {x});
    const auto [values, indices] = x.max(1);
    EXPECT_TRUE(at::equal(outputs[0].toTensor(), values));
    EXPECT_TRUE(at::equal(outputs[1].toTensor(), indices));
}

TEST(OperatorInstruction, OperatorsThatOnlyTorchScriptHas) {
    Graph graph = single("aten::size", {});
    graph.value(graph.main.outputs[0].value()).type = graph::TypeKind::IntList;
    Plan plan = compiled(graph);
    EXPECT_EQ(runAll(plan, {at::zeros({4, 5})})[0].toIntVector(), (Ints{4, 5}));
    EXPECT_TRUE(plan.instructions()[0].kernel.ends_with("size"));

    Graph number;
    const auto n = number.addInput("n", graph::TypeKind::Int);
    const auto tensor = number.addNode("prim::NumToTensor.Scalar", "tensor", {n}).results[0];
    graph::Node& back = number.addNode("aten::Int.Tensor", "int", {tensor});
    number.value(back.results[0]).type = graph::TypeKind::Int;
    number.main.outputs.emplace_back(back.results[0]);
    Plan numbers = compiled(number);
    EXPECT_EQ(runAll(numbers, {std::int64_t{42}})[0].toInt(), 42);
}

TEST(OperatorInstruction, OverloadIsFoundByTypesWhenNotNamed) {
    Graph graph;
    const auto a = graph.addInput("a", graph::TypeKind::Int);
    const auto b = graph.addInput("b", graph::TypeKind::Int);
    graph::Node& node = graph.addNode("aten::floordiv", "divide", {a, b});
    graph.value(node.results[0]).type = graph::TypeKind::Int;
    graph.main.outputs.emplace_back(node.results[0]);
    Plan plan = compiled(graph);
    EXPECT_EQ(runAll(plan, {std::int64_t{7}, std::int64_t{2}})[0].toInt(), 3);
}

TEST(OperatorInstruction, OverloadWithoutANameComesFirst) {
    Graph graph;
    const auto a = graph.addInput("a", graph::TypeKind::Float);
    const auto b = graph.addInput("b", graph::TypeKind::Int);
    graph::Node& node = graph.addNode("aten::div", "divide", {a, b}); // of numbers of any kind
    graph.value(node.results[0]).type = graph::TypeKind::Float;
    graph.main.outputs.emplace_back(node.results[0]);
    Plan plan = compiled(graph);
    EXPECT_DOUBLE_EQ(runAll(plan, {7.0, std::int64_t{2}})[0].toDouble(), 3.5);
}

TEST(OperatorInstruction, ListsOfOperands) {
    Graph graph;
    const auto a = graph.addInput("a");
    const auto b = graph.addInput("b");
    graph.main.outputs.emplace_back(graph.addNode("aten::cat", "join", {Operand(std::vector<Operand>{a, b, a}), integer(1)}).results[0]);
    Plan plan = compiled(graph);
    const at::Tensor x = at::randn({2, 3});
    const at::Tensor y = at::randn({2, 1});
    EXPECT_TRUE(at::equal(runAll(plan, {x, y})[0].toTensor(), at::cat({x, y, x}, 1)));
}

TEST(OperatorInstruction, OptionalTensorsInAList) {
    Graph graph;
    const auto x = graph.addInput("x");
    const auto index = graph.addInput("index");
    const auto list = graph.addNode("prim::ListConstruct", "indices", {index}).results[0];
    graph.value(list).type = graph::TypeKind::TensorList;
    graph.main.outputs.emplace_back(graph.addNode("aten::index.Tensor", "pick", {x, list}).results[0]);
    graph.main.outputs.emplace_back(
        graph.addNode("aten::index.Tensor", "column", {x, Operand(std::vector<Operand>{none(), index})}).results[0]);
    Plan plan = compiled(graph);
    const at::Tensor table = at::randn({4, 4});
    const at::Tensor rows = at::tensor({2, 0}, at::kLong);
    const auto outputs = runAll(plan, {table, rows});
    EXPECT_TRUE(at::equal(outputs[0].toTensor(), table.index_select(0, rows)));
    EXPECT_TRUE(at::equal(outputs[1].toTensor(), table.index_select(1, rows)));
}

TEST(OperatorInstruction, WrongOperandsNameTheNode) {
    const auto plan = Plan::compile(single("aten::conv2d", {}), {});
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().code, base::ErrorCode::Rejected);
    EXPECT_EQ(plan.error().message, "node: aten::conv2d needs an operand 'weight'.");
    const auto results = Plan::compile(single("aten::relu", {}, 2), {});
    ASSERT_FALSE(results);
    EXPECT_EQ(results.error().message, "node: aten::relu has 1 results, not 2.");
}

} // namespace
} // namespace lathe::runtime::testing
