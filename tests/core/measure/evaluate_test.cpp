#include <core/measure/evaluate_torch.h>

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <core/data/in_memory_dataset.h>
#include <core/graph/operators/names.h>

namespace lathe::measure {
namespace {

using base::ErrorCode;
using tensor::Tensor;

/// linear(2 → 3) with the rows (1, 0), (0, 1), (−1, −1): the scores of (a, b) are a, b, −a−b.
graph::Graph model() {
    graph::Graph graph;
    const auto x = graph.addInput("x");
    const auto weight = graph.addWeight("fc.weight", Tensor::of<float>({3, 2}, {1, 0, 0, 1, -1, -1}));
    graph.main.outputs = {graph.addNode(std::string(graph::op::linear), "fc", {x, weight, graph::Literal{}}).results[0]};
    return graph;
}

std::shared_ptr<const data::Dataset> samples(std::vector<float> values, std::vector<std::int64_t> labels) {
    data::SplitContent split;
    const auto count = static_cast<std::int64_t>(values.size() / 2);
    split.samples = Tensor::of<float>({count, 2}, values);
    if (!labels.empty()) split.labels = Tensor::of<std::int64_t>({count}, labels);
    return data::InMemoryDataset::create({.name = "points", .test = split}).value();
}

base::Result<Quality> evaluated(const graph::Graph& graph, const data::Dataset& data, std::int64_t batchSize = 2,
                                const base::Job& job = {}) {
    auto plan = runtime::Plan::compile(graph, {});
    EXPECT_TRUE(plan);
    return evaluate(*plan, {}, data, batchSize, job);
}

/// Predictions 0, 1, 2, 0, 1 against labels 0, 1, 2, 1, 1: four of five are right.
const std::vector<float> fivePoints = {3, 0, 0, 3, -2, -2, 2, 1, 1, 2};

TEST(Evaluate, IsTheSameForEveryBatchSize) {
    const auto data = samples(fivePoints, {0, 1, 2, 1, 1});
    double loss = 0; // by hand
    for (std::size_t at = 0; at < 5; ++at) {
        const double a = fivePoints[2 * at], b = fivePoints[2 * at + 1];
        const double scores[3] = {a, b, -a - b};
        const std::size_t labels[5] = {0, 1, 2, 1, 1};
        loss += std::log(std::exp(scores[0]) + std::exp(scores[1]) + std::exp(scores[2])) - scores[labels[at]];
    }
    for (const std::int64_t batchSize : {1, 2, 5, 100}) {
        const auto quality = evaluated(model(), *data, batchSize);
        ASSERT_TRUE(quality) << quality.error().text();
        EXPECT_EQ(quality->samples, 5);
        EXPECT_DOUBLE_EQ(quality->accuracy.value(), 0.8);
        EXPECT_NEAR(quality->loss.value(), loss / 5, 1e-6);
        EXPECT_EQ(quality->predictions, (std::vector<std::int32_t>{0, 1, 2, 0, 1}));
        EXPECT_EQ(quality->nonFinite, 0);
    }
}

TEST(Evaluate, PredictsWithoutLabels) {
    const auto quality = evaluated(model(), *samples(fivePoints, {}));
    ASSERT_TRUE(quality) << quality.error().text();
    EXPECT_EQ(quality->predictions, (std::vector<std::int32_t>{0, 1, 2, 0, 1}));
    EXPECT_FALSE(quality->accuracy.has_value());
}

TEST(Evaluate, CountsOutputsThatAreNotFinite) {
    std::vector<float> values = fivePoints;
    values[4] = std::numeric_limits<float>::quiet_NaN();
    values[8] = std::numeric_limits<float>::infinity();
    const auto quality = evaluated(model(), *samples(values, {0, 1, 2, 1, 1}));
    ASSERT_TRUE(quality) << quality.error().text();
    EXPECT_EQ(quality->nonFinite, 2);
}

TEST(Evaluate, ReportsProgressAndStops) {
    std::stop_source source;
    std::vector<double> fractions;
    base::Job job;
    job.progress = [&](const base::Progress& progress) {
        EXPECT_EQ(progress.phase, "quality");
        fractions.push_back(progress.fraction);
    };
    const auto data = samples(fivePoints, {});
    ASSERT_TRUE(evaluated(model(), *data, 2, job));
    EXPECT_EQ(fractions, (std::vector<double>{0.4, 0.8, 1}));

    job.stop = source.get_token();
    job.progress = [&](const base::Progress&) { source.request_stop(); };
    const auto stopped = evaluated(model(), *data, 2, job);
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::Cancelled);
}

TEST(Evaluate, RefusesSamplesThatDoNotFit) {
    const auto data =
        data::InMemoryDataset::create({.name = "points", .test = {Tensor::zeros(tensor::DType::Float32, {4, 3}), {}}}).value();
    const auto quality = evaluated(model(), *data);
    ASSERT_FALSE(quality);
    EXPECT_EQ(quality.error().code, ErrorCode::Rejected);
    EXPECT_NE(quality.error().message.text().find("The samples of points are 3, which the model cannot take: fc: "), std::string::npos)
        << quality.error().message;
}

TEST(Evaluate, RefusesLabelsAndOutputsThatDoNotFit) {
    const auto labels = evaluated(model(), *samples(fivePoints, {0, 1, 2, 3, 1}));
    ASSERT_FALSE(labels);
    EXPECT_EQ(labels.error().message, "Test sample 3 of points has the label 3, but the model has only 3 outputs.");

    graph::Graph summing = model();
    summing.main.outputs = {summing.addNode("aten::sum", "sum", {summing.main.outputs[0].value(), graph::Literal{}}).results[0]};
    const auto outputs = evaluated(summing, *samples(fivePoints, {0, 1, 2, 1, 1}));
    ASSERT_FALSE(outputs);
    EXPECT_EQ(outputs.error().code, ErrorCode::Rejected);

    const auto empty =
        data::InMemoryDataset::create({.name = "points", .train = {Tensor::zeros(tensor::DType::Float32, {4, 2}), {}}}).value();
    EXPECT_EQ(evaluated(model(), *empty).error().message, "points has no test samples.");
}

/// Outputs of a graph as they are, for a model with several.
graph::Graph twoOutputs(float scale) {
    graph::Graph graph;
    const auto x = graph.addInput("x");
    const auto factor = graph.addWeight("factor", Tensor::of<float>({2}, {scale, 1}));
    const auto product = graph.addNode("aten::mul", "product", {x, factor}).results[0];
    const auto sums =
        graph.addNode("aten::sum", "sums", {product, graph::Literal(std::vector<std::int64_t>{1}), graph::Literal(true), graph::Literal{}})
            .results[0];
    graph.main.outputs = {product, sums};
    return graph;
}

base::Result<EvaluatedPair> evaluatedPair(const graph::Graph& original, const graph::Graph& changed, const data::Dataset& data,
                                          std::int64_t batchSize) {
    auto before = runtime::Plan::compile(original, {}), after = runtime::Plan::compile(changed, {});
    EXPECT_TRUE(before && after);
    return evaluatePair(*before, *after, {}, data, batchSize, {});
}

/// Rows of what is found, not of samples; the number of them differs from batch to batch.
TEST(Evaluate, OutputsWithoutLabelsMayBeAsLargeAsTheyLike) {
    graph::Graph graph;
    const auto x = graph.addInput("x");
    const auto factor = graph.addWeight("factor", Tensor::of<float>({2}, {0, 1}));
    const auto product = graph.addNode("aten::mul", "product", {x, factor}).results[0];
    graph.main.outputs = {graph.addNode("aten::nonzero", "found", {product}).results[0]};
    for (const std::vector<float>& values : {std::vector<float>{1, 0, 1, 0, 1, 2}, {1, 2, 1, 2, 1, 0}}) {
        const auto data = data::InMemoryDataset::create({.name = "points", .test = {Tensor::of<float>({3, 2}, values), {}}}).value();
        auto plan = runtime::Plan::compile(graph, {});
        for (const std::int64_t batch : {1, 2, 3}) {
            const auto quality = evaluate(*plan, {}, *data, batch, {});
            ASSERT_TRUE(quality) << quality.error().text();
            EXPECT_EQ(quality->samples, 3);
            EXPECT_EQ(quality->nonFinite, 0);
            EXPECT_TRUE(quality->predictions.empty());
        }
    }
}

/// A detector finds another number of boxes, or gives an output less.
TEST(EvaluatePair, SaysWhatCannotBeCompared) {
    const auto data = samples(fivePoints, {});
    graph::Graph found = twoOutputs(1), fewer = twoOutputs(1);
    for (graph::Graph* graph : {&found, &fewer}) {
        const auto first = graph->addNode("aten::slice.Tensor", "first",
                                          {graph->main.outputs[1], graph::Literal(std::int64_t{1}), graph::Literal(std::int64_t{0}),
                                           graph::Literal(std::int64_t{graph == &found ? 1 : 0}), graph::Literal(std::int64_t{1})});
        graph->main.outputs[1] = first.results[0];
    }
    const auto pair = evaluatedPair(found, fewer, *data, 2);
    ASSERT_TRUE(pair) << pair.error().text();
    EXPECT_FALSE(pair->changed.sqnrDb || pair->changed.cosine || pair->changed.maxAbsError);
    EXPECT_EQ(
        pair->whyNotCompared.value_or("").text(),
        "How far the outputs are from the original's is not measured: in the batch from test sample 0 on, output 1 has the shape 2x0, "
        "and the original's 2x1.");
    fewer.main.outputs.pop_back();
    EXPECT_EQ(evaluatedPair(found, fewer, *data, 2)->whyNotCompared.value_or("").text(),
              "How far the outputs are from the original's is not measured: there are 1, and the original has 2.");
    EXPECT_FALSE(evaluatedPair(found, found, *data, 2)->whyNotCompared);
}

TEST(EvaluatePair, ComparesAllOutputsBatchByBatch) {
    const auto data = samples(fivePoints, {});
    double signal = 0, noise = 0, largest = 0;
    for (std::size_t at = 0; at < 5; ++at) {
        const double a = fivePoints[2 * at], b = fivePoints[2 * at + 1];
        signal += a * a + b * b + (a + b) * (a + b);
        noise += 2 * (0.5 * a) * (0.5 * a); // half of a is missing, in the product and in the sum
        largest = std::max(largest, std::abs(0.5 * a));
    }
    for (const std::int64_t batchSize : {1, 2, 5, 100}) {
        const auto pair = evaluatedPair(twoOutputs(1), twoOutputs(0.5F), *data, batchSize);
        ASSERT_TRUE(pair) << pair.error().text();
        EXPECT_EQ(pair->original.samples, 5);
        EXPECT_FALSE(pair->original.sqnrDb || pair->original.cosine || pair->original.maxAbsError);
        EXPECT_NEAR(pair->changed.sqnrDb.value(), 10 * std::log10(signal / noise), 1e-9);
        EXPECT_EQ(pair->changed.maxAbsError, largest);
        EXPECT_LT(pair->changed.cosine.value(), 1);
        EXPECT_GT(pair->changed.cosine.value(), 0.8);
        EXPECT_GT(pair->originalPeakMemory, 0);
        EXPECT_GT(pair->changedPeakMemory, 0);
    }
}

TEST(EvaluatePair, TheSameModelIsIdentical) {
    const auto labelled = evaluatedPair(model(), model(), *samples(fivePoints, {0, 1, 2, 1, 1}), 2);
    ASSERT_TRUE(labelled) << labelled.error().text();
    EXPECT_TRUE(isIdentical(labelled->changed));
    EXPECT_FALSE(labelled->changed.sqnrDb);
    EXPECT_EQ(labelled->changed.cosine, 1.0);
    EXPECT_EQ(labelled->changed.accuracy, 0.8); // with labels as well
}

TEST(EvaluatePair, IntegersAreCompared) {
    const auto chosen = [](float scale) {
        graph::Graph graph = twoOutputs(scale);
        graph.main.outputs = {
            graph.addNode("aten::argmax", "chosen", {graph.main.outputs[0].value(), graph::Literal(std::int64_t{1}), graph::Literal(false)})
                .results[0]};
        return graph;
    };
    // argmax of (a, b) and of (−a, b) for the five points: 0, 1, 0, 0, 1 and 1, 1, 0, 1, 1.
    const auto pair = evaluatedPair(chosen(1), chosen(-1), *samples(fivePoints, {}), 2);
    ASSERT_TRUE(pair) << pair.error().text();
    EXPECT_EQ(pair->changed.maxAbsError, 1.0);
    EXPECT_NEAR(pair->changed.sqnrDb.value(), 0, 1e-12); // Σref² and Σ(ref − out)² are both 2
    EXPECT_TRUE(pair->changed.predictions.empty());
}

TEST(EvaluatePair, OutputsOfOtherShapesAreNotCompared) {
    const auto pair = evaluatedPair(twoOutputs(1), model(), *samples(fivePoints, {}), 2);
    ASSERT_TRUE(pair) << pair.error().text();
    EXPECT_FALSE(pair->changed.sqnrDb || pair->changed.cosine || pair->changed.maxAbsError);
}

TEST(Evaluate, WhatIsNoRowOfScoresHasNoTopOne) {
    graph::Graph graph = twoOutputs(1);
    graph.main.outputs = {graph.main.outputs[1]}; // one value for each sample
    const auto quality = evaluated(graph, *samples(fivePoints, {}));
    ASSERT_TRUE(quality) << quality.error().text();
    EXPECT_EQ(quality->samples, 5);
    EXPECT_TRUE(quality->predictions.empty());
}

/// What the model gives is its input, viewed so: a sample has `size` numbers.
graph::Graph viewing(std::vector<std::int64_t> shape) {
    graph::Graph graph;
    const auto x = graph.addInput("x");
    graph.main.outputs = {graph.addNode("aten::reshape", "view", {x, graph::Literal(std::move(shape))}).results[0]};
    return graph;
}

std::shared_ptr<const data::Dataset> labelled(Tensor values, Tensor labels) {
    return data::InMemoryDataset::create({.name = "parts", .test = {std::move(values), std::move(labels)}}).value();
}

TEST(Evaluate, MeasuresPixels) {
    // Two samples of two classes over 1x3 pixels; the second class is larger in pixels 1, 2 of the first and in none of the second sample.
    const Tensor values = Tensor::of<float>({2, 6}, {1, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0});
    // One pixel does not count in each way of saying so.
    const auto data = labelled(values, Tensor::of<std::int64_t>({2, 1, 3}, {0, 1, 0, 0, -100, 255}));
    for (const std::int64_t batchSize : {1, 2}) {
        const auto quality = evaluated(viewing({-1, 2, 1, 3}), *data, batchSize);
        ASSERT_TRUE(quality) << quality.error().text();
        EXPECT_EQ(quality->samples, 2);
        EXPECT_DOUBLE_EQ(*quality->accuracy, 0.75); // of four that count
        EXPECT_DOUBLE_EQ(*quality->meanIou, (2.0 / 3 + 1.0 / 2) / 2);
        EXPECT_TRUE(quality->predictions.empty());
        EXPECT_FALSE(quality->top5);
    }
}

TEST(Evaluate, MeasuresMasksOfOneScore) {
    const auto data = labelled(Tensor::of<float>({1, 4}, {-2, 3, 1, -1}), Tensor::of<std::int64_t>({1, 2, 2}, {0, 1, 0, 0}));
    const auto quality = evaluated(viewing({-1, 1, 2, 2}), *data);
    ASSERT_TRUE(quality) << quality.error().text();
    EXPECT_DOUBLE_EQ(*quality->accuracy, 0.75);
    EXPECT_DOUBLE_EQ(*quality->meanIou, (2.0 / 3 + 1.0 / 2) / 2);
}

TEST(Evaluate, MeasuresTokens) {
    const auto data = labelled(Tensor::of<float>({1, 6}, {1, 0, 0, 1, 0, 1}), Tensor::of<std::int64_t>({1, 3}, {0, 0, -100}));
    const auto quality = evaluated(viewing({-1, 3, 2}), *data);
    ASSERT_TRUE(quality) << quality.error().text();
    EXPECT_DOUBLE_EQ(*quality->accuracy, 0.5);
    EXPECT_FALSE(quality->meanIou);
}

TEST(Evaluate, MeasuresNumbersAndTruths) {
    const auto numbers = evaluated(viewing({-1, 1}), *labelled(Tensor::of<float>({3, 1}, {1, 2, 4}), Tensor::of<float>({3}, {1, 2, 3})));
    ASSERT_TRUE(numbers) << numbers.error().text();
    EXPECT_NEAR(*numbers->mse, 1.0 / 3, 1e-9);
    EXPECT_NEAR(*numbers->r2, 0.5, 1e-9);
    const auto truths =
        evaluated(viewing({-1}), *labelled(Tensor::of<float>({3, 1}, {-1, 2, 4}), Tensor::of<std::int64_t>({3}, {0, 0, 1})));
    ASSERT_TRUE(truths) << truths.error().text();
    EXPECT_NEAR(*truths->accuracy, 2.0 / 3, 1e-9);
    EXPECT_DOUBLE_EQ(*truths->auc, 1);
}

/// Pairs of embeddings of two numbers, one behind the other; their similarities are 1, 0 and √½.
const std::vector<float> threePairs = {1, 0, 3, 0, 1, 0, 0, 2, 1, 0, 1, 1};

TEST(Evaluate, MeasuresPairsOfEmbeddings) {
    const auto data = labelled(Tensor::of<float>({6, 2}, threePairs), Tensor::of<float>({6}, {5, 5, 1, 1, 0, 0}));
    for (const std::int64_t batchSize : {1, 2, 3, 100}) {
        const auto quality = evaluated(viewing({-1, 2}), *data, batchSize);
        ASSERT_TRUE(quality) << quality.error().text();
        EXPECT_EQ(quality->samples, 6);
        EXPECT_NEAR(*quality->spearman, 0.5, 1e-12) << batchSize;
        EXPECT_FALSE(quality->accuracy || quality->mse);
        EXPECT_TRUE(quality->predictions.empty());
    }
}

TEST(Evaluate, TheOtherSideMayBeAnotherOutput) {
    // A sample is a pair: three numbers each side.
    graph::Graph graph;
    const auto x = graph.addInput("x");
    for (const std::int64_t side : {0, 1})
        graph.main.outputs.emplace_back(
            graph.addNode("aten::select.int", side == 0 ? "first" : "second", {x, graph::Literal(std::int64_t{1}), graph::Literal(side)})
                .results[0]);
    const auto data = labelled(Tensor::of<float>({3, 2, 2}, threePairs), Tensor::of<float>({3}, {0.5F, 0.1F, 0.4F}));
    const auto quality = evaluated(graph, *data);
    ASSERT_TRUE(quality) << quality.error().text();
    EXPECT_EQ(quality->samples, 3);
    EXPECT_NEAR(*quality->spearman, 1, 1e-12);
}

TEST(EvaluatePair, WithoutScoresPairsAreOrderedAsInTheOriginal) {
    const auto data = samples(threePairs, {});
    graph::Graph changed = viewing({-1, 2}); // the second number counts less: 1, 0 and more than √½
    const auto weights = changed.addWeight("w", Tensor::of<float>({2}, {1, 0.5F}));
    changed.main.outputs = {changed.addNode("aten::mul.Tensor", "scaled", {changed.main.outputs[0], weights}).results[0]};
    auto before = runtime::Plan::compile(viewing({-1, 2}), {}), after = runtime::Plan::compile(changed, {});
    ASSERT_TRUE(before && after);
    const auto pair = evaluatePair(*before, *after, {}, *data, 2, {}, TaskChoice{.task = recipe::Task::Similarity});
    ASSERT_TRUE(pair) << pair.error().text();
    EXPECT_FALSE(pair->original.spearman);
    EXPECT_NEAR(*pair->changed.spearman, 1, 1e-12);
    EXPECT_LT(*pair->changed.cosine, 1) << "the outputs are others, their order is not";
}

TEST(EvaluatePair, ScoresOfBothAreTakenForTheSame) {
    // As logits of the original −1 and 1; the changed model gives 0.2 and 0.9, which alone would be probabilities.
    graph::Graph original = viewing({-1, 1}), changed = viewing({-1, 1});
    const auto scaled = changed.addNode("aten::mul.Scalar", "scaled", {changed.main.outputs[0], graph::Literal(0.2)}).results[0];
    changed.main.outputs = {scaled};
    auto a = runtime::Plan::compile(original, {}), b = runtime::Plan::compile(changed, {});
    const auto data = labelled(Tensor::of<float>({2, 1}, {-1, 1}), Tensor::of<std::int64_t>({2}, {0, 1}));
    const auto pair = evaluatePair(*a, *b, {}, *data, 2, {});
    ASSERT_TRUE(pair) << pair.error().text();
    EXPECT_DOUBLE_EQ(*pair->original.accuracy, 1);
    EXPECT_DOUBLE_EQ(*pair->changed.accuracy, 1) << "0.2 is a logit above 0, not a probability below a half";
}

} // namespace
} // namespace lathe::measure
