#include <core/steps/apply_step.h>

#include <algorithm>

#include <gtest/gtest.h>

#include <core/base/message_json.h>
#include <core/graph/layers.h>
#include <core/steps/step_table.h>
#include <tests/support/reference_interpreter.h>
#include <tests/support/step_context.h>

namespace lathe::steps {
namespace {

Step stepOf(const std::string& op) { return {op, true, base::Json::object(), {}}; }

/// A run in which every value was between −1 and 3 at first, and half more each time that one looks, training changes nothing, and all that
/// is computed is a relu.
base::Result<StepOutcome> applied(const graph::Graph& graph, const Step& step, base::Job job = {}) {
    support::TestContext context(std::move(job));
    context.model = &graph;
    context.onObserve = [looks = 0](const graph::Graph& whole, const std::vector<graph::ValueId>& values, std::int64_t,
                                    const StepContext::Observer& observer) mutable -> base::Result<> {
        for (const graph::ValueId id : values) {
            tensor::Shape shape;
            for (const graph::Dim& dim : *whole.value(id).shape)
                shape.push_back(dim.size);
            std::vector<float> seen(static_cast<std::size_t>(tensor::elementCount(shape)), 3 + 0.5F * static_cast<float>(looks));
            seen.front() = -1;
            observer(id, tensor::Tensor::of(shape, seen));
        }
        ++looks;
        return {};
    };
    context.onEvaluate = [](const graph::Graph& whole, const graph::Node& node) -> base::Result<std::vector<tensor::Tensor>> {
        const tensor::Tensor& data = whole.value(node.operands.front().value()).data;
        std::vector<float> values = data.toFloats();
        for (float& value : values)
            value = std::max(value, 0.0F);
        return std::vector<tensor::Tensor>{tensor::Tensor::of<float>(data.shape(), values)};
    };
    context.onTrain = [](graph::Graph&, const TrainingSettings& settings) -> base::Result<TrainingReport> {
        return TrainingReport{{std::vector<double>(static_cast<std::size_t>(settings.epochs), 0.5), {}, {}, {}}, 0};
    };
    return applyStep(graph, step, context);
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
    for (const StepSpec& spec : stepSpecs()) {
        if (spec.op == "finetune") continue;
        const auto outcome = applied(nothingToDo(), stepOf(spec.op));
        ASSERT_TRUE(outcome) << spec.op << ": " << outcome.error().text();
        EXPECT_EQ(outcome->figures.at("changed_nodes"), 0) << spec.op;
        ASSERT_EQ(outcome->warnings.size(), 1U) << spec.op;
        EXPECT_TRUE(outcome->warnings.front().text().ends_with('.')) << outcome->warnings.front().text();
    }
}

/// Something for every step of the table: conv1 → bn1 → conv2 → relu → flatten → fc1 → relu → fc2, the sum with a constant that is computed
/// from a weight, and a relu that nobody reads.
graph::Graph workForEveryStep() {
    support::ModelBuilder model({1, 2, 6, 6});
    auto x = model.batchNorm("bn1", model.convolution("conv1", model.input(), 2, 4), 4);
    x = model.relu("relu1", model.convolution("conv2", x, 4, 4));
    x = model.relu("relu2", model.linear("fc1", model.flatten("flatten", x), 16, 8));
    (void)model.relu("unused", x);
    x = model.linear("fc2", x, 8, 3);
    return model.finish(model.add("sum", x, model.relu("constant", model.weight("offset", {3}))));
}

TEST(ApplyStep, EveryStepDoesItsWorkAndLeavesTheInputAlone) {
    const graph::Graph before = workForEveryStep();
    const auto numbers = support::randomNumbers({1, 2, 6, 6}, 7);
    int steps = 0;
    for (const StepSpec& spec : stepSpecs()) {
        // prune_blocks_test.cpp, share_tied_test.cpp
        if (spec.op == "finetune" || spec.op == "prune.blocks" || spec.op == "share.tied") continue;
        SCOPED_TRACE(spec.op);
        ++steps;
        const auto outcome = applied(before, stepOf(spec.op));
        ASSERT_TRUE(outcome) << outcome.error().text();
        EXPECT_GT(outcome->figures.at("changed_nodes"), 0);
        EXPECT_TRUE(outcome->warnings.empty()) << outcome->warnings.front().text();
        EXPECT_FALSE(graph::structurallyEqual(outcome->graph, before));
        EXPECT_TRUE(graph::structurallyEqual(before, workForEveryStep()));
        // What is not meant to change a number does not; what is does.
        const double difference = support::maxDifference(support::interpret(before, numbers), support::interpret(outcome->graph, numbers));
        if (spec.op.starts_with("fuse.") || spec.op.starts_with("clean.")) {
            EXPECT_LT(difference, 1e-5);
        } else {
            EXPECT_GT(difference, 0);
        }
    }
    EXPECT_EQ(steps, 15);
}

TEST(PreviewStep, WhatOnlyARunTellsIsNoWarning) {
    const auto outcome = previewStep(support::lenet5(), stepOf("clean.fold_constants"));
    ASSERT_TRUE(outcome);
    EXPECT_FALSE(outcome->figures.contains("changed_nodes"));
    EXPECT_TRUE(outcome->warnings.empty());
}

TEST(ApplyStep, DoesEveryStepOfTheTableAndLeavesTheInputAlone) {
    const graph::Graph before = support::lenet5();
    for (const StepSpec& spec : stepSpecs()) {
        if (spec.op == "finetune") continue;
        const auto outcome = applied(before, stepOf(spec.op));
        ASSERT_TRUE(outcome) << spec.op << ": " << outcome.error().text();
        EXPECT_EQ(outcome->figures.at("parameters_before"), 61706) << spec.op;
        // LeNet-5 has nothing for these.
        const bool hasWork = spec.op != "fuse.conv_bn" && spec.op != "recover.batch_norm" && spec.op != "prune.blocks" &&
                             spec.op != "share.tied" && !spec.op.starts_with("clean.");
        EXPECT_EQ(outcome->figures.at("changed_nodes") > 0, hasWork) << spec.op;
        EXPECT_TRUE(graph::structurallyEqual(before, support::lenet5())) << spec.op;
    }
}

TEST(ApplyStep, SumsFigures) {
    const auto pruned = applied(support::lenet5(), stepOf("prune.structured"));
    ASSERT_TRUE(pruned);
    EXPECT_EQ(pruned->figures.at("parameters_after"), 15738);
    double loss = 0;
    for (const auto& [layer, figures] : pruned->layers)
        if (figures.contains("loss")) loss += figures.at("loss");
    EXPECT_GT(loss, 0);
    EXPECT_EQ(pruned->figures.at("loss_total"), loss);
    EXPECT_EQ(applied(support::lenet5(), stepOf("fuse.conv_relu"))->figures.at("changed_nodes"), 2);
}

TEST(ApplyStep, AWholeRecipeInSequence) {
    graph::Graph graph = support::lenet5();
    for (const char* op :
         {"fuse.conv_bn", "prune.structured", "fuse.conv_relu", "fuse.linear_relu", "clean.dead_code", "quantize.static"}) {
        auto outcome = applied(graph, stepOf(op));
        ASSERT_TRUE(outcome) << op << ": " << outcome.error().text();
        graph = std::move(outcome->graph);
    }
    EXPECT_EQ(graph.findNode("conv1")->op, "lathe::conv2d_relu");
    EXPECT_EQ(support::interpret(graph, support::randomNumbers({1, 1, 32, 32}, 1)).shape, (tensor::Shape{1, 10}));
}

TEST(ApplyStep, SaysWhichStepFailed) {
    graph::Graph quantized = applied(support::lenet5(), stepOf("quantize.weight_only"))->graph;
    const auto result = applied(quantized, stepOf("prune.unstructured"));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().text(), "\"conv1\" is already quantized; move the pruning step before the quantization.");
    EXPECT_EQ(applied(quantized, stepOf("no.step")).error().code, base::ErrorCode::InvalidArgument);
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(applied(quantized, stepOf("clean.dead_code"), {stop.get_token(), {}}).error().code, base::ErrorCode::Cancelled);
}

TEST(ApplyStep, PreviewNeedsNoData) {
    for (const StepSpec& spec : stepSpecs())
        EXPECT_TRUE(previewStep(support::lenet5(), stepOf(spec.op))) << spec.op;
    const auto preview = previewStep(support::lenet5(), stepOf("quantize.static"));
    const auto real = applied(support::lenet5(), stepOf("quantize.static"));
    ASSERT_TRUE(preview && real);
    EXPECT_EQ(preview->figures.at("loss_total"), real->figures.at("loss_total"));
    EXPECT_EQ(preview->graph.findNode("x_quantize"), nullptr);
}

TEST(ApplyStep, ARuleSaysWhichLayers) {
    int steps = 0;
    for (const StepSpec& spec : stepSpecs()) {
        // finetune_test.cpp, prune_blocks_test.cpp and share_tied_test.cpp say what they do with them
        if (!takesWhere(spec) || spec.op == "finetune" || spec.op == "prune.blocks" || spec.op == "share.tied") continue;
        SCOPED_TRACE(spec.op);
        ++steps;
        Step step = stepOf(spec.op);
        step.where = {"!first", "!last", "!fc1"};
        const auto outcome = applied(support::lenet5(), step);
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
        EXPECT_EQ(std::ranges::count(base::texts(outcome->notes), "The rule of the step leaves 3 of 5 layers out."), 1);
        EXPECT_EQ(std::ranges::count(base::texts(outcome->notes), "\"conv1\" is kept in float."), 0);
        // Samples make a factorization lose more of the weights and less of the outputs.
        if (spec.op != "factorize") {
            EXPECT_EQ(previewStep(support::lenet5(), step)->figures.at("loss_total"), outcome->figures.at("loss_total"));
        }
        // The same with a list of single layers, as recipes had it.
        Step list = stepOf(spec.op);
        for (const char* layer : {"conv1", "fc1", "fc3"})
            list.layers.emplace_back(layer,
                                     findParameter(spec, "skip") != nullptr ? base::Json{{"skip", true}} : base::Json{{"keep", "float"}});
        EXPECT_TRUE(graph::structurallyEqual(outcome->graph, applied(support::lenet5(), list)->graph));
    }
    EXPECT_EQ(steps, 8);
}

TEST(ApplyStep, SaysWhichStepsNeedData) {
    for (const StepSpec& spec : stepSpecs()) {
        support::TestContext context;
        context.kind = StepContext::Data::None;
        const auto result = applyStep(nothingToDo(), stepOf(spec.op), context);
        const bool needsData =
            spec.op == "finetune" || spec.op == "quantize.static" || spec.op == "prune.blocks" || spec.op.starts_with("recover.");
        EXPECT_EQ(result.has_value(), !needsData) << spec.op;
        EXPECT_EQ(result ? base::ErrorCode::InvalidArgument : result.error().code, base::ErrorCode::InvalidArgument) << spec.op;
    }
    Step weights = stepOf("quantize.static");
    weights.parameters["targets"] = "weights";
    support::TestContext context;
    context.kind = StepContext::Data::None;
    EXPECT_TRUE(applyStep(support::lenet5(), weights, context));
}

} // namespace
} // namespace lathe::steps
