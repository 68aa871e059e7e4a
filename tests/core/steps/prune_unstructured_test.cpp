#include <core/steps/prune_unstructured.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <core/graph/layers.h>
#include <core/steps/apply_step.h>
#include <core/transform/sparsify/weight_rows.h>
#include <tests/support/graphs.h>
#include <tests/support/reference_interpreter.h>
#include <tests/support/step_context.h>

namespace lathe::steps {
namespace {

Step stepWith(base::Json parameters) { return {"prune.unstructured", true, std::move(parameters), {}}; }

std::vector<float> weightsOf(const graph::Graph& graph, const std::string& layer) {
    return graph.value(*graph.findValue(layer + ".weight")).data.toFloats();
}

std::size_t zerosOf(const graph::Graph& graph, const std::string& layer) {
    return static_cast<std::size_t>(std::ranges::count(weightsOf(graph, layer), 0.0F));
}

const std::vector<std::string> layers{"conv1", "conv2", "fc1", "fc2", "fc3"};

TEST(Unstructured, PrunesTheSmallestOfEachLayer) {
    const graph::Graph before = support::lenet5();
    StepOutcome outcome{before, {}, {}, {}};
    ASSERT_TRUE(support::work(outcome, stepWith({{"ratio", 0.3}, {"scope", "layer"}})));
    for (const std::string& layer : layers) {
        const auto old = weightsOf(before, layer), now = weightsOf(outcome.graph, layer);
        const auto expected = static_cast<std::size_t>(std::floor(0.3 * static_cast<double>(old.size()) + 1e-9));
        float largestRemoved = 0, smallestKept = std::numeric_limits<float>::infinity();
        double removedSquares = 0;
        std::size_t removed = 0;
        for (std::size_t i = 0; i < old.size(); ++i) {
            if (now[i] == 0 && old[i] != 0) {
                ++removed;
                largestRemoved = std::max(largestRemoved, std::fabs(old[i]));
                removedSquares += static_cast<double>(old[i]) * static_cast<double>(old[i]);
            } else {
                EXPECT_EQ(now[i], old[i]);
                if (old[i] != 0) smallestKept = std::min(smallestKept, std::fabs(old[i]));
            }
        }
        EXPECT_LE(largestRemoved, smallestKept) << layer;
        EXPECT_EQ(removed + static_cast<std::size_t>(std::ranges::count(old, 0.0F)), expected) << layer;
        EXPECT_NEAR(outcome.layers.at(layer).at("loss"), removedSquares / 2, 1e-6);
        EXPECT_NEAR(outcome.layers.at(layer).at("sparsity"), static_cast<double>(expected) / static_cast<double>(old.size()), 1e-12);
    }
}

TEST(Unstructured, GlobalScopeRemovesTheExactShareOfAllWeights) {
    StepOutcome outcome{support::lenet5(), {}, {}, {}};
    ASSERT_TRUE(support::work(outcome, stepWith({{"ratio", 0.9}})));
    std::size_t all = 0, zeros = 0;
    float largestZeroed = 0, smallestKept = 1;
    const graph::Graph before = support::lenet5();
    for (const std::string& layer : layers) {
        const auto old = weightsOf(before, layer), now = weightsOf(outcome.graph, layer);
        all += now.size();
        zeros += zerosOf(outcome.graph, layer);
        for (std::size_t i = 0; i < old.size(); ++i)
            (now[i] == 0 ? largestZeroed : smallestKept) =
                now[i] == 0 ? std::max(largestZeroed, std::fabs(old[i])) : std::min(smallestKept, std::fabs(old[i]));
    }
    EXPECT_EQ(zeros, static_cast<std::size_t>(std::floor(0.9 * static_cast<double>(all) + 1e-9)));
    EXPECT_LE(largestZeroed, smallestKept);
}

TEST(Unstructured, LayersWithARatioOfTheirOwnAreRankedAlone) {
    Step step = stepWith({{"ratio", 0.5}});
    step.layers = {{"fc*", {{"ratio", 0.25}}}, {"fc3", {{"skip", true}}}};
    const graph::Graph before = support::lenet5();
    StepOutcome outcome{before, {}, {}, {}};
    ASSERT_TRUE(support::work(outcome, step));
    EXPECT_EQ(zerosOf(outcome.graph, "fc1"), 12000U);
    EXPECT_EQ(zerosOf(outcome.graph, "fc2"), 2520U);
    EXPECT_EQ(zerosOf(outcome.graph, "conv1") + zerosOf(outcome.graph, "conv2"), (150U + 2400U) / 2);
    EXPECT_EQ(weightsOf(outcome.graph, "fc3"), weightsOf(before, "fc3"));
    ASSERT_EQ(outcome.notes.size(), 2U);
    EXPECT_EQ(outcome.notes[1].code(), "prune.zerosAreNotFaster");
}

TEST(Unstructured, RandomIsRepeatableAndNotByMagnitude) {
    StepOutcome first{support::lenet5(), {}, {}, {}}, second = first, magnitude = first;
    ASSERT_TRUE(support::work(first, stepWith({{"criterion", "random"}})));
    ASSERT_TRUE(support::work(second, stepWith({{"criterion", "random"}})));
    ASSERT_TRUE(support::work(magnitude, stepWith({})));
    EXPECT_TRUE(graph::structurallyEqual(first.graph, second.graph));
    EXPECT_GT(first.layers["fc1"]["loss"], magnitude.layers["fc1"]["loss"]);
}

TEST(Unstructured, RatioZeroChangesNothing) {
    const graph::Graph before = support::lenet5();
    StepOutcome outcome{before, {}, {}, {}};
    ASSERT_TRUE(support::work(outcome, stepWith({{"ratio", 0}})));
    EXPECT_TRUE(graph::structurallyEqual(outcome.graph, before));
    EXPECT_TRUE(std::isinf(outcome.layers["fc1"]["sqnr_db"]));
}

TEST(Unstructured, RefusesNaN) {
    graph::Graph graph = support::lenet5();
    std::vector<float> values = weightsOf(graph, "fc2");
    values[17] = std::numeric_limits<float>::quiet_NaN();
    graph.value(*graph.findValue("fc2.weight")).data = tensor::Tensor::of<float>({84, 120}, values);
    StepOutcome outcome{graph, {}, {}, {}};
    const auto result = support::work(outcome, stepWith({}));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message, "\"fc2.weight\" holds NaN or infinity (first at element 17).");
}

const std::vector<base::Message> notFaster{{"prune.zerosAreNotFaster", {}}};

std::vector<std::string> codes(const StepOutcome& outcome, const std::string& layer) {
    std::vector<std::string> found;
    if (const auto notes = outcome.layerNotes.find(layer); notes != outcome.layerNotes.end()) {
        for (const base::Message& message : notes->second)
            found.emplace_back(message.code());
    }
    return found;
}

/// Does each run of M input channels of an output, at each place of the kernel, have N weights at most, in a weight [outputs, inputs, …]?
bool isNOfM(const graph::Graph& graph, const std::string& layer, std::int64_t n, std::int64_t m) {
    const tensor::Tensor& weight = graph.value(*graph.findValue(layer + ".weight")).data;
    const std::vector<float> values = weight.toFloats();
    const std::int64_t outputs = weight.shape()[0], inputs = weight.shape()[1];
    const std::int64_t places = weight.elementCount() / outputs / inputs;
    for (std::int64_t output = 0; output < outputs; ++output) {
        for (std::int64_t place = 0; place < places; ++place) {
            for (std::int64_t first = 0; first + m <= inputs; first += m) {
                std::int64_t kept = 0;
                for (std::int64_t input = first; input < first + m; ++input)
                    kept += values[static_cast<std::size_t>((output * inputs + input) * places + place)] != 0;
                if (kept > n) return false;
            }
        }
    }
    return true;
}

TEST(Unstructured, PatternsKeepNOfMInputChannels) {
    const graph::Graph before = support::lenet5();
    StepOutcome outcome{before, {}, {}, {}};
    Step step = stepWith({{"pattern", "2:4"}});
    step.layers = {{"fc2", {{"pattern", "1:4"}}}, {"fc3", {{"pattern", ""}, {"ratio", 0.25}}}};
    ASSERT_TRUE(support::work(outcome, step));
    EXPECT_TRUE(isNOfM(outcome.graph, "conv2", 2, 4));
    EXPECT_TRUE(isNOfM(outcome.graph, "fc1", 2, 4));
    EXPECT_TRUE(isNOfM(outcome.graph, "fc2", 1, 4));
    EXPECT_EQ(zerosOf(outcome.graph, "fc1"), 24000U);
    EXPECT_EQ(zerosOf(outcome.graph, "fc2"), 7560U);
    EXPECT_EQ(zerosOf(outcome.graph, "fc3"), 210U) << "no pattern: its own ratio";
    EXPECT_EQ(zerosOf(outcome.graph, "conv2"), 800U) << "4 of its 6 channels";
    EXPECT_EQ(weightsOf(outcome.graph, "conv1"), weightsOf(before, "conv1")) << "one channel is no group";
    EXPECT_EQ(codes(outcome, "conv1"), std::vector<std::string>{"prune.partStaysDense"});
    EXPECT_EQ(outcome.layerNotes.at("conv2").front(),
              base::Message("prune.partStaysDense", {{"layer", "conv2"}, {"dense", 800}, {"weights", 2400}, {"pattern", "2:4"}}));
    EXPECT_FALSE(outcome.layerNotes.contains("fc1"));
    EXPECT_EQ(outcome.figures.at("changed_nodes"), 4);
}

TEST(Unstructured, PatternsRemoveWholeBlocks) {
    const graph::Graph before = support::lenet5();
    StepOutcome outcome{before, {}, {}, {}};
    ASSERT_TRUE(support::work(outcome, stepWith({{"pattern", "1x16"}, {"ratio", 0.75}})));
    EXPECT_EQ(codes(outcome, "conv2"), std::vector<std::string>{"prune.partStaysDense"});
    std::size_t zeros = 0, blocks = 0;
    for (const auto& [layer, inputs] : {std::pair<std::string, std::size_t>{"fc1", 400}, {"fc2", 120}, {"fc3", 84}}) {
        const std::vector<float> values = weightsOf(outcome.graph, layer);
        for (std::size_t row = 0; row < values.size() / inputs; ++row) {
            for (std::size_t first = 0; first + 16 <= inputs; first += 16, ++blocks) {
                const auto begin = values.begin() + static_cast<std::ptrdiff_t>(row * inputs + first);
                const auto gone = std::count(begin, begin + 16, 0.0F);
                EXPECT_TRUE(gone == 0 || gone == 16);
                zeros += gone == 16;
            }
        }
    }
    EXPECT_EQ(zeros, static_cast<std::size_t>(0.75 * static_cast<double>(blocks))) << "all layers are ranked together";
}

TEST(Unstructured, RefusesWhatIsNoPattern) {
    StepOutcome outcome{support::lenet5(), {}, {}, {}};
    const auto result = support::work(outcome, stepWith({{"pattern", "4:2"}}));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, base::ErrorCode::Rejected);
    EXPECT_EQ(result.error().message.text().rfind("The pattern \"4:2\" is none that weights can have", 0), 0U) << result.error().message;

