#include <core/steps/prune_structured.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <gtest/gtest.h>

#include <core/base/message_json.h>
#include <core/graph/layers.h>
#include <core/steps/apply_step.h>
#include <core/transform/prune/dependency_groups.h>
#include <tests/support/graphs.h>
#include <tests/support/reference_interpreter.h>
#include <tests/support/step_context.h>

namespace lathe::steps {
namespace {

using support::ModelBuilder;
using transform::DependencyGroup;
using transform::noChannel;
using transform::SliceRole;
using transform::WeightSlice;

Step stepWith(base::Json parameters) { return {"prune.structured", true, std::move(parameters), {}}; }

StepOutcome prune(const graph::Graph& graph, const Step& step) {
    StepOutcome outcome{graph, {}, {}, {}};
    const auto result = support::work(outcome, step);
    EXPECT_TRUE(result) << result.error().text();
    const auto verified = graph::verify(outcome.graph);
    EXPECT_TRUE(verified) << verified.error().text();
    return outcome;
}

tensor::Shape shapeOf(const graph::Graph& graph, const std::string& weight) { return graph.value(*graph.findValue(weight)).data.shape(); }

/// Shapes that pruning wrote must be those that the graph really has.
void expectShapesAreTrue(const graph::Graph& pruned, const tensor::Shape& input) {
    graph::Graph annotated = pruned;
    support::annotateShapes(annotated, input);
    for (std::size_t i = 0; i < pruned.values.size(); ++i)
        EXPECT_EQ(pruned.values[i].shape, annotated.values[i].shape) << pruned.values[i].name;
}

/// The channels of a group that have the lowest L1 norm over all weights of the group, found the slow way, and what of the weights they
/// touch set to zero: the graph keeps its shapes, but the channels no longer do anything.
void maskLowest(graph::Graph& graph, const DependencyGroup& group, std::size_t removed) {
    std::vector<double> norms(static_cast<std::size_t>(group.channels), 0);
    const auto forEachElement = [&](const auto& visit) {
        for (const WeightSlice& slice : group.weights) {
            graph::Value& value = graph.value(slice.weight);
            std::vector<float> values = value.data.toFloats();
            for (std::size_t i = 0; i < values.size(); ++i) {
                std::size_t inner = 1;
                for (std::size_t axis = static_cast<std::size_t>(slice.axis) + 1; axis < value.data.shape().size(); ++axis)
                    inner *= static_cast<std::size_t>(value.data.shape()[axis]);
                const auto channel = slice.channels[i / inner % slice.channels.size()];
                if (channel != noChannel) visit(slice, static_cast<std::size_t>(channel), values[i]);
            }
            value.data = tensor::Tensor::of(value.data.shape(), values);
        }
    };
    forEachElement([&](const WeightSlice& slice, std::size_t channel, float value) {
        if (slice.role != SliceRole::Vector) norms[channel] += std::fabs(static_cast<double>(value));
    });
    std::vector<std::size_t> order(norms.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t channel) { return norms[channel]; });
    order.resize(removed);
    forEachElement([&](const WeightSlice&, std::size_t channel, float& value) {
        if (std::ranges::find(order, channel) != order.end()) value = 0;
    });
}

/// Pruning every group at 50 % computes the same as masking the same channels.
void expectSameAsMasking(const graph::Graph& graph, const tensor::Shape& input) {
    graph::Graph masked = graph;
    // Norms are of the original weights, as in the step: masks of one group must not change the choice of the next.
    std::vector<std::pair<DependencyGroup, std::size_t>> choices;
    for (DependencyGroup& group : transform::dependencyGroups(graph)) {
        if (!group.obstacle.empty()) continue;
        const auto channels = static_cast<std::size_t>(group.channels);
        choices.emplace_back(std::move(group), channels - std::max<std::size_t>(channels / 2, 1));
    }
    for (const auto& [group, removed] : choices) {
        graph::Graph alone = graph;
        maskLowest(alone, group, removed);
        for (std::size_t i = 0; i < masked.values.size(); ++i) {
            if (masked.values[i].kind != graph::ValueKind::Weight) continue;
            std::vector<float> values = masked.values[i].data.toFloats();
            const std::vector<float> mask = alone.values[i].data.toFloats();
            for (std::size_t k = 0; k < values.size(); ++k)
                if (mask[k] == 0) values[k] = 0;
            masked.values[i].data = tensor::Tensor::of(masked.values[i].data.shape(), values);
        }
    }
    const StepOutcome outcome = prune(graph, stepWith({{"ratio", 0.5}}));
    EXPECT_LT(graph::parameterCount(outcome.graph), graph::parameterCount(graph));
    const auto x = support::randomNumbers(input, 99);
    EXPECT_LT(support::maxDifference(support::interpret(outcome.graph, x), support::interpret(masked, x)), 1e-9);
    expectShapesAreTrue(outcome.graph, input);
}

TEST(Structured, LeNet5AtHalfHas15738Parameters) {
    const StepOutcome outcome = prune(support::lenet5(), stepWith({}));
    EXPECT_EQ(graph::parameterCount(outcome.graph), 15738);
    EXPECT_EQ(shapeOf(outcome.graph, "conv1.weight"), (tensor::Shape{3, 1, 5, 5}));
    EXPECT_EQ(shapeOf(outcome.graph, "conv2.weight"), (tensor::Shape{8, 3, 5, 5}));
    EXPECT_EQ(shapeOf(outcome.graph, "fc1.weight"), (tensor::Shape{60, 200}));
    EXPECT_EQ(shapeOf(outcome.graph, "fc2.weight"), (tensor::Shape{42, 60}));
    EXPECT_EQ(shapeOf(outcome.graph, "fc3.weight"), (tensor::Shape{10, 42}));
    EXPECT_EQ(outcome.layers.at("conv2").at("channels_before"), 16);
    EXPECT_EQ(outcome.layers.at("conv2").at("channels_after"), 8);
    EXPECT_EQ(base::texts(outcome.notes),
              (std::vector<std::string>{"\"fc3\" keeps its 10 channels: \"fc3_out\" is an output of the model."}));
}

TEST(Structured, LeNet5AtThirtyPercentIsWhatTorchPruningMakes) {
    const StepOutcome outcome = prune(support::lenet5(4), stepWith({{"ratio", 0.3}}));
    EXPECT_EQ(graph::parameterCount(outcome.graph), 29919);
    EXPECT_EQ(graph::macsPerSample(outcome.graph).known, 216952);
}

TEST(Structured, ComputesWhatMaskingComputes) { expectSameAsMasking(support::lenet5(2), {2, 1, 32, 32}); }

TEST(Structured, ResidualAndBatchNorm) {
    ModelBuilder model({2, 2, 6, 6});
    const auto a = model.relu("relu1", model.batchNorm("bn1", model.convolution("a", model.input(), 2, 6, {.padding = 1}), 6));
    // The mean of a masked channel must be zero for it to stay silent, and masking sees to that.
    const auto b = model.batchNorm("bn2", model.convolution("b", a, 6, 6, {.padding = 1}), 6);
    const auto sum = model.relu("relu2", model.add("add", b, a));
    expectSameAsMasking(model.finish(model.linear("fc", model.flatten("flatten", sum), 216, 3)), {2, 2, 6, 6});
}

TEST(Structured, ConcatenationDepthwiseAndView) {
    ModelBuilder model({2, 2, 6, 6});
    const auto a = model.convolution("a", model.input(), 2, 4), b = model.convolution("b", model.input(), 2, 2);
    auto x = model.relu("relu", model.concatenate("cat", {a, b}, 1));
    x = model.convolution("depth", x, 6, 6, {.groups = 6});
    x = model.node("aten::view", "view", {x, support::ints({-1, 24})});
    expectSameAsMasking(model.finish(model.linear("fc", x, 24, 3)), {2, 2, 6, 6});
}

TEST(Structured, OverridesSkipAndRounding) {
    Step step = stepWith({{"ratio", 0.5}, {"round_to", 4}});
    step.layers = {{"conv2", {{"ratio", 0.25}}}, {"fc1", {{"skip", true}}}};
    const graph::Graph graph = prune(support::lenet5(), step).graph;
    EXPECT_EQ(shapeOf(graph, "conv1.weight")[0], 4); // 3, up to a multiple of 4
    EXPECT_EQ(shapeOf(graph, "conv2.weight")[0], 12);
    EXPECT_EQ(shapeOf(graph, "fc1.weight"), (tensor::Shape{120, 300}));
    EXPECT_EQ(shapeOf(graph, "fc2.weight")[0], 44); // 42, up
}

/// conv "a" → conv "b", added to a: the channels of both are one group; conv "c" behind them.
graph::Graph residual() {
    ModelBuilder model({1, 2, 6, 6});
    const auto a = model.convolution("a", model.input(), 2, 8, {.padding = 1});
    const auto sum = model.add("add", a, model.convolution("b", a, 8, 8, {.padding = 1}));
    const auto c = model.convolution("c", sum, 8, 4, {.padding = 1});
    return model.finish(model.linear("fc", model.flatten("flatten", c), 144, 3));
}

TEST(Structured, SaysWhichLayerHoldsAGroup) {
    Step step = stepWith({{"ratio", 0.3}});
    step.layers = {{"b", {{"skip", true}}}};
    const StepOutcome outcome = prune(residual(), step);
    const std::string held = "\"a\" keeps its 8 channels: it is coupled with \"b\", which is skipped.";
    EXPECT_EQ(base::texts(outcome.layerNotes.at("a")), std::vector<std::string>{held});
    EXPECT_EQ(base::texts(outcome.layerNotes.at("b")), std::vector<std::string>{"\"b\" is skipped."});
    EXPECT_EQ(base::texts(outcome.warnings), std::vector<std::string>{held}); // b was asked for, a was not
    EXPECT_FALSE(outcome.layerNotes.contains("c"));
}

TEST(Structured, SaysWhoseRatioCounts) {
    Step step = stepWith({{"ratio", 0.5}});
    step.layers = {{"b", {{"ratio", 0.25}}}};
    const StepOutcome outcome = prune(residual(), step);
    EXPECT_EQ(base::texts(outcome.layerNotes.at("a")),
              std::vector<std::string>{"\"a\" keeps 6 of 8 channels: it is coupled with \"b\", whose ratio is 25 %."});
    EXPECT_FALSE(outcome.layerNotes.contains("b"));
    step.layers = {{"b", {{"ratio", 0}}}, {"a", {{"ratio", 0.9}}}};
    EXPECT_EQ(base::texts(prune(residual(), step).warnings),
              std::vector<std::string>{"\"a\" keeps its 8 channels: it is coupled with \"b\", whose ratio is 0 %."});
}

TEST(Structured, SaysWhenRoundingKeepsEverything) {
    const StepOutcome outcome = prune(residual(), stepWith({{"ratio", 0.3}, {"round_to", 8}}));
    EXPECT_EQ(base::texts(outcome.layerNotes.at("c")),
              std::vector<std::string>{"\"c\" keeps its 4 channels: their number is rounded up to a multiple of 8."});
}

TEST(Structured, WithoutShapesNothingIsRemovedAndItSaysSo) {
    graph::Graph graph = support::lenet5();
    for (graph::Value& value : graph.values)
        if (value.kind != graph::ValueKind::Weight) value.shape.reset();
    const StepOutcome outcome = prune(graph, stepWith({}));
    EXPECT_EQ(outcome.figures.at("changed_nodes"), 0);
    EXPECT_EQ(base::texts(outcome.warnings),
              std::vector<std::string>{"No channel was removed: the shapes of the model are not known. Choose data, so "
                                       "that Lathe can find them."});
    EXPECT_EQ(outcome.layerNotes.at("conv2").size(), 1U);
}

TEST(Structured, NeverTakesTheLastChannel) {
    ModelBuilder model({1, 1, 6, 6});
    const auto x = model.convolution("a", model.convolution("one", model.input(), 1, 1), 1, 2);
    const StepOutcome outcome = prune(model.finish(model.linear("fc", model.flatten("f", x), 8, 2)), stepWith({{"ratio", 0.99}}));
    EXPECT_EQ(shapeOf(outcome.graph, "one.weight")[0], 1);
    EXPECT_EQ(shapeOf(outcome.graph, "a.weight")[0], 1);
}

TEST(Structured, LossIsHalfOfWhatWent) {
    const graph::Graph before = support::lenet5();
    const StepOutcome outcome = prune(before, stepWith({}));
    const auto squares = [](const graph::Graph& graph, const std::string& weight) {
        double sum = 0;
        for (const float value : graph.value(*graph.findValue(weight)).data.toFloats())
            sum += static_cast<double>(value) * static_cast<double>(value);
        return sum;
    };
    for (const std::string layer : {"conv1", "conv2", "fc1", "fc2", "fc3"}) {
        const double expected = (squares(before, layer + ".weight") - squares(outcome.graph, layer + ".weight")) / 2;
        EXPECT_NEAR(outcome.layers.at(layer).at("loss"), expected, 1e-6 * squares(before, layer + ".weight")) << layer;
    }
}

TEST(Structured, CriteriaDiffer) {
    // One filter with a single large weight, one with many small ones: L1 prefers the second, L2 the first.
    ModelBuilder model({1, 1, 4, 4});
    const auto conv = model.convolution("conv", model.input(), 1, 2, {.kernel = 2});
    graph::Graph graph = model.finish(model.linear("fc", model.flatten("f", conv), 18, 1));
    graph.value(*graph.findValue("conv.weight")).data = tensor::Tensor::of<float>({2, 1, 2, 2}, {1.5F, 0, 0, 0, 0.5F, 0.5F, 0.5F, 0.5F});
    graph.value(*graph.findValue("fc.weight")).data = tensor::Tensor::zeros(tensor::DType::Float32, {1, 18});
    EXPECT_EQ(prune(graph, stepWith({})).graph.value(*graph.findValue("conv.weight")).data.toFloats(),
              (std::vector<float>{0.5F, 0.5F, 0.5F, 0.5F}));
    EXPECT_EQ(prune(graph, stepWith({{"criterion", "l2"}})).graph.value(*graph.findValue("conv.weight")).data.toFloats(),
              (std::vector<float>{1.5F, 0, 0, 0}));
    EXPECT_TRUE(graph::structurallyEqual(prune(support::lenet5(), stepWith({{"criterion", "random"}})).graph,
                                         prune(support::lenet5(), stepWith({{"criterion", "random"}})).graph));
}

TEST(Structured, RankedTogetherNarrowAndWideLayersLoseDifferentShares) {
    const graph::Graph before = support::lenet5();
    const StepOutcome outcome = prune(before, stepWith({{"ratio", 0.5}, {"scope", "global"}}));
    const auto left = [&](const std::string& layer) { return outcome.layers.at(layer).at("channels_after"); };
    EXPECT_EQ(left("conv1") + left("conv2") + left("fc1") + left("fc2"), 113); // half of 226
    EXPECT_NE(left("fc1"), 60);
    expectShapesAreTrue(outcome.graph, {1, 1, 32, 32});
}

TEST(Structured, ToAShareOfParametersOrMacs) {
    const graph::Graph before = support::lenet5();
    for (const char* scope : {"layer", "global"}) {
        const StepOutcome fewer = prune(before, stepWith({{"ratio", 0.75}, {"ratio_of", "parameters"}, {"scope", scope}}));
        EXPECT_LE(graph::parameterCount(fewer.graph), graph::parameterCount(before) / 4);
        EXPECT_GE(graph::parameterCount(fewer.graph), graph::parameterCount(before) / 5);
        const StepOutcome faster = prune(before, stepWith({{"ratio", 0.75}, {"ratio_of", "macs"}, {"scope", scope}}));
        EXPECT_LE(graph::macsPerSample(faster.graph).known, graph::macsPerSample(before).known / 4);
        EXPECT_GE(graph::macsPerSample(faster.graph).known, graph::macsPerSample(before).known / 7);
    }
}

TEST(Structured, SaysHowFarATargetIsOutOfReach) {
    Step step = stepWith({{"ratio", 0.9}, {"ratio_of", "parameters"}});
    step.layers = {{"fc*", {{"skip", true}}}};
    const StepOutcome outcome = prune(support::lenet5(), step);
    ASSERT_FALSE(outcome.warnings.empty());
    EXPECT_EQ(base::texts(outcome.warnings).back(),
              "90 % of the parameters cannot go: 23 % are left when all channels are removed that may be.");
}

TEST(Structured, KeepsAMinimumOfChannels) {
    const StepOutcome outcome = prune(support::lenet5(), stepWith({{"ratio", 0.9}, {"minimum", 16}}));
    EXPECT_EQ(shapeOf(outcome.graph, "conv1.weight")[0], 6);
    EXPECT_EQ(shapeOf(outcome.graph, "conv2.weight")[0], 16);
    EXPECT_EQ(shapeOf(outcome.graph, "fc1.weight")[0], 16);
    EXPECT_EQ(base::texts(outcome.layerNotes.at("conv1")),
              std::vector<std::string>{"\"conv1\" keeps its 6 channels: at least 16 channels of each layer stay."});
}

TEST(Structured, ByBatchNormLeavesLayersWithoutOne) {
    ModelBuilder model({1, 2, 6, 6});
    const auto a = model.batchNorm("bn", model.convolution("a", model.input(), 2, 4, {.padding = 1}), 4);
    const auto b = model.convolution("b", a, 4, 4, {.padding = 1});
    graph::Graph graph = model.finish(model.convolution("c", b, 4, 3));
    graph.value(*graph.findValue("bn.weight")).data = tensor::Tensor::of<float>({4}, {1, 0.1F, -2, -0.2F});
    const StepOutcome outcome = prune(graph, stepWith({{"criterion", "batch_norm"}}));
    EXPECT_EQ(outcome.graph.value(*outcome.graph.findValue("bn.weight")).data.toFloats(), (std::vector<float>{1, -2}));
    EXPECT_EQ(base::texts(outcome.layerNotes.at("b")), std::vector<std::string>{"\"b\" keeps its 4 channels: no batch norm scales them."});
}

TEST(Structured, ByActivityAsksForSamplesOfWhatIsRead) {
    const graph::Graph before = support::smallConvNet();
    support::TestContext context;
    context.onObserve = [&](const graph::Graph& graph, const std::vector<graph::ValueId>& values, std::int64_t samples,
                            const StepContext::Observer& observer) -> base::Result<> {
        EXPECT_EQ(samples, 20);
        EXPECT_EQ(values.size(), 1U); // the features that fc reads: 16 for each channel
        std::vector<float> features(64, 0);
        for (std::size_t at = 16; at < 32; ++at)
            features[at] = 1;
        features[48] = 100;
        observer(values.front(), tensor::Tensor::of<float>({1, 64}, features));
        EXPECT_EQ(graph.value(values.front()).name, "flatten_out");
        return {};
    };
    const auto keptBy = [&](const char* criterion) {
        StepOutcome outcome{before, {}, {}, {}};
        const auto done = support::work(outcome, stepWith({{"criterion", criterion}, {"samples", 20}, {"ratio", 0.75}}), context);
        EXPECT_TRUE(done) << done.error().text();
        return outcome.graph.value(*outcome.graph.findValue("conv1.bias")).data.toFloats();
    };
    const std::vector<float> biases = before.value(*before.findValue("conv1.bias")).data.toFloats();
    EXPECT_EQ(keptBy("apoz"), std::vector<float>{biases[1]});
    EXPECT_EQ(keptBy("mean_activation"), std::vector<float>{biases[3]});
}

TEST(Structured, ByGradientsAsksForThoseOfEachSample) {
    const graph::Graph before = support::smallConvNet();
    support::TestContext context;
    context.onGradients = [&](const graph::Graph& graph, const std::vector<graph::ValueId>& weights, std::int64_t samples,
                              std::int64_t batchSize, const StepContext::GradientObserver& observer) -> base::Result<> {
        EXPECT_EQ(samples, 256);
        EXPECT_EQ(batchSize, 1);
        std::vector<tensor::Tensor> gradients;
        for (const graph::ValueId weight : weights) {
            const graph::Value& value = graph.value(weight);
            std::vector<float> numbers(static_cast<std::size_t>(value.data.elementCount()), 0);
            if (value.name == "conv1.bias") numbers = {1, 1, 1000, 1};
            gradients.push_back(tensor::Tensor::of<float>(value.data.shape(), numbers));
        }
        observer(gradients);
        return {};
    };
    for (const char* criterion : {"taylor", "fisher"}) {
        StepOutcome outcome{before, {}, {}, {}};
        ASSERT_TRUE(support::work(outcome, stepWith({{"criterion", criterion}, {"ratio", 0.75}}), context));
        EXPECT_EQ(outcome.graph.value(*outcome.graph.findValue("conv1.bias")).data.toFloats(),
                  std::vector<float>{before.value(*before.findValue("conv1.bias")).data.toFloats()[2]});
    }
}

TEST(Structured, PreviewsByWeightsWhatNeedsData) {
    const auto preview = previewStep(support::lenet5(), stepWith({{"criterion", "taylor"}}), {});
    ASSERT_TRUE(preview) << preview.error().text();
    EXPECT_EQ(graph::parameterCount(preview->graph), 15738);
    EXPECT_EQ(base::texts(preview->notes).front(),
              "Which channels go is found with data when the recipe runs: what is shown goes by the L2 norms.");
    support::TestContext context;
    context.kind = StepContext::Data::None;
    const auto refused = applyStep(support::lenet5(), stepWith({{"criterion", "apoz"}}), context);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "Pruning by \"apoz\" needs data.");
}

