#include <core/runtime/plan_torch.h>

#include <gtest/gtest.h>

#include <tests/core/runtime/graphs.h>
#include <tests/core/runtime/times_of_instructions.h>

namespace lathe::runtime::testing {
namespace {

TEST(Plan, ConvolutionNetworkGivesWhatDirectCallsGive) {
    const Graph graph = leNet();
    Plan plan = compiled(graph);
    for (const std::int64_t batch : {1, 2, 7}) {
        const at::Tensor x = at::randn({batch, 1, 32, 32});
        EXPECT_TRUE(at::allclose(runOn(plan, x), leNetReference(graph, x), 1e-5, 1e-5)) << "batch " << batch;
    }
}

TEST(Plan, RunsAgainAfterAFailedRun) {
    const Graph graph = leNet();
    Plan plan = compiled(graph);
    const auto failed = plan.runTensor(at::randn({1, 1, 28, 28}));
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().message.text().substr(0, 5), "fc1: ") << failed.error().message;
    EXPECT_EQ(failed.error().message.text().find('\n'), std::string::npos);
    const at::Tensor x = at::randn({1, 1, 32, 32});
    EXPECT_TRUE(at::allclose(runOn(plan, x), leNetReference(graph, x), 1e-5, 1e-5));
}

TEST(Plan, SaysWhichKernelRunsForEachNode) {
    const Plan plan = compiled(leNet());
    const auto& infos = plan.instructions();
    ASSERT_EQ(infos.size(), 12u);
    EXPECT_EQ(infos[0].node, "conv1");
    EXPECT_EQ(infos[0].op, "aten::conv2d");
    EXPECT_EQ(infos[0].covers, std::vector<std::string>{"conv1"});
    for (const InstructionInfo& info : infos) {
        EXPECT_FALSE(info.kernel.empty()) << info.node;
        EXPECT_TRUE(info.isReal) << info.node;
    }
}

TEST(Plan, WrongNumberOfInputsIsASentence) {
    Plan plan = compiled(leNet());
    const auto outputs = plan.run({});
    ASSERT_FALSE(outputs);
    EXPECT_EQ(outputs.error().code, base::ErrorCode::InvalidArgument);
    EXPECT_EQ(outputs.error().message, "The model takes 1 input, but 0 were given.");
}

TEST(Plan, InputThatIsNoTensorIsASentence) {
    Plan plan = compiled(leNet());
    const std::vector<c10::IValue> inputs = {std::int64_t{3}};
    const auto outputs = plan.run(inputs);
    ASSERT_FALSE(outputs);
    EXPECT_EQ(outputs.error().message, "Input 1 of the model must be a tensor.");
}

TEST(Plan, UnknownOperatorNamesNodeAndSourceLine) {
    Graph graph;
    const auto x = graph.addInput("x");
    graph::Node& node = graph.addNode("vendor::magic", "head.magic", {x});
    node.source = {"model.py", 42};
    graph.main.outputs.emplace_back(node.results[0]);
    const auto plan = Plan::compile(graph, {});
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().code, base::ErrorCode::Unsupported);
    EXPECT_EQ(plan.error().message, "head.magic: the operator vendor::magic at model.py:42 has no kernel.");
}

TEST(Plan, NotANumberTravelsThrough) {
    Plan plan = compiled(leNet());
    at::Tensor x = at::zeros({2, 1, 32, 32});
    x[0].fill_(std::numeric_limits<float>::quiet_NaN());
    const at::Tensor y = runOn(plan, x);
    EXPECT_TRUE(y[0].isnan().all().item<bool>());
    EXPECT_FALSE(y[1].isnan().any().item<bool>());
}

TEST(Plan, EmptyBatchGivesEmptyOutput) {
    Plan plan = compiled(leNet());
    EXPECT_EQ(runOn(plan, at::empty({0, 1, 32, 32})).sizes(), (at::IntArrayRef{0, 10}));
}

