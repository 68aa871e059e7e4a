#include <core/runtime/control_flow_torch.h>

#include <gtest/gtest.h>

#include <tests/core/runtime/graphs.h>

namespace lathe::runtime::testing {
namespace {

graph::Node call(std::string op, std::string name, std::vector<Operand> operands, graph::ValueId result) {
    graph::Node node;
    node.op = std::move(op);
    node.name = std::move(name);
    node.operands = std::move(operands);
    node.results = {result};
    return node;
}

/// y = x + 1 when `flag`, otherwise y = x * offset.
Graph branch() {
    Graph graph;
    const auto x = graph.addInput("x");
    const auto flag = graph.addInput("flag", graph::TypeKind::Bool);
    const auto whenTrue = graph.addResult("plus");
    const auto whenFalse = graph.addResult("times");
    const auto offset = graph.addWeight("offset", fromAten(at::full({1}, 3.0)));
    graph::Node& node = graph.addNode("prim::If", "choose", {flag});
    const graph::Node plus = call("aten::add.Scalar", "plus", {x, integer(1)}, whenTrue);
    const graph::Node times = call("aten::mul.Tensor", "times", {x, offset}, whenFalse);
    node.blocks.push_back({{}, {plus}, {whenTrue}});
    node.blocks.push_back({{}, {times}, {whenFalse}});
    graph.main.outputs.emplace_back(node.results[0]);
    return graph;
}

TEST(ControlFlow, BranchTakesTheBlockOfItsCondition) {
    Plan plan = compiled(branch());
    const at::Tensor x = at::randn({2, 3});
    EXPECT_TRUE(at::equal(runAll(plan, {x, true})[0].toTensor(), x + 1));
    EXPECT_TRUE(at::equal(runAll(plan, {x, false})[0].toTensor(), x * 3));
}

/// carried: (power, sum). Each trip: power = power * x, sum = sum + power; ends when the sum exceeds 100 or after `trips`.
Graph loop() {
    Graph graph;
    const auto x = graph.addInput("x");
    const auto trips = graph.addInput("trips", graph::TypeKind::Int);
    const auto one = graph.addWeight("one", fromAten(at::ones({})));
    const auto trip = graph.addResult("trip", graph::TypeKind::Int);
    const auto power = graph.addResult("power");
    const auto sum = graph.addResult("sum");
    const auto nextPower = graph.addResult("next_power");
    const auto nextSum = graph.addResult("next_sum");
    const auto below = graph.addResult("below");
    const auto goesOn = graph.addResult("goes_on", graph::TypeKind::Bool);
    graph::Node& node = graph.addNode("prim::Loop", "series", {trips, boolean(true), one, one}, 2);
    graph::Block body;
    body.inputs = {trip, power, sum};
    body.nodes.push_back(call("aten::mul.Tensor", "multiply", {power, x}, nextPower));
    body.nodes.push_back(call("aten::add.Tensor", "add", {sum, nextPower}, nextSum));
    body.nodes.push_back(call("aten::lt.Scalar", "compare", {nextSum, integer(100)}, below));
    body.nodes.push_back(call("aten::Bool.Tensor", "as_bool", {below}, goesOn));
    body.outputs = {goesOn, nextPower, nextSum};
    node.blocks.push_back(body);
    graph.main.outputs = {node.results[0], node.results[1]};
    return graph;
}

TEST(ControlFlow, LoopCarriesItsValues) {
    Plan plan = compiled(loop());
    for (const std::int64_t trips : {0, 1, 3}) {
        double power = 1;
        double sum = 1;
        for (std::int64_t trip = 0; trip < trips; ++trip) {
            power *= 2;
            sum += power;
        }
        const auto outputs = runAll(plan, {at::full({}, 2.0), trips});
        EXPECT_EQ(outputs[0].toTensor().item<double>(), power) << trips;
        EXPECT_EQ(outputs[1].toTensor().item<double>(), sum) << trips;
    }
}

TEST(ControlFlow, LoopEndsByItsCondition) {
    Plan plan = compiled(loop());
    EXPECT_EQ(runAll(plan, {at::full({}, 10.0), std::int64_t{50}})[1].toTensor().item<double>(), 111.0);
}

TEST(ControlFlow, ErrorInsideABlockNamesTheInnerNode) {
    Plan plan = compiled(branch());
    const std::vector<c10::IValue> inputs = {at::zeros({2}), std::string("no condition")};
    const auto wrongCondition = plan.run(inputs);
    ASSERT_FALSE(wrongCondition);
    EXPECT_TRUE(wrongCondition.error().message.text().starts_with("choose: ")) << wrongCondition.error().message;
}

TEST(ControlFlow, TimesOfABranchLeaveOutTheStepsInside) {
    Plan plan = compiled(loop());
    const std::vector<c10::IValue> inputs = {at::full({}, 1.0), std::int64_t{20}};
    const auto times = plan.runTimed(inputs);
    ASSERT_TRUE(times);
    ASSERT_EQ(times->size(), 5u);
    for (const double time : *times)
        EXPECT_GE(time, 0);
}

TEST(ControlFlow, MalformedBlocksAreRefused) {
    Graph graph = branch();
    graph.main.nodes[0].blocks.pop_back();
    const auto plan = Plan::compile(graph, {});
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().message, "choose: the blocks of prim::If do not fit its operands and results.");
}

} // namespace
} // namespace lathe::runtime::testing