TEST(Structured, ConstantsOfRemovedChannelsBecomePartOfBiases) {
    ModelBuilder model({1, 1, 6, 6});
    const auto a = model.convolution("a", model.input(), 1, 2);
    graph::Graph graph = model.finish(model.linear("fc", model.flatten("f", a), 32, 1));
    graph.value(*graph.findValue("a.weight")).data =
        tensor::Tensor::of<float>({2, 1, 3, 3}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9, 9});
    graph.value(*graph.findValue("a.bias")).data = tensor::Tensor::of<float>({2}, {0.5F, 0});
    support::TestContext context;
    context.onEvaluate = [](const graph::Graph& of, const graph::Node& node) -> base::Result<std::vector<tensor::Tensor>> {
        graph::Graph single = of;
        single.main.inputs.clear(); // a weight stands in its place
        (void)single.addInput("unread");
        single.main.nodes = {node};
        single.main.outputs = {node.results.front()};
        const support::Numbers result = support::interpret(single, {{1}, {0}});
        return std::vector{tensor::Tensor::of<float>(result.shape, std::vector<float>(result.values.begin(), result.values.end()))};
    };
    StepOutcome outcome{graph, {}, {}, {}};
    ASSERT_TRUE(support::work(outcome, stepWith({}), context));
    const auto x = support::randomNumbers({1, 1, 6, 6}, 1);
    EXPECT_LT(support::maxDifference(support::interpret(outcome.graph, x), support::interpret(graph, x)), 1e-5);
    EXPECT_EQ(base::texts(outcome.layerNotes.at("fc")).back(),
              "Removed channels that \"fc\" read were constant (1): they are part of its bias now.");
}

