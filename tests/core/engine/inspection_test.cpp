#include <core/engine/inspection.h>

#include <numeric>

#include <gtest/gtest.h>

#include <core/engine/comparison.h>
#include <core/engine/fitted_model.h>
#include <core/formats/model_file.h>
#include <core/runtime/device.h>
#include <tests/core/engine/sample_model.h>

namespace lathe::engine {
namespace {

/// Of int8 weights where activations are quantized, too (core/decisions/0004).
const int bitsHere = runtime::cpuHasVnni() ? 8 : 7;

graph::Graph annotatedSample() {
    graph::Graph graph = support::sampleModel().graph;
    EXPECT_TRUE(annotate(graph, *data::openDataset(support::smallData).value()));
    return graph;
}

TEST(InspectReport, CountsWhatIsInTheSample) {
    const auto report = inspectReport(support::sampleModel());
    EXPECT_EQ(report.format, "torchscript");
    EXPECT_EQ(report.parameters, 61706);
    EXPECT_TRUE(report.runs);
    EXPECT_TRUE(report.problems.empty());
    const auto uses = std::accumulate(report.operators.begin(), report.operators.end(), std::int64_t{0},
                                      [](auto sum, const auto& use) { return sum + use.count; });
    EXPECT_EQ(uses, report.nodes);
}

formats::OpenedModel exported(const char* name) {
    auto model = formats::openModel(std::filesystem::path(LATHE_SOURCE_DIR) / "tests/data/exported" / name);
    EXPECT_TRUE(model) << model.error().text();
    return std::move(model.value());
}

TEST(InspectReport, OutputsHaveTheirKeys) {
    const auto report = inspectReport(exported("multiple_outputs.pt2"));
    EXPECT_EQ(report.outputs,
              (std::vector<std::string>{"max_out0: float32[2]", "where: int64[2]", "scaled: float32[2,3]", "cat_out: float32[2,6]"}));
}

TEST(InspectReport, TellsWhatIsKeptFromCallToCall) {
    EXPECT_EQ(inspectReport(exported("counter.pt2")).state, (std::vector<std::string>{"calls: float32[1]"}));
    EXPECT_TRUE(inspectReport(exported("lenet.pt2")).state.empty());
}

TEST(LayerInfos, KnowWhatShrinksTogether) {
    const graph::Graph graph = annotatedSample();
    auto layers = layerInfos(graph);
    const auto groups = groupLayers(layers, graph);
    ASSERT_EQ(layers.size(), 5U);
    EXPECT_EQ(layers[0].name, "conv1");
    EXPECT_EQ(layers[0].macs, 6 * 28 * 28 * 25);
    ASSERT_GE(layers[1].group, 0);
    EXPECT_EQ(groups[static_cast<std::size_t>(layers[1].group)], (client::LayerGroup{"conv2", "fc1"})); // conv2's channels are fc1's inputs
    EXPECT_EQ(layers[4].group, -1);                                                                     // the classifier is never pruned
}

TEST(LayerInfos, BitsAreThoseThatAreStored) {
    const auto model = formats::openModel(std::filesystem::path(LATHE_SOURCE_DIR) / "tests/data/quantized/static_traced.pt").value();
    const auto layers = layerInfos(model.graph);
    ASSERT_FALSE(layers.empty());
    for (const client::LayerInfo& layer : layers)
        EXPECT_EQ(layer.bits, 8) << layer.name;
    for (const client::LayerInfo& layer : layerInfos(annotatedSample()))
        EXPECT_EQ(layer.bits, 32) << layer.name;
}

TEST(Preview, ShowsSizesAndLossesPerStage) {
    const auto reply = preview(annotatedSample(), support::shortRecipe());
    EXPECT_FALSE(reply.error);
    ASSERT_EQ(reply.stages.size(), 5U);
    EXPECT_EQ(reply.stages[2].parameters, 15738);
    EXPECT_EQ(reply.stages[2].macs, 133740);
    EXPECT_LT(reply.stages[4].weightBytes, 20000);
    EXPECT_EQ(reply.layers[0].bits, bitsHere);
    EXPECT_GT(*reply.layers[0].loss, 0);
}

TEST(Preview, FollowsTheRuleOfAStep) {
    const auto recipe = support::recipeOf(R"({"lathe": 1, "steps": [{"op": "quantize.weight_only", "where": ["!first", "!last"]}]})");
    const auto reply = preview(annotatedSample(), recipe);
    ASSERT_FALSE(reply.error) << *reply.error;
    ASSERT_EQ(reply.layers.size(), 5U);
    for (const std::size_t index : {0U, 4U}) {
        EXPECT_TRUE(reply.layers[index].keepFloat);
        EXPECT_EQ(reply.layers[index].bits, 32);
    }
    for (const std::size_t index : {1U, 2U, 3U}) {
        EXPECT_FALSE(reply.layers[index].keepFloat);
        EXPECT_EQ(reply.layers[index].bits, 8);
    }
    EXPECT_FALSE(weights(annotatedSample(), recipe, "conv1", 8)->quantized);
    EXPECT_TRUE(weights(annotatedSample(), recipe, "conv2", 8)->quantized);
}

TEST(Preview, SaysThatNoLayerFits) {
    const auto recipe =
        support::recipeOf(R"({"lathe": 1, "steps": [{"op": "fuse.conv_relu"}, {"op": "quantize.weight_only", "where": ["cnv*"]}]})");
    const auto reply = preview(annotatedSample(), recipe);
    ASSERT_TRUE(reply.error);
    EXPECT_EQ(*reply.error, "no layer fits \"cnv*\"; nearest: \"conv1\" (step 2 (quantize.weight_only))");
    EXPECT_EQ(reply.stages.size(), 1U);
}

TEST(Preview, KeepsTheStagesBeforeAMistake) {
    const auto recipe = support::recipeOf(
        R"({"lathe": 1, "steps": [{"op": "fuse.conv_relu"}, {"op": "quantize.weight_only"}, {"op": "prune.unstructured"}, {"op": "clean.dead_code"}]})");
    const auto reply = preview(annotatedSample(), recipe);
    ASSERT_TRUE(reply.error);
    EXPECT_EQ(*reply.error, "\"conv1\" is already quantized; move the pruning step before the quantization. (step 3 (prune.unstructured))");
    ASSERT_EQ(reply.stages.size(), 2U);
    EXPECT_EQ(reply.stages[1].changed, true);
    ASSERT_EQ(reply.layers.size(), 5U);
    EXPECT_EQ(reply.layers[0].name, "conv1");
    EXPECT_EQ(reply.layers[0].bits, 8);
}

TEST(Preview, SaysWhichLayersStayFloat) {
    const auto recipe = support::recipeOf(R"({"lathe": 1, "steps": [{"op": "quantize.static", "layers": {"fc3": {"keep": "float"}}}]})");
    const auto reply = preview(annotatedSample(), recipe);
    EXPECT_TRUE(reply.layers[4].keepFloat);
    EXPECT_EQ(reply.layers[4].bits, 32);
    EXPECT_FALSE(reply.layers[0].keepFloat);
    EXPECT_EQ(reply.layers[0].bits, bitsHere);
}

TEST(Preview, LayersStayCoupledWhenTheyAreQuantized) {
    for (const auto& recipe : {support::recipeOf(R"({"lathe": 1, "steps": [{"op": "quantize.static"}]})"), support::shortRecipe()}) {
        const auto reply = preview(annotatedSample(), recipe);
        ASSERT_GE(reply.layers[1].group, 0);
        EXPECT_EQ(reply.groups[static_cast<std::size_t>(reply.layers[1].group)], (client::LayerGroup{"conv2", "fc1"}));
    }
}

TEST(Preview, SaysWhatAStepDidNotDo) {
    graph::Graph unknown = support::sampleModel().graph; // without data: no shapes
    for (graph::Value& value : unknown.values)
        if (value.kind != graph::ValueKind::Weight) value.shape.reset();
    const auto recipe = support::recipeOf(
        R"({"lathe": 1, "steps": [{"op": "fuse.conv_bn"}, {"op": "prune.structured"}, {"op": "finetune", "learning_rate": 0},
            {"op": "quantize.weight_only", "layers": {"fc3": {"keep": "float"}}}]})");
    const auto reply = preview(unknown, recipe);
    ASSERT_EQ(reply.stages.size(), 4U);
    EXPECT_EQ(reply.stages[0].changed, false);
    EXPECT_EQ(reply.stages[0].warnings.size(), 1U);
    EXPECT_EQ(reply.stages[1].changed, false);
    EXPECT_NE(reply.stages[1].warnings.front().text().find("shapes"), std::string::npos);
    EXPECT_EQ(reply.stages[2].changed, std::nullopt);
    EXPECT_EQ(reply.stages[2].warnings, std::vector<base::Message>{"Nothing is trained: the learning rate is 0."});
    EXPECT_EQ(reply.stages[3].changed, true);
    EXPECT_TRUE(reply.stages[3].warnings.empty());
    EXPECT_GT(reply.stages[3].macsUnknownLayers, 0);
    const std::vector<client::LayerNote>& notes = reply.layers[4].notes;
    ASSERT_EQ(notes.size(), 2U);
    EXPECT_EQ(notes[0].step, 1);
    EXPECT_EQ(notes[1], (client::LayerNote{3, "\"fc3\" is kept in float."}));
    EXPECT_EQ(reply.layers[4].macs, std::nullopt);
}