    // Before anything runs, also for single layers.
    const auto check = findStepDefinition("prune.unstructured")->check;
    EXPECT_FALSE(check(stepWith({{"pattern", "2x"}})));
    Step step = stepWith({{"pattern", "2:4"}});
    step.layers = {{"fc1", {{"ratio", 0.1}}}, {"fc2", {{"pattern", "1x16"}}}};
    EXPECT_TRUE(check(step));
    step.layers.push_back({"fc3", {{"pattern", "5"}}});
    const auto own = check(step);
    ASSERT_FALSE(own);
    EXPECT_NE(own.error().text().find("(for fc3)"), std::string::npos) << own.error().text();
}

/// Runs the reference on random samples.
void observeRandom(support::TestContext& context, const tensor::Shape& shape, int* passes = nullptr) {
    context.onObserve = [shape, passes](const graph::Graph& graph, const std::vector<graph::ValueId>& values, std::int64_t,
                                        const StepContext::Observer& observer) -> base::Result<> {
        if (passes != nullptr) ++*passes;
        for (const unsigned seed : {1U, 2U, 3U, 4U}) {
            const auto show = [&](graph::ValueId id, const support::Numbers& numbers) {
                if (std::ranges::find(values, id) == values.end()) return;
                observer(id, tensor::Tensor::of(numbers.shape, std::vector<float>(numbers.values.begin(), numbers.values.end())));
            };
            const support::Numbers input = support::randomNumbers(shape, seed);
            show(graph.main.inputs.front(), input);
            (void)support::interpret(graph, input, [&](graph::ValueId id, const support::Numbers& numbers) {
                if (id != graph.main.inputs.front()) show(id, numbers);
            });
        }
        return {};
    };
}