TEST(Structured, RoundsToWidthsThatAreFast) {
    Step step = stepWith({{"measure_widths", true}});
    step.layers = {{"conv*", {{"skip", true}}}, {"fc2", {{"ratio", 0.6}}}};
    support::TestContext context;
    // fc1 is as fast with 64 channels as with 60; fc2 is never as fast as with all.
    context.onTimes = [](const std::vector<graph::Graph>& graphs) -> base::Result<std::vector<double>> {
        std::vector<double> times;
        for (const graph::Graph& graph : graphs)
            times.push_back(graph.name == "fc1" ? (graph.main.nodes.size() == 2 && times.size() < 2 ? 0.01 : 0.02)
                                                : 0.06 - 0.01 * static_cast<double>(times.size()));
        return times;
    };
    StepOutcome outcome{support::lenet5(), {}, {}, {}};
    const auto done = support::work(outcome, step, context);
    ASSERT_TRUE(done) << done.error().text();
    EXPECT_EQ(shapeOf(outcome.graph, "fc1.weight")[0], 64);
    EXPECT_EQ(shapeOf(outcome.graph, "fc2.weight")[0], 84);
    EXPECT_EQ(base::texts(outcome.layerNotes.at("fc1")),
              std::vector<std::string>{"\"fc1\" keeps 64 channels (10 µs for its group) instead of 60 (10 µs)."});
    ASSERT_EQ(outcome.layerNotes.at("fc2").size(), 1U);
    EXPECT_EQ(outcome.layerNotes.at("fc2").front().text(),
              "\"fc2\" keeps its 84 channels (10 µs for its group): 33 are not faster on this machine (60 µs).");
    const auto preview = previewStep(support::lenet5(), step, {});
    ASSERT_TRUE(preview);
    const auto notes = base::texts(preview->notes);
    EXPECT_NE(std::ranges::find(notes, "Widths are measured when the recipe runs."), notes.end());
}

