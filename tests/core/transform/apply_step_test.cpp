#include <core/transform/apply_step.h>

#include <algorithm>

#include <gtest/gtest.h>

#include <core/graph/layers.h>
#include <core/transform/quantize/activation_statistics.h>
#include <tests/support/reference_interpreter.h>

namespace lathe::transform {
namespace {

recipe::Step stepOf(const std::string& op) { return {op, true, base::Json::object(), {}}; }

/// Says that every value was between −1 and 3.
StepServices services() {
    StepServices result;
    result.evaluate = [](const graph::Graph&, const graph::Node&) -> base::Result<std::vector<tensor::Tensor>> {
        return base::failure(base::ErrorCode::Unsupported, "nothing to evaluate");
    };
    result.collectActivations = [](const graph::Graph&, std::map<graph::ValueId, ActivationStatistics>& statistics, std::int64_t,
                                   const base::Job&) -> base::Result<> {
        for (auto& [id, seen] : statistics)
            seen.add(std::vector<float>{-1, 3});
        return {};
    };
    return result;
}

/// x → sigmoid: there is nothing in it for any step.
graph::Graph nothingToDo() {
    graph::Graph graph;
    const auto x = graph.addInput("x");
    graph.value(x).shape = graph::dims({1, 4});
    graph.main.outputs = {graph.addNode("aten::sigmoid", "sigmoid", {x}).results[0]};
    return graph;
}

TEST(ApplyStep, EveryStepSaysThatItChangedNothing) {
    for (const recipe::StepSpec& spec : recipe::stepSpecs()) {
        if (spec.op == "finetune") continue;
        const auto outcome = applyStep(nothingToDo(), stepOf(spec.op), services(), {});
        ASSERT_TRUE(outcome) << spec.op << ": " << outcome.error().text();
        EXPECT_EQ(outcome->figures.at("changed_nodes"), 0) << spec.op;
        ASSERT_EQ(outcome->warnings.size(), 1U) << spec.op;
        EXPECT_TRUE(outcome->warnings.front().ends_with('.')) << outcome->warnings.front();
    }
}

TEST(ApplyStep, AStepThatDidItsWorkHasNoWarning) {
    for (const char* op : {"fuse.conv_relu", "prune.unstructured", "prune.structured", "quantize.static", "quantize.weight_only"}) {
        const auto outcome = applyStep(support::lenet5(), stepOf(op), services(), {});
        ASSERT_TRUE(outcome) << op;
        EXPECT_GT(outcome->figures.at("changed_nodes"), 0) << op;
        EXPECT_TRUE(outcome->warnings.empty()) << op << ": " << outcome->warnings.front();
    }
}

TEST(PreviewStep, WhatOnlyARunTellsIsNoWarning) {
    const auto outcome = previewStep(support::lenet5(), stepOf("clean.fold_constants"));
    ASSERT_TRUE(outcome);
    EXPECT_FALSE(outcome->figures.contains("changed_nodes"));
    EXPECT_TRUE(outcome->warnings.empty());
}

TEST(ApplyStep, DoesEveryStepOfTheTableAndLeavesTheInputAlone) {
    const graph::Graph before = support::lenet5();
    for (const recipe::StepSpec& spec : recipe::stepSpecs()) {
        if (spec.op == "finetune") continue;
        const auto outcome = applyStep(before, stepOf(spec.op), services(), {});
        ASSERT_TRUE(outcome) << spec.op << ": " << outcome.error().text();
        EXPECT_EQ(outcome->figures.at("parameters_before"), 61706) << spec.op;
        EXPECT_TRUE(outcome->figures.contains("changed_nodes"));
        EXPECT_TRUE(graph::structurallyEqual(before, support::lenet5())) << spec.op;
    }
}

TEST(ApplyStep, SumsFigures) {
    const auto pruned = applyStep(support::lenet5(), stepOf("prune.structured"), services(), {});
    ASSERT_TRUE(pruned);
    EXPECT_EQ(pruned->figures.at("parameters_after"), 15738);
    double loss = 0;
    for (const auto& [layer, figures] : pruned->layers)
        if (figures.contains("loss")) loss += figures.at("loss");
    EXPECT_GT(loss, 0);
    EXPECT_EQ(pruned->figures.at("loss_total"), loss);
    EXPECT_EQ(applyStep(support::lenet5(), stepOf("fuse.conv_relu"), services(), {})->figures.at("changed_nodes"), 2);
}

TEST(ApplyStep, AWholeRecipeInSequence) {
    graph::Graph graph = support::lenet5();
    for (const char* op :
         {"fuse.conv_bn", "prune.structured", "fuse.conv_relu", "fuse.linear_relu", "clean.dead_code", "quantize.static"}) {
        auto outcome = applyStep(graph, stepOf(op), services(), {});
        ASSERT_TRUE(outcome) << op << ": " << outcome.error().text();
        graph = std::move(outcome->graph);
    }
    EXPECT_EQ(graph.findNode("conv1")->op, "lathe::conv2d_relu");
    EXPECT_EQ(support::interpret(graph, support::randomNumbers({1, 1, 32, 32}, 1)).shape, (tensor::Shape{1, 10}));
}

TEST(ApplyStep, SaysWhichStepFailed) {
    graph::Graph quantized = applyStep(support::lenet5(), stepOf("quantize.weight_only"), services(), {})->graph;
    const auto result = applyStep(quantized, stepOf("prune.unstructured"), services(), {});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().text(),
              "\"conv1\" is already quantized; move the pruning step before the quantization. (in step prune.unstructured)");
    EXPECT_EQ(applyStep(quantized, stepOf("finetune"), services(), {}).error().code, base::ErrorCode::InvalidArgument);
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(applyStep(quantized, stepOf("clean.dead_code"), services(), {stop.get_token(), {}}).error().code, base::ErrorCode::Cancelled);
}

TEST(ApplyStep, PreviewNeedsNoData) {
    for (const recipe::StepSpec& spec : recipe::stepSpecs())
        EXPECT_TRUE(previewStep(support::lenet5(), stepOf(spec.op))) << spec.op;
    const auto preview = previewStep(support::lenet5(), stepOf("quantize.static"));
    const auto real = applyStep(support::lenet5(), stepOf("quantize.static"), services(), {});
    ASSERT_TRUE(preview && real);
    EXPECT_EQ(preview->figures.at("loss_total"), real->figures.at("loss_total"));
    EXPECT_EQ(preview->graph.findNode("x_quantize"), nullptr);
}

TEST(ApplyStep, ARuleSaysWhichLayers) {
    for (const recipe::StepSpec& spec : recipe::stepSpecs()) {
        if (!recipe::takesWhere(spec)) continue;
        SCOPED_TRACE(spec.op);
        recipe::Step step = stepOf(spec.op);
        step.where = {"!first", "!last", "!fc1"};
        const auto outcome = applyStep(support::lenet5(), step, services(), {});
        ASSERT_TRUE(outcome) << outcome.error().text();
        std::vector<std::string> touched;
        for (const std::string& layer : graph::layerNames(support::lenet5())) {
            const auto figures = outcome->layers.find(layer);
            const bool isChanged =
                figures != outcome->layers.end() &&
                (spec.op == "prune.structured" ? figures->second.at("channels_before") != figures->second.at("channels_after")
                                               : figures->second.contains("loss"));
            if (isChanged) touched.push_back(layer);
        }
        // Dynamic quantization is for linear layers.
        const auto expected = spec.op == "quantize.dynamic" ? std::vector<std::string>{"fc2"} : std::vector<std::string>{"conv2", "fc2"};
        EXPECT_EQ(touched, expected);
        EXPECT_EQ(std::ranges::count(outcome->notes, "The rule of the step leaves 3 of 5 layers out."), 1);
        EXPECT_EQ(std::ranges::count(outcome->notes, "\"conv1\" is kept in float."), 0);
        EXPECT_EQ(previewStep(support::lenet5(), step)->figures.at("loss_total"), outcome->figures.at("loss_total"));
        // The same with a list of single layers, as recipes had it.
        recipe::Step list = stepOf(spec.op);
        for (const char* layer : {"conv1", "fc1", "fc3"})
            list.layers.emplace_back(layer, spec.op.starts_with("prune.") ? base::Json{{"skip", true}} : base::Json{{"keep", "float"}});
        EXPECT_TRUE(graph::structurallyEqual(outcome->graph, applyStep(support::lenet5(), list, services(), {})->graph));
    }
}

TEST(ApplyStep, CoupledLayers) {
    const graph::Graph graph = support::lenet5();
    EXPECT_EQ(coupledLayers(graph, "conv2").value(), (std::vector<std::string>{"fc1"}));
    EXPECT_EQ(coupledLayers(graph, "fc3").error().code, base::ErrorCode::Unsupported);
    const auto missing = coupledLayers(graph, "conv3");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, base::ErrorCode::NotFound);
    EXPECT_EQ(missing.error().message, "The model has no layer \"conv3\"; did you mean \"conv1\"?");
}

} // namespace
} // namespace lathe::transform
