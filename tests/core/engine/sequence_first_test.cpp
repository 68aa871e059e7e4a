// Models of sequences that have the batch on their second dimension, from the file through evaluation, calibration, training and measuring
// to each export.
#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/data/in_memory_dataset.h>
#include <core/data/model_dataset.h>
#include <core/data/npz.h>
#include <core/engine/comparison.h>
#include <core/engine/export_model.h>
#include <core/engine/fitted_model.h>
#include <core/engine/recipe_runner.h>
#include <core/formats/format_table.h>
#include <core/graph/layers.h>
#include <core/measure/evaluate_torch.h>
#include <tests/core/engine/sample_model.h>
#include <tests/support/graphs.h>

namespace lathe::engine {
namespace {

using data::CallShape;
using graph::Literal;
using graph::Operand;
using graph::ValueId;
using support::number;
using tensor::Tensor;

constexpr std::int64_t samples = 7, steps = 5;
const Operand yes = Literal(true), no = Literal(false);

enum class Layout { SequenceFirst, BatchFirst };

/// x and the state h of before → GRU → mean over time → linear "fc" with two classes; also gives the results of all steps and the state.
/// Either way the layer has [time, batch, features]: batch first, the model turns x, the state and its results round.
graph::Graph model(Layout layout) {
    graph::Graph graph;
    graph.name = "sequences";
    const ValueId x = graph.addInput("x"), h = graph.addInput("h");
    const auto turned = [&](const char* name, ValueId value) {
        if (layout == Layout::SequenceFirst) return value;
        return graph.addNode("aten::transpose.int", name, {value, number(0), number(1)}).results[0];
    };
    const std::vector<Operand> parameters{graph.addWeight("gru.weight_ih", support::randomTensor({12, 3}, 1)),
                                          graph.addWeight("gru.weight_hh", support::randomTensor({12, 4}, 2)),
                                          graph.addWeight("gru.bias_ih", support::randomTensor({12}, 3)),
                                          graph.addWeight("gru.bias_hh", support::randomTensor({12}, 4))};
    const auto results =
        graph
            .addNode("aten::gru.input", "gru",
                     {turned("x_turned", x), turned("h_turned", h), parameters, yes, number(1), Literal(0.0), no, no, no}, 2)
            .results;
    const auto mean = graph.addNode("aten::mean.dim", "mean", {results[0], support::ints({0}), no, Operand()}).results[0];
    const auto weight = graph.addWeight("fc.weight", support::randomTensor({2, 4}, 5));
    graph.main.outputs = {graph.addNode(std::string(graph::op::linear), "fc", {mean, weight, Operand()}).results[0],
                          turned("y_turned", results[0]), turned("state_turned", results[1])};
    return graph;
}

Tensor sequences() { return support::randomTensor({samples, steps, 3}, 8); }
Tensor states() { return support::randomTensor({samples, 1, 4}, 9); }
std::shared_ptr<const data::Dataset> dataset() {
    const Tensor labels = Tensor::of<std::int64_t>({samples}, {0, 1, 1, 0, 1, 0, 0});
    const data::SplitContent split{sequences(), labels, {states()}};
    return data::InMemoryDataset::create({.name = "steps", .train = split, .test = split, .inputNames = {"x", "h"}}).value();
}

FittedModel fitted(Layout layout) {
    graph::Graph graph = model(layout);
    return fitToData(graph, data::arrangedFor(dataset(), graph).value()).value();
}

measure::Quality qualityOf(const FittedModel& model, const graph::Graph& graph, std::int64_t batchSize) {
    auto plan = runtime::Plan::compile(graph, {}).value();
    return measure::evaluate(plan, {}, *model.dataset, batchSize, {}).value();
}

TEST(SequenceFirst, WhereTheBatchIsIsFound) {
    EXPECT_EQ(fitted(Layout::SequenceFirst).dataset->callShape(), (CallShape{.inputAxes = {1, 1}, .outputAxes = {0, 1, 1}}));
    EXPECT_EQ(fitted(Layout::BatchFirst).dataset->callShape(), CallShape{});
    const FittedModel first = fitted(Layout::SequenceFirst), second = fitted(Layout::BatchFirst);
    EXPECT_EQ(graph::macsPerSample(first.graph).known, graph::macsPerSample(second.graph).known);
    graph::Graph described = model(Layout::SequenceFirst);
    describe(described, first);
    EXPECT_EQ(described.value(described.main.inputs[0]).shape, (std::vector<graph::Dim>{{steps, ""}, {1, "batch"}, {3, ""}}));
    EXPECT_EQ(data::arrangedFor(dataset(), described).value()->callShape(), (CallShape{.inputAxes = {1, 1}}));
}

TEST(SequenceFirst, IsMeasuredAsIfTheBatchWereFirst) {
    const FittedModel first = fitted(Layout::SequenceFirst), second = fitted(Layout::BatchFirst);
    const measure::Quality expected = qualityOf(second, second.graph, 1);
    for (const std::int64_t batchSize : {1, 2, 100}) {
        const measure::Quality quality = qualityOf(first, first.graph, batchSize);
        EXPECT_EQ(quality.samples, samples);
        EXPECT_EQ(quality.accuracy, expected.accuracy);
        EXPECT_EQ(quality.predictions, expected.predictions);
        EXPECT_NEAR(*quality.loss, *expected.loss, 1e-5);
    }
}

TEST(SequenceFirst, ABatchThatIsFixedIsPaddedAndCut) {
    graph::Graph graph = model(Layout::SequenceFirst);
    // As many samples as steps: only the layer tells them apart.
    graph.value(graph.main.inputs[0]).shape = graph::dims({steps, steps, 3});
    graph.value(graph.main.inputs[1]).shape = graph::dims({1, steps, 4});
    const FittedModel fixed = fitToData(graph, data::arrangedFor(dataset(), graph).value()).value();
    EXPECT_EQ(fixed.dataset->callShape(), (CallShape{.fixedBatch = steps, .inputAxes = {1, 1}, .outputAxes = {0, 1, 1}}));
    const FittedModel free = fitted(Layout::BatchFirst);
    EXPECT_EQ(qualityOf(fixed, fixed.graph, 100).predictions, qualityOf(free, free.graph, 1).predictions);
}

TEST(SequenceFirst, IsTrainedAndCalibratedAsIfTheBatchWereFirst) {
    const auto recipe =
        support::recipeOf(R"({"lathe": 1, "steps": [{"op": "finetune", "epochs": 2, "batch_size": 3}, {"op": "quantize.static"}]})");
    std::vector<measure::Quality> qualities;
    for (const Layout layout : {Layout::SequenceFirst, Layout::BatchFirst}) {
        const FittedModel model = fitted(layout);
        RunSettings settings;
        settings.dataset = model.dataset;
        const auto stages = runRecipe(model.graph, recipe, settings, {});
        ASSERT_TRUE(stages) << stages.error().text();
        qualities.push_back(qualityOf(model, stages->back().graph, 4));
    }
    EXPECT_EQ(qualities[0].predictions, qualities[1].predictions);
    EXPECT_NEAR(*qualities[0].loss, *qualities[1].loss, 1e-3);
    EXPECT_NE(*qualities[0].loss, *qualityOf(fitted(Layout::BatchFirst), model(Layout::BatchFirst), 4).loss) << "something was learned";
}

class SequenceFirstFile : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(SequenceFirstFile, GoesThroughTheFormat) {
    const base::TemporaryFolder folder;
    const auto data = folder.path() / "steps.npz", written = folder.path() / "sequences.pt", file = folder.path() / GetParam().second;
    ASSERT_TRUE(data::writeNpz(data, {{"x", sequences()}, {"h", states()}}));
    ASSERT_TRUE(formats::writeTorchScript(model(Layout::SequenceFirst), written));
    ModelExportRequest request;
    request.file = file;
    request.to = GetParam().first;
    request.data = data.string();
    const auto reply = exportModel(request, formats::openModel(written).value(), {});
    ASSERT_TRUE(reply) << reply.error().text();
    ASSERT_EQ(reply->checks.size(), 1U);
    EXPECT_EQ(reply->checks[0].verdict, history::ExportVerdict::Same) << reply->checks[0].reason;