/// A call takes a microsecond for each number of its weights, and a whole model takes `least` at least.
void giveClock(support::TestContext& context, double least) {
    context.onTimes = [least](const std::vector<graph::Graph>& graphs) -> base::Result<std::vector<double>> {
        std::vector<double> times;
        for (const graph::Graph& graph : graphs) {
            double numbers = 0;
            for (const graph::Value& value : graph.values)
                numbers += value.kind == graph::ValueKind::Weight ? static_cast<double>(value.data.elementCount()) : 0;
            times.push_back(std::max(numbers, graph.main.nodes.size() > 1 ? least : 0) / 1000);
        }
        return times;
    };
}

TEST(Structured, ToAShareOfTheMeasuredLatency) {
    const graph::Graph before = support::lenet5();
    for (const char* scope : {"layer", "global"}) {
        support::TestContext context;
        giveClock(context, 0);
        StepOutcome outcome{before, {}, {}, {}};
        const Step step = stepWith({{"ratio", 0.3}, {"ratio_of", "latency"}, {"scope", scope}});
        const auto done = support::work(outcome, step, context);
        ASSERT_TRUE(done) << done.error().text();
        const double left = static_cast<double>(graph::parameterCount(outcome.graph)) / 61706;
        EXPECT_LE(left, 0.7 * 1.03);
        EXPECT_GE(left, 0.6);
        EXPECT_NEAR(outcome.figures.at("measured_latency"), left, 1e-9);
        EXPECT_NEAR(outcome.figures.at("predicted_latency"), left, 1e-9);
        EXPECT_TRUE(outcome.warnings.empty());
        const auto note = std::ranges::find(outcome.notes, "prune.latencyIsMeasured", &base::Message::code);
        ASSERT_NE(note, outcome.notes.end());
        EXPECT_NE(note->text().find("instead of 61.7 ms in float"), std::string::npos) << note->text();
        expectShapesAreTrue(outcome.graph, {1, 1, 32, 32});
    }
}