/// The papers' promise on a convolution and a linear layer, and the figure that tells it, against running both graphs.
TEST(Unstructured, LookingAtInputsKeepsTheOutputs) {
    const graph::Graph before = support::smallConvNet(2);
    support::TestContext context;
    observeRandom(context, {2, 2, 10, 10});
    std::map<std::string, double> errors;
    for (const char* by : {"random", "l1", "wanda", "sparsegpt"}) {
        Step step = stepWith({{"criterion", by}, {"scope", "layer"}});
        step.layers = {{"fc", {{"skip", true}}}};
        StepOutcome outcome{before, {}, {}, {}};
        ASSERT_TRUE(support::work(outcome, step, context));
        EXPECT_EQ(zerosOf(outcome.graph, "conv1"), 36U) << by;
        double error = 0, signal = 0;
        graph::Graph layer = before, pruned = outcome.graph;
        layer.main.outputs = pruned.main.outputs = {before.findNode("conv1")->results.front()};
        // without the bias, which stays
        for (graph::Graph* each : {&layer, &pruned})
            each->value(*each->findValue("conv1.bias")).data = tensor::Tensor::zeros(tensor::DType::Float32, {4});
        for (const unsigned seed : {1U, 2U, 3U, 4U}) {
            const auto input = support::randomNumbers({2, 2, 10, 10}, seed);
            const auto was = support::interpret(layer, input), is = support::interpret(pruned, input);
            for (std::size_t i = 0; i < was.values.size(); ++i) {
                error += std::pow(is.values[i] - was.values[i], 2);
                signal += std::pow(was.values[i], 2);
            }
        }
        errors[by] = error / signal;
        const bool looks = std::string(by) == "wanda" || std::string(by) == "sparsegpt";
        ASSERT_EQ(outcome.layers.at("conv1").contains("output_error"), looks);
        if (looks) {
            EXPECT_NEAR(outcome.layers.at("conv1").at("output_error"), error / signal, 1e-5);
        }
    }
    EXPECT_LT(errors["sparsegpt"], errors["wanda"]);
    EXPECT_LT(errors["sparsegpt"], errors["l1"]);
    EXPECT_LT(errors["l1"], errors["random"]);
}

