#include <core/steps/factorize.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <core/base/message_json.h>
#include <core/graph/editor.h>
#include <core/graph/operators/names.h>
#include <core/graph/parameters.h>
#include <core/steps/apply_step.h>
#include <tests/support/graphs.h>
#include <tests/support/reference_interpreter.h>
#include <tests/support/step_context.h>

namespace lathe::steps {
namespace {

Step stepWith(base::Json parameters) { return {"factorize", true, std::move(parameters), {}}; }

/// Shows the values that random inputs have, as the reference computes them.
void observeRandom(support::TestContext& context, const tensor::Shape& shape, std::vector<graph::ValueId>* asked = nullptr) {
    context.onObserve = [shape, asked](const graph::Graph& graph, const std::vector<graph::ValueId>& values, std::int64_t,
                                       const StepContext::Observer& observer) -> base::Result<> {
        if (asked != nullptr) *asked = values;
        for (const unsigned seed : {1U, 2U, 3U}) {
            (void)support::interpret(graph, support::randomNumbers(shape, seed), [&](graph::ValueId id, const support::Numbers& numbers) {
                if (std::ranges::find(values, id) == values.end()) return;
                observer(id, tensor::Tensor::of(numbers.shape, std::vector<float>(numbers.values.begin(), numbers.values.end())));
            });
        }
        return {};
    };
}

TEST(Factorize, KeepsAShareOfTheParameters) {
    const graph::Graph before = support::lenet5();
    support::TestContext context;
    const auto outcome = applyStep(before, stepWith({{"criterion", "weights"}, {"share", 0.5}}), context);
    ASSERT_TRUE(outcome) << outcome.error().text();
    for (const char* layer : {"fc1", "fc2", "conv2"}) {
        const auto& figures = outcome->layers.at(layer);
        EXPECT_LE(figures.at("parameters_after"), 0.5 * figures.at("parameters_before")) << layer;
        EXPECT_GT(figures.at("parameters_after"), 0.4 * figures.at("parameters_before")) << layer;
        EXPECT_GT(figures.at("loss"), 0);
        EXPECT_FALSE(figures.contains("output_error"));
    }
    EXPECT_EQ(outcome->layers.at("fc1").at("rank"), 46); // 46 · (400 + 120) of 48 000
    EXPECT_LT(outcome->figures.at("parameters_after"), 0.55 * outcome->figures.at("parameters_before"));
}

TEST(Factorize, OfFullEnergyChangesNothingThatOneSees) {
    // Layers of low rank: there full energy is found with few.
    graph::Graph before = support::lenet5();
    graph::Value& weight = before.value(*before.findValue("fc1.weight"));
    std::vector<float> values(120 * 400);
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<float>(i / 400 % 7) * static_cast<float>(i % 400 % 5) / 100 - static_cast<float>(i % 3) / 10;
    weight.data = tensor::Tensor::of({120, 400}, values);
    support::TestContext context;
    Step step = stepWith({{"criterion", "weights"}, {"target", "energy"}, {"energy", 0.999999}});
    step.where = {"fc1"};
    const auto outcome = applyStep(before, step, context);
    ASSERT_TRUE(outcome) << outcome.error().text();
    EXPECT_LE(outcome->layers.at("fc1").at("rank"), 4);
    const auto input = support::randomNumbers({1, 1, 32, 32}, 2);
    EXPECT_LT(support::maxDifference(support::interpret(before, input), support::interpret(outcome->graph, input)), 2e-2);
    EXPECT_TRUE(outcome->layerNotes.contains("conv1")) << "the rule leaves it out";
}

/// The gain that the papers promise: the error of what the model gives is smaller where samples counted.
TEST(Factorize, SamplesMakeTheErrorOfTheOutputsSmaller) {
    const graph::Graph before = support::smallConvNet();
    support::TestContext context;
    observeRandom(context, {1, 2, 10, 10});
    const base::Json rank{{"target", "rank"}, {"rank", 2}};
    base::Json weights = rank;
    weights["criterion"] = "weights";
    const auto aware = applyStep(before, stepWith(rank), context), plain = applyStep(before, stepWith(weights), context);
    ASSERT_TRUE(aware && plain);
    EXPECT_GT(aware->layers.at("conv1").at("output_error"), 0);
    double ofAware = 0, ofPlain = 0;
    for (const unsigned seed : {1U, 2U, 3U}) {
        const auto input = support::randomNumbers({1, 2, 10, 10}, seed);
        const auto expected = support::interpret(before, input);
        const auto a = support::interpret(aware->graph, input), p = support::interpret(plain->graph, input);
        for (std::size_t i = 0; i < expected.values.size(); ++i) {
            ofAware += std::pow(a.values[i] - expected.values[i], 2);
            ofPlain += std::pow(p.values[i] - expected.values[i], 2);
        }
    }
    EXPECT_LT(ofAware, 0.8 * ofPlain);
}

/// What a fused layer gives before its ReLU is what counts, and what a wide layer reads.
TEST(Factorize, LooksInFrontOfTheReluAndAtTheNarrowSide) {
    support::ModelBuilder builder({4, 6});
    const auto hidden = builder.relu("wide_relu", builder.linear("wide", builder.input(), 6, 40));
    const graph::Graph before = builder.finish(builder.relu("narrow_relu", builder.linear("narrow", hidden, 40, 8)));
    graph::Graph fused = before;
    {
        graph::Editor editor(fused);
        for (const std::string name : {"wide", "narrow"}) {
            graph::Node &layer = *editor.findNode(name), &relu = *editor.findNode(name + "_relu");
            layer.op = std::string(graph::op::linearRelu);
            editor.replaceUses(relu.results.front(), layer.results.front());
            editor.erase(relu);
        }
    }
    const Step step = stepWith({{"target", "rank"}, {"rank", 3}});
    std::vector<std::vector<float>> weights;
    for (const graph::Graph& model : {before, fused}) {
        std::vector<graph::ValueId> asked;
        support::TestContext context;
        observeRandom(context, {4, 6}, &asked);
        const auto outcome = applyStep(model, step, context);
        ASSERT_TRUE(outcome) << outcome.error().text();
        EXPECT_EQ(asked.front(), model.main.inputs.front());
        for (const char* layer : {"wide", "narrow"}) {
            EXPECT_EQ(outcome->layers.at(layer).at("rank"), 3);
            EXPECT_GT(outcome->layers.at(layer).at("output_error"), 0) << layer;
            EXPECT_EQ(outcome->graph.findNode(layer)->op, model.findNode(layer)->op);
        }
        weights.push_back(outcome->graph.value(*outcome->graph.findValue("narrow_in.weight")).data.toFloats());
    }
    EXPECT_EQ(weights[0], weights[1]) << "what the ReLU cuts off counts too";
}

TEST(Factorize, SaysWhatStaysAsItIs) {
    support::TestContext context;
    Step step = stepWith({{"criterion", "weights"}, {"share", 0.9}, {"method", "spatial"}});
    step.layers = {{"fc2", {{"skip", true}}}, {"fc1", {{"target", "rank"}, {"rank", 100}}}};
    const auto outcome = applyStep(support::lenet5(), step, context);
    ASSERT_TRUE(outcome);
    const auto code = [&](const char* layer) {
        const auto found = outcome->layerNotes.find(layer);
        return found == outcome->layerNotes.end() ? std::string() : std::string(found->second.front().code());
    };
    EXPECT_EQ(code("fc1"), "factorize.wouldGrow") << "100 · (400 + 120) are more than 48 000";
    EXPECT_EQ(code("fc2"), "prune.skipped");
    EXPECT_EQ(outcome->graph.findNode("fc1_in"), nullptr);

    // Shared, quantized and computed weights.
    graph::Graph shared = support::lenet5();
    shared.main.outputs.emplace_back(*shared.findValue("fc1.weight"));
    EXPECT_EQ(applyStep(shared, step, context)->layerNotes.at("fc1").front().code(), std::string("factorize.sharesWeight"));
    const auto quantized = applyStep(support::lenet5(), {"quantize.weight_only", true, base::Json::object(), {}}, context);
    EXPECT_EQ(applyStep(quantized->graph, step, context)->layerNotes.at("fc1").front().code(), std::string("quantize.alreadyQuantized"));

    graph::Graph notANumber = support::lenet5();
    notANumber.value(*notANumber.findValue("fc1.weight")).data =
        tensor::Tensor::of<float>({120, 400}, std::vector<float>(48000, std::numeric_limits<float>::quiet_NaN()));
    EXPECT_FALSE(applyStep(notANumber, step, context));
}

TEST(Factorize, WithoutSamplesTheWeightsCount) {
    support::TestContext context;
    context.kind = StepContext::Data::Random;
    const auto outcome = applyStep(support::lenet5(), stepWith(base::Json::object()), context);
    ASSERT_TRUE(outcome);
    EXPECT_TRUE(std::ranges::any_of(outcome->notes, [](const base::Message& note) { return note.code() == "factorize.noActivations"; }));
    const auto preview = previewStep(support::lenet5(), stepWith(base::Json::object()));
    ASSERT_TRUE(preview) << "nothing is observed";
    EXPECT_EQ(preview->figures.at("parameters_after"), outcome->figures.at("parameters_after"));
}

TEST(Factorize, MacsCountWhereShapesAreKnown) {
    support::TestContext context;
    Step step = stepWith({{"criterion", "weights"}, {"target", "macs"}, {"method", "tucker"}});
    step.where = {"conv2"};
    const graph::Graph before = support::lenet5();
    const auto outcome = applyStep(before, step, context);
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->figures.at("changed_nodes"), 1);
    graph::Graph unknown = before;
    for (graph::Value& value : unknown.values) {
        if (value.kind != graph::ValueKind::Weight) value.shape.reset();
    }
    EXPECT_EQ(applyStep(unknown, step, context)->layerNotes.at("conv2").front().code(), std::string("factorize.macsUnknown"));
}

/// What the window draws is what the step does.
TEST(Factorize, TheSpectrumOfALayerSaysWhatEachRankWouldBe) {
    const graph::Graph graph = support::lenet5();
    const Step step = stepWith({{"criterion", "weights"}, {"share", 0.5}});
    support::TestContext context;
    const auto outcome = applyStep(graph, step, context);
    ASSERT_TRUE(outcome);
    for (const std::string layer : {"fc1", "conv2"}) {
        const auto spectrum = layerSpectrum(graph, step, layer);
        ASSERT_TRUE(spectrum) << layer;
        EXPECT_EQ(static_cast<double>(spectrum->rank), outcome->layers.at(layer).at("rank"));
        EXPECT_EQ(static_cast<double>(spectrum->before.parameters), outcome->layers.at(layer).at("parameters_before"));
        ASSERT_GT(spectrum->points.size(), 5U);
        EXPECT_LE(spectrum->points.size(), 128U);
        EXPECT_NEAR(spectrum->points.back().energy, 1, 1e-9);
        EXPECT_EQ(spectrum->points.back().rank, spectrum->before.rank);
        for (std::size_t at = 1; at < spectrum->points.size(); ++at) {
            const RankPoint &low = spectrum->points[at - 1], &high = spectrum->points[at];
            EXPECT_LT(low.rank, high.rank);
            EXPECT_LE(low.energy, high.energy);
            EXPECT_LT(low.parameters, high.parameters);
            EXPECT_LT(*low.macs, *high.macs);
        }
        const auto chosen = std::ranges::find(spectrum->points, spectrum->rank, &RankPoint::rank);
        ASSERT_NE(chosen, spectrum->points.end());
        EXPECT_EQ(static_cast<double>(chosen->parameters), outcome->layers.at(layer).at("parameters_after"));
        const auto& figures = outcome->layers.at(layer);
        EXPECT_NEAR(1 - chosen->energy, figures.at("loss") / figures.at("signal"), 1e-4);
    }
    Step skipped = step;
    skipped.where = {"!fc1"};
    EXPECT_FALSE(layerSpectrum(graph, skipped, "fc1"));
    EXPECT_FALSE(layerSpectrum(graph, step, "pool1"));
}

} // namespace
} // namespace lathe::steps