TEST(Structured, SaysWhichLatencyIsOutOfReach) {
    support::TestContext context;
    giveClock(context, 50'000); // no call takes less
    StepOutcome outcome{support::lenet5(), {}, {}, {}};
    ASSERT_TRUE(support::work(outcome, stepWith({{"ratio", 0.3}, {"ratio_of", "latency"}}), context));
    ASSERT_EQ(outcome.warnings.size(), 1U);
    EXPECT_NE(outcome.warnings.front().code(), "prune.latencyIsMeasured");
    EXPECT_GT(outcome.figures.at("measured_latency"), 0.8);
    EXPECT_NE(outcome.warnings.front().text().find("81 % (50 instead of 61.7 ms)"), std::string::npos) << outcome.warnings.front().text();
}

TEST(Structured, PreviewsALatencyByMacs) {
    const auto preview = previewStep(support::lenet5(), stepWith({{"ratio", 0.5}, {"ratio_of", "latency"}}), {});
    ASSERT_TRUE(preview) << preview.error().text();
    EXPECT_LE(graph::macsPerSample(preview->graph).known, graph::macsPerSample(support::lenet5()).known / 2);
    const auto notes = base::texts(preview->notes);
    EXPECT_NE(std::ranges::find(notes, "Times are measured when the recipe runs: what is shown takes that share of the MACs."),
              notes.end());
}

TEST(Structured, ZerosSayNothingWhereThereAreNone) {
    ModelBuilder model({1, 1, 6, 6});
    const auto x = model.node("aten::sigmoid", "sigmoid", {model.convolution("a", model.input(), 1, 4)});
    const graph::Graph graph = model.finish(model.convolution("b", x, 4, 2));
    support::TestContext context;
    context.onObserve = [](const graph::Graph&, const std::vector<graph::ValueId>& values, std::int64_t,
                           const StepContext::Observer& observer) -> base::Result<> {
        observer(values.front(), support::randomTensor({1, 4, 4, 4}, 3).to(tensor::DType::Float32));
        return {};
    };
    StepOutcome outcome{graph, {}, {}, {}};
    ASSERT_TRUE(support::work(outcome, stepWith({{"criterion", "apoz"}}), context));
    EXPECT_EQ(shapeOf(outcome.graph, "a.weight")[0], 4);
    ASSERT_FALSE(outcome.warnings.empty());
    EXPECT_EQ(outcome.warnings.front().text(), "\"a\" keeps its 4 channels: they were never seen to be zero, as behind ReLU.");
}

TEST(Structured, RefusesNaN) {
    graph::Graph graph = support::lenet5();
    graph.value(*graph.findValue("conv1.bias")).data =
        tensor::Tensor::of<float>({6}, std::vector<float>(6, std::numeric_limits<float>::quiet_NaN()));
    StepOutcome outcome{graph, {}, {}, {}};
    const auto result = support::work(outcome, stepWith({}));
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().text().find("conv1.bias"), std::string::npos);
}

} // namespace
} // namespace lathe::steps