TEST(Plan, ObserverSeesEveryTensorOnceInOrder) {
    const Graph graph = leNet();
    Plan plan = compiled(graph);
    const at::Tensor x = at::randn({3, 1, 32, 32});
    const std::vector<c10::IValue> inputs = {x};
    std::vector<std::pair<graph::ValueId, at::Tensor>> seen;
    const auto outputs =
        plan.runObserved(inputs, [&](graph::ValueId id, const at::Tensor& tensor) { seen.emplace_back(id, tensor.clone()); });
    ASSERT_TRUE(outputs) << outputs.error().text();
    ASSERT_EQ(seen.size(), 13u);
    EXPECT_EQ(seen.front().first, graph.main.inputs[0]);
    EXPECT_TRUE(at::equal(seen.front().second, x));
    EXPECT_EQ(seen.back().first, graph.main.outputs[0].value());
    EXPECT_TRUE(at::equal(seen.back().second, outputs->front().toTensor()));
    for (std::size_t node = 0; node < graph.main.nodes.size(); ++node)
        EXPECT_EQ(seen[node + 1].first, graph.main.nodes[node].results[0]);
}

TEST(Plan, TimesOneFigureForEachInstruction) {
    Plan plan = compiled(leNet());
    expectTimesOfInstructions(plan, 8);
}

TEST(Plan, KeepsNoValueBetweenRuns) {
    Graph graph;
    const auto x = graph.addInput("x");
    const auto y = graph.addNode("aten::neg", "negate", {x}).results[0];
    graph.main.outputs.emplace_back(graph.addNode("aten::abs", "absolute", {y}).results[0]);
    Plan plan = compiled(graph);
    const at::Tensor input = at::randn({4});
    EXPECT_TRUE(at::equal(runOn(plan, input), input.abs()));
    EXPECT_EQ(input.use_count(), 1u);
}

TEST(Plan, OutputsMayBeWeightsAndConstants) {
    Graph graph;
    graph.addInput("x");
    const auto weight = addRandomWeight(graph, "w", {2});
    graph.main.outputs.emplace_back(weight);
    graph.main.outputs.push_back(integer(7));
    Plan plan = compiled(graph);
    const auto outputs = runAll(plan, {at::zeros({1})});
    ASSERT_EQ(outputs.size(), 2u);
    EXPECT_TRUE(at::equal(outputs[0].toTensor(), toAten(graph.value(weight).data)));
    EXPECT_EQ(outputs[1].toInt(), 7);
}

TEST(Plan, RunTensorUnwrapsTuplesOfOne) {
    Graph graph;
    const auto x = graph.addInput("x");
    graph.main.outputs.emplace_back(graph.addNode("prim::TupleConstruct", "wrap", {x}).results[0]);
    Plan plan = compiled(graph);
    const at::Tensor input = at::randn({3});
    EXPECT_TRUE(at::equal(runOn(plan, input), input));
}

TEST(Plan, GradientsAreThoseOfAutograd) {
    const Graph graph = leNet();
    PlanOptions options;
    options.training = true;
    Plan plan = compiled(graph, options);
    const auto parameters = plan.parameters();
    ASSERT_EQ(parameters.size(), 10u);
    const at::Tensor x = at::randn({4, 1, 32, 32});
    const at::Tensor target = at::arange(4);
    at::cross_entropy_loss(runOn(plan, x), target).backward();

    Graph copy = graph;
    std::map<std::string, at::Tensor> leaves;
    for (const auto& [name, parameter] : parameters) {
        ASSERT_TRUE(parameter.is_leaf());
        leaves[name] = toAten(copy.value(*copy.findValue(name)).data).clone().requires_grad_(true);
    }
    at::Tensor y = at::max_pool2d(at::relu(at::conv2d(x, leaves["conv1.weight"], leaves["conv1.bias"])), {2, 2}, {2, 2});
    y = at::max_pool2d(at::relu(at::conv2d(y, leaves["conv2.weight"], leaves["conv2.bias"])), {2, 2}, {2, 2}).flatten(1);
    y = at::relu(at::linear(y, leaves["fc1.weight"], leaves["fc1.bias"]));
    y = at::relu(at::linear(y, leaves["fc2.weight"], leaves["fc2.bias"]));
    at::cross_entropy_loss(at::linear(y, leaves["fc3.weight"], leaves["fc3.bias"]), target).backward();
    for (const auto& [name, parameter] : parameters) {
        ASSERT_TRUE(parameter.grad().defined()) << name;
        // Sums go through memory in another order: a small element may lose digits that a large one has.
        const at::Tensor& expected = leaves[name].grad();
        EXPECT_LT((parameter.grad() - expected).abs().max().item<double>(), 1e-5 * expected.abs().max().item<double>()) << name;
    }
}

} // namespace
} // namespace lathe::runtime::testing