TEST(Unstructured, InputsCountInPatternsToo) {
    support::ModelBuilder builder({4, 12});
    const auto hidden = builder.relu("relu", builder.linear("wide", builder.input(), 12, 40));
    const graph::Graph before = builder.finish(builder.linear("narrow", hidden, 40, 8));
    support::TestContext context;
    int passes = 0;
    observeRandom(context, {4, 12}, &passes);
    for (const char* by : {"wanda", "sparsegpt"}) {
        StepOutcome outcome{before, {}, {}, {}};
        ASSERT_TRUE(support::work(outcome, stepWith({{"criterion", by}, {"pattern", "2:4"}}), context));
        for (const char* layer : {"wide", "narrow"}) {
            EXPECT_TRUE(isNOfM(outcome.graph, layer, 2, 4)) << by;
            EXPECT_EQ(zerosOf(outcome.graph, layer), weightsOf(before, layer).size() / 2);
            EXPECT_GT(outcome.layers.at(layer).at("output_error"), 0);
        }
        EXPECT_EQ(outcome.notes, notFaster);
    }
    EXPECT_EQ(passes, 2) << "all layers in one";
}

/// Wanda compares within an output: each loses its share.
TEST(Unstructured, WandaTakesTheShareOfEachOutput) {
    const graph::Graph before = support::lenet5();
    support::TestContext context;
    context.kind = StepContext::Data::Random;
    StepOutcome outcome{before, {}, {}, {}};
    ASSERT_TRUE(support::work(outcome, stepWith({{"criterion", "wanda"}, {"ratio", 0.25}}), context));
    const std::vector<float> values = weightsOf(outcome.graph, "fc1");
    for (std::size_t row = 0; row < 120; ++row)
        EXPECT_EQ(std::count(values.begin() + static_cast<std::ptrdiff_t>(row * 400),
                             values.begin() + static_cast<std::ptrdiff_t>(row * 400 + 400), 0.0F),
                  100);
    EXPECT_EQ(outcome.notes.front(), base::Message("prune.noActivations", {})) << "random values say nothing";
}

