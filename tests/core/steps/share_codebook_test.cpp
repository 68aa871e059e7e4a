#include <core/steps/share_codebook.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <gtest/gtest.h>

#include <core/graph/layer_weight.h>
#include <core/graph/operators/call.h>
#include <core/graph/operators/names.h>
#include <core/graph/parameters.h>
#include <core/quantization/shared_weight.h>
#include <core/steps/apply_step.h>
#include <tests/support/graphs.h>
#include <tests/support/reference_interpreter.h>
#include <tests/support/step_context.h>

namespace lathe::steps {
namespace {

Step stepWith(base::Json parameters) { return {"share.codebook", true, std::move(parameters), {}}; }

base::Result<StepOutcome> applied(const graph::Graph& graph, const Step& step) {
    support::TestContext context;
    return applyStep(graph, step, context);
}

/// As the layer reads them.
std::vector<float> weightsOf(const graph::Graph& graph, const std::string& layer) {
    const graph::UseIndex uses(graph);
    const auto info = graph::layerWeightOf(graph, uses, *graph.findNode(layer));
    return info ? quantization::storedElements(graph, *info).toFloats() : std::vector<float>();
}

std::size_t different(const std::vector<float>& values) { return std::set<float>(values.begin(), values.end()).size(); }

TEST(ShareCodebook, LeavesAsManyNumbersAsItsBitsSay) {
    const graph::Graph before = support::lenet5();
    for (const int bits : {2, 4}) {
        const auto outcome = applied(before, stepWith({{"bits", bits}}));
        ASSERT_TRUE(outcome) << outcome.error().text();
        for (const char* layer : {"conv1", "conv2", "fc1", "fc2", "fc3"}) {
            const auto old = weightsOf(before, layer), now = weightsOf(outcome->graph, layer);
            EXPECT_EQ(different(now), std::size_t{1} << bits) << layer;
            double squares = 0;
            for (std::size_t i = 0; i < old.size(); ++i)
                squares += std::pow(static_cast<double>(old[i]) - static_cast<double>(now[i]), 2);
            EXPECT_NEAR(outcome->layers.at(layer).at("loss"), squares / 2, 1e-6 * squares);
            EXPECT_EQ(outcome->layers.at(layer).at("bits"), bits);
        }
        EXPECT_EQ(outcome->figures.at("changed_nodes"), 5);
        EXPECT_EQ(graph::parameterCount(outcome->graph), graph::parameterCount(before)) << "fewer bits, not fewer weights";
    }
}

TEST(ShareCodebook, SmallerErrorWithMoreBitsAndMoreCodebooks) {
    const graph::Graph before = support::lenet5();
    const auto loss = [&](base::Json parameters) { return applied(before, stepWith(std::move(parameters)))->layers.at("fc1").at("loss"); };
    EXPECT_LT(loss({{"bits", 4}}), 0.2 * loss({{"bits", 2}}));
    EXPECT_LT(loss({{"bits", 3}, {"granularity", "channel"}}), loss({{"bits", 3}, {"granularity", "group"}, {"group_size", 30}}));
    EXPECT_LT(loss({{"bits", 3}, {"granularity", "group"}, {"group_size", 30}}), loss({{"bits", 3}}));
}

TEST(ShareCodebook, SettingsOfALayerCountForIt) {
    Step step = stepWith({{"bits", 4}});
    step.layers = {{"fc*", {{"bits", 2}}}, {"fc3", {{"skip", true}}}};
    const auto outcome = applied(support::lenet5(), step);
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->layers.at("conv1").at("bits"), 4);
    EXPECT_EQ(outcome->layers.at("fc1").at("bits"), 2);
    EXPECT_FALSE(outcome->layers.contains("fc3"));
    EXPECT_EQ(outcome->layerNotes.at("fc3").front().text(), "\"fc3\" is skipped.");
}

TEST(ShareCodebook, ALayerThatWouldGrowStaysAsItIs) {
    // conv1 has 25 weights for each channel: 256 numbers for them take more.
    const auto outcome = applied(support::lenet5(), stepWith({{"bits", 8}, {"granularity", "channel"}}));
    ASSERT_TRUE(outcome);
    ASSERT_TRUE(outcome->layerNotes.contains("conv1"));
    EXPECT_EQ(outcome->layerNotes.at("conv1").front().text(),
              "\"conv1\" stays as it is: indices and codebooks take 750 bytes, the weight 600.");
    EXPECT_TRUE(outcome->graph.value(*outcome->graph.findValue("conv1.weight")).isParameter);
}

TEST(ShareCodebook, OfAlreadySharedAndOfQuantizedLayersNothingIsChanged) {
    const auto once = applied(support::lenet5(), stepWith({}));
    ASSERT_TRUE(once);
    const auto twice = applied(once->graph, stepWith({}));
    ASSERT_TRUE(twice);
    EXPECT_EQ(twice->layerNotes.at("fc1").front().text(), "\"fc1\" shares its numbers already.");
    EXPECT_EQ(twice->warnings.front().text(), "No weights share numbers now.");

    const auto quantized = applied(support::lenet5(), {"quantize.weight_only", true, base::Json::object(), {}});
    ASSERT_TRUE(quantized);
    EXPECT_EQ(applied(quantized->graph, stepWith({}))->layerNotes.at("fc1").front().text(), "\"fc1\" is already quantized.");
}

TEST(ShareCodebook, StepsBehindItSayWhatTheyCannotDo) {
    const auto shared = applied(support::lenet5(), stepWith({}));
    ASSERT_TRUE(shared);
    const auto quantized = applied(shared->graph, {"quantize.weight_only", true, base::Json::object(), {}});
    ASSERT_TRUE(quantized);
    EXPECT_EQ(quantized->layerNotes.at("fc1").front().text(), "\"fc1\" is not quantized: its weights share the numbers of a codebook.");
    const auto factorized = applied(shared->graph, {"factorize", true, {{"criterion", "weights"}}, {}});
    ASSERT_TRUE(factorized);
    EXPECT_EQ(factorized->layerNotes.at("fc1").front().text(), "\"fc1\" stays as it is: its weights share the numbers of a codebook.");
    const auto sparse = applied(shared->graph, {"prune.unstructured", true, base::Json::object(), {}});
    ASSERT_FALSE(sparse);
    EXPECT_EQ(sparse.error().message, "\"conv1\" shares the numbers of a codebook; move the pruning step before the sharing.");
    const auto narrow = applied(shared->graph, {"prune.structured", true, base::Json::object(), {}});
    ASSERT_TRUE(narrow);
    EXPECT_TRUE(graph::structurallyEqual(narrow->graph, shared->graph));
    const auto folded = applied(shared->graph, {"clean.fold_constants", true, base::Json::object(), {}});
    ASSERT_TRUE(folded);
    EXPECT_TRUE(graph::structurallyEqual(folded->graph, shared->graph));
}

TEST(ShareCodebook, PrunedWeightsStayZero) {
    const auto sparse = applied(support::lenet5(), {"prune.unstructured", true, {{"ratio", 0.8}}, {}});
    ASSERT_TRUE(sparse);
    const auto outcome = applied(sparse->graph, stepWith({{"bits", 3}}));
    ASSERT_TRUE(outcome);
    for (const char* layer : {"conv2", "fc1"}) {
        const auto before = weightsOf(sparse->graph, layer), after = weightsOf(outcome->graph, layer);
        for (std::size_t i = 0; i < before.size(); ++i)
            ASSERT_EQ(before[i] == 0, after[i] == 0);
    }
}

/// A weight of two layers becomes one pair of indices and codebook.
TEST(ShareCodebook, AWeightOfTwoLayersIsSharedOnce) {
    support::ModelBuilder builder({3, 8});
    const auto hidden = builder.linear("first", builder.input(), 8, 8);
    graph::Graph graph = builder.finish(builder.linear("second", hidden, 8, 8));
    graph::setOperand(*graph.findNode("second"), "weight", *graph.findValue("first.weight"));
    const auto outcome = applied(graph, stepWith({{"bits", 2}}));
    ASSERT_TRUE(outcome) << outcome.error().text();
    EXPECT_EQ(outcome->layerNotes.at("second").front().text(), "\"second\" has the weight of a layer before it.");
    EXPECT_EQ(weightsOf(outcome->graph, "first"), weightsOf(outcome->graph, "second"));
    EXPECT_EQ(std::ranges::count(outcome->graph.main.nodes, "lathe::lookup", &graph::Node::op), 1);
}

TEST(ShareCodebook, TablesOfEmbeddingsToo) {
    const auto outcome = applied(support::wordModel(), stepWith({{"bits", 3}}));
    ASSERT_TRUE(outcome) << outcome.error().text();
    EXPECT_EQ(different(weightsOf(outcome->graph, "table")), 8U);
    EXPECT_EQ(different(weightsOf(outcome->graph, "fc1")), 8U);
}

TEST(ShareCodebook, NanIsASentence) {
    graph::Graph graph = support::lenet5();
    graph::Value& weight = graph.value(*graph.findValue("fc2.weight"));
    std::vector<float> values = weight.data.toFloats();
    values[7] = std::numeric_limits<float>::quiet_NaN();
    weight.data = tensor::Tensor::of(weight.data.shape(), values);
    const auto outcome = applied(graph, stepWith({}));
    ASSERT_FALSE(outcome);
    EXPECT_NE(outcome.error().text().find("\"fc2.weight\" holds NaN or infinity (first at element 7)."), std::string::npos);
}

} // namespace
} // namespace lathe::steps