    const auto opened = formats::openModel(file);
    ASSERT_TRUE(opened) << opened.error().text();
    const auto again = fitToData(opened->graph, data.string(), {});
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(again->dataset->callShape(), (CallShape{.inputAxes = {1, 1}, .outputAxes = {0, 1, 1}}));
    const FittedModel second = fitted(Layout::BatchFirst);
    EXPECT_EQ(qualityOf(*again, again->graph, 3).predictions, qualityOf(second, second.graph, 1).predictions);

    ComparisonRequest comparison;
    comparison.recipe = support::recipeOf(R"({"lathe": 1, "steps": [{"op": "quantize.dynamic"}]})");
    comparison.modelFile = file;
    comparison.data = data.string();
    const auto document = runComparison(comparison, *opened, {});
    ASSERT_TRUE(document) << document.error().text();
    EXPECT_EQ(document->optimized.quality.samples, samples);
    EXPECT_GT(document->optimized.quality.sqnrDb.value(), 20);
}

INSTANTIATE_TEST_SUITE_P(All, SequenceFirstFile,
                         testing::Values(std::pair("torchscript", "again.pt"), std::pair("pt2", "sequences.pt2"),
                                         std::pair("onnx", "sequences.onnx")),
                         [](const auto& form) { return std::string(form.param.first); });

} // namespace
} // namespace lathe::engine