/// Layers that share a weight both count; where they read in different ways, or nothing is seen of them, the magnitude does.
TEST(Unstructured, SaysWhereInputsAreNotKnown) {
    support::ModelBuilder builder({4, 12});
    const auto first = builder.linear("first", builder.input(), 12, 12);
    const auto weight = *builder.graph.findValue("first.weight");
    const auto second = builder.node("aten::linear", "second", {first, weight, graph::Operand()});
    const graph::Graph before = builder.finish(builder.linear("third", second, 12, 5));
    support::TestContext context;
    observeRandom(context, {4, 12});
    StepOutcome seen{before, {}, {}, {}};
    ASSERT_TRUE(support::work(seen, stepWith({{"criterion", "sparsegpt"}}), context));
    EXPECT_EQ(seen.notes, notFaster);
    EXPECT_TRUE(seen.layers.contains("first"));
    EXPECT_FALSE(seen.layers.contains("second")) << "pruned once, under the first name";

    context.onObserve = [](const graph::Graph&, const std::vector<graph::ValueId>&, std::int64_t, const StepContext::Observer&) {
        return base::Result<>();
    };
    StepOutcome unseen{before, {}, {}, {}};
    ASSERT_TRUE(support::work(unseen, stepWith({{"criterion", "sparsegpt"}}), context));
    EXPECT_EQ(codes(unseen, "first"), std::vector<std::string>{"prune.byMagnitude"});
    EXPECT_EQ(zerosOf(unseen.graph, "third"), 30U);

    context.onObserve = [](const graph::Graph&, const std::vector<graph::ValueId>& values, std::int64_t,
                           const StepContext::Observer& show) {
        show(values.front(), tensor::Tensor::of<float>({1, 12}, std::vector<float>(12, std::numeric_limits<float>::infinity())));
        return base::Result<>();
    };
    StepOutcome infinite{before, {}, {}, {}};
    const auto result = support::work(infinite, stepWith({{"criterion", "wanda"}}), context);
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().message.text().find("was NaN or infinite on the samples."), std::string::npos) << result.error().message;
}

/// Gradients tell what a weight does to the loss: here only one weight of each layer does anything.
TEST(Unstructured, TaylorGoesByWeightTimesGradient) {
    const graph::Graph before = support::smallConvNet();
    support::TestContext context;
    context.onGradients = [&](const graph::Graph& graph, const std::vector<graph::ValueId>& weights, std::int64_t samples,
                              std::int64_t batch, const StepContext::GradientObserver& observer) {
        EXPECT_EQ(batch, 1) << "the squares are of each sample, as those of channels";
        EXPECT_EQ(samples, 64);
        std::vector<tensor::Tensor> gradients;
        for (const graph::ValueId weight : weights) {
            const tensor::Shape& shape = graph.value(weight).data.shape();
            std::vector<float> values(static_cast<std::size_t>(tensor::elementCount(shape)), 1e-3F);
            values[5] = 10;
            gradients.push_back(tensor::Tensor::of(shape, values));
        }
        observer(gradients);
        observer(gradients);
        return base::Result<>();
    };
    StepOutcome outcome{before, {}, {}, {}};
    ASSERT_TRUE(support::work(outcome, stepWith({{"criterion", "taylor"}, {"ratio", 0.99}, {"scope", "layer"}, {"samples", 64}}), context));
    EXPECT_NE(weightsOf(outcome.graph, "conv1")[5], 0);
    EXPECT_NE(weightsOf(outcome.graph, "fc")[5], 0);
    EXPECT_EQ(zerosOf(outcome.graph, "conv1"), 71U);
}

TEST(Unstructured, SaysInAFewWordsWhatItDoes) {
    const auto words = [](base::Json parameters) { return briefText(stepWith(std::move(parameters))); };
    EXPECT_EQ(words({}), "sparsify L1 50 %");
    EXPECT_EQ(words({{"criterion", "random"}, {"ratio", 0.8}}), "sparsify random 80 %");
    EXPECT_EQ(words({{"criterion", "sparsegpt"}, {"pattern", "2:4"}}), "sparsify SparseGPT 2:4");
    EXPECT_EQ(words({{"criterion", "wanda"}, {"pattern", "1x16"}}), "sparsify Wanda 50 % 1x16");
}

} // namespace
} // namespace lathe::steps