TEST(Preview, ModelsWithoutParametersCannotBeTrained) {
    graph::Graph graph = annotatedSample();
    for (graph::Value& value : graph.values)
        value.isParameter = false;
    const auto reply = preview(graph, support::recipeOf(R"({"lathe": 1, "steps": [{"op": "finetune"}]})"));
    EXPECT_EQ(reply.stages.front().warnings, std::vector<base::Message>{"The model has no parameters to train."});
}

TEST(GraphAfter, CountsSteps) {
    const graph::Graph original = annotatedSample();
    const auto recipe = support::shortRecipe();
    EXPECT_TRUE(graph::structurallyEqual(*graphAfter(original, recipe, -1), original));
    EXPECT_NE(graphAfter(original, recipe, 1)->findNode("conv1")->op, original.findNode("conv1")->op);
    EXPECT_TRUE(graphAfter(original, recipe, 99)); // more than there are: all
}

TEST(Weights, AreCountedIntoBins) {
    const auto reply = weights(annotatedSample(), support::shortRecipe(), "conv1", 16);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->count, 150);
    EXPECT_EQ(std::accumulate(reply->histogram.counts.begin(), reply->histogram.counts.end(), std::int64_t{0}), 150);
    EXPECT_EQ(reply->channels.size(), 6U);
    EXPECT_LE(reply->minimum, reply->mean);
    ASSERT_TRUE(reply->quantized);
    EXPECT_EQ(reply->quantized->bits, bitsHere);
    EXPECT_EQ(weights(annotatedSample(), {}, "conv9", 16).error().code, base::ErrorCode::NotFound);
}

