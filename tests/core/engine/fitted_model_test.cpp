#include <core/engine/fitted_model.h>

#include <gtest/gtest.h>

#include <core/data/in_memory_dataset.h>
#include <core/data/model_dataset.h>
#include <core/graph/operators/names.h>
#include <tests/core/engine/sample_model.h>

namespace lathe::engine {
namespace {

using data::CallShape;
using graph::Literal;
using tensor::DType;
using tensor::Tensor;

/// Samples of two numbers.
std::shared_ptr<const data::Dataset> pairs() {
    return data::InMemoryDataset::create({.name = "pairs", .test = {Tensor::of<float>({3, 2}, {0, 1, 2, 3, 4, 5}), {}}}).value();
}

/// x → view(shape) → linear with two inputs; nothing is said of x.
graph::Graph modelWithView(std::vector<std::int64_t> shape) {
    graph::Graph graph;
    graph.name = "viewed";
    const auto x = graph.addInput("x");
    const auto weight = graph.addWeight("fc.weight", Tensor::of<float>({1, 2}, {1, 1}));
    const auto view = graph.addNode("aten::view", "view", {x, Literal(std::move(shape))}).results[0];
    graph.main.outputs.emplace_back(graph.addNode(std::string(graph::op::linear), "fc", {view, weight, graph::Operand()}).results[0]);
    return graph;
}

TEST(FittedModel, TakesAnyNumberWhereThatWorks) {
    const auto fitted = fitToData(modelWithView({-1, 2}), pairs());
    ASSERT_TRUE(fitted) << fitted.error().text();
    EXPECT_EQ(fitted->dataset->callShape(), CallShape{});
    EXPECT_EQ(graph::staticShape(fitted->graph.value(fitted->graph.main.outputs[0].value())), (tensor::Shape{1, 1}));
}

TEST(FittedModel, FindsTheBatchThatWasTracedIn) {
    for (const std::int64_t batch : {1, 8}) {
        const auto fitted = fitToData(modelWithView({batch, 2}), pairs());
        ASSERT_TRUE(fitted) << fitted.error().text();
        EXPECT_EQ(fitted->dataset->callShape(), (CallShape{.hasBatch = true, .fixedBatch = batch}));
    }
}

TEST(FittedModel, FindsThatThereIsNoBatch) {
    const auto fitted = fitToData(modelWithView({2}), pairs());
    ASSERT_TRUE(fitted) << fitted.error().text();
    EXPECT_EQ(fitted->dataset->callShape().hasBatch, true) << "a batch of one can be viewed as the sample";
    graph::Graph matrix; // of one dimension: mm takes no batch of vectors
    const auto x = matrix.addInput("x");
    const auto weight = matrix.addWeight("w", Tensor::of<float>({3, 2}, {1, 1, 1, 1, 1, 1}));
    matrix.main.outputs.emplace_back(matrix.addNode("aten::mv", "mv", {weight, x}).results[0]);
    const auto single = fitToData(matrix, pairs());
    ASSERT_TRUE(single) << single.error().text();
    EXPECT_FALSE(single->dataset->callShape().hasBatch);
}

TEST(FittedModel, ABatchInTheConstantsCountsMoreThanAFreeOneInTheFile) {
    graph::Graph model = modelWithView({1, 2});
    model.value(model.main.inputs[0]).shape = std::vector<graph::Dim>{{-1, "N"}, {2, ""}};
    const auto fitted = fitToData(model, pairs());
    ASSERT_TRUE(fitted) << fitted.error().text();
    EXPECT_EQ(fitted->dataset->callSize(256), 1);
}

TEST(FittedModel, WhatTheFileFixesIsNotTried) {
    graph::Graph model = modelWithView({-1, 2});
    model.value(model.main.inputs[0]).shape = graph::dims({4, 2});
    const auto fitted = fitToData(model, data::arrangedFor(pairs(), model).value());
    ASSERT_TRUE(fitted) << fitted.error().text();
    EXPECT_EQ(fitted->dataset->callSize(1), 4);
    EXPECT_EQ(graph::staticShape(fitted->graph.value(model.main.inputs[0])), (tensor::Shape{4, 2}));
}

TEST(FittedModel, SaysBothSidesWhereNothingFits) {
    const auto fitted = fitToData(modelWithView({-1, 7}), pairs());
    ASSERT_FALSE(fitted);
    EXPECT_EQ(fitted.error().code, base::ErrorCode::Rejected);
    EXPECT_NE(fitted.error().message.text().find("Samples of shape 2 do not fit the model \"viewed\""), std::string::npos);
}

TEST(FittedModel, DescribesFreeAndFixedSizes) {
    graph::Graph free = modelWithView({-1, 2}), fixed = modelWithView({8, 2});
    describe(free, fitToData(free, pairs()).value());
    describe(fixed, fitToData(fixed, pairs()).value());
    EXPECT_EQ(free.value(free.main.inputs[0]).shape, (std::vector<graph::Dim>{{1, "batch"}, {2, ""}}));
    EXPECT_EQ(fixed.value(fixed.main.inputs[0]).shape, graph::dims({8, 2}));
    EXPECT_EQ(data::arrangedFor(pairs(), free).value()->callShape(), CallShape{});
    EXPECT_EQ(data::arrangedFor(pairs(), fixed).value()->callSize(1), 8) << "what was found holds for whoever opens data for the model";
    graph::Graph named = modelWithView({-1, 2});
    named.value(named.main.inputs[0]).shape = std::vector<graph::Dim>{{-1, "N"}, {-1, "width"}};
    describe(named, fitToData(named, pairs()).value());
    EXPECT_EQ(named.value(named.main.inputs[0]).shape->at(1).symbol, "width");
}

} // namespace
} // namespace lathe::engine