TEST(Weights, SayWhatNumbersTheyShare) {
    const auto recipe =
        support::recipeOf(R"({"lathe": 1, "steps": [{"op": "share.codebook", "bits": 3, "layers": {"fc1": {"granularity": "channel"}}}]})");
    const auto one = weights(annotatedSample(), recipe, "conv2", 16), several = weights(annotatedSample(), recipe, "fc1", 16);
    ASSERT_TRUE(one && several);
    ASSERT_TRUE(one->codebook && several->codebook);
    EXPECT_EQ(one->codebook->bits, 3);
    EXPECT_EQ(one->codebook->codebooks, 1);
    EXPECT_EQ(one->codebook->numbers.size(), 8U);
    EXPECT_EQ(several->codebook->codebooks, 120);
    EXPECT_EQ(several->codebook->numbers.size(), 256U) << "no more are told";
    EXPECT_FALSE(weights(annotatedSample(), {}, "conv2", 16)->codebook);

    const auto reply = preview(annotatedSample(), recipe);
    EXPECT_EQ(reply.stages[0].parameters, 61706);
    EXPECT_LT(reply.stages[0].weightBytes, 61706 * 3 / 8 + 8000);
    EXPECT_EQ(reply.layers[1].bits, 3);
    EXPECT_EQ(reply.layers[1].parameters, 2416);
    EXPECT_GT(*reply.layers[1].sqnrDb, 8);
}

TEST(Weights, SayWhatEachRankWouldBe) {
    const auto recipe = support::recipeOf(R"({"lathe": 1, "steps": [{"op": "fuse.conv_relu"}, {"op": "factorize", "where": ["fc1"]}]})");
    const auto reply = weights(annotatedSample(), recipe, "fc1", 16);
    ASSERT_TRUE(reply && reply->spectrum);
    EXPECT_EQ(reply->spectrum->step, 1);
    EXPECT_EQ(reply->spectrum->rank, 46);
    EXPECT_EQ(reply->spectrum->before.parameters, 48000);
    EXPECT_EQ(reply->spectrum->points.back().rank, 120);
    EXPECT_FALSE(weights(annotatedSample(), recipe, "fc2", 16)->spectrum) << "the rule leaves it out";
}

} // namespace
} // namespace lathe::engine
