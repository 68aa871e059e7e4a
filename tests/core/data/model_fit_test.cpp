#include <core/data/model_fit.h>

#include <gtest/gtest.h>

#include <core/data/in_memory_dataset.h>

namespace lathe::data {
namespace {

using graph::Dim;

/// Samples of 1x28x28 against a model with this input shape.
base::Result<> fit(std::optional<std::vector<Dim>> shape) {
    const auto data =
        InMemoryDataset::create({.name = "digits", .test = {tensor::Tensor::zeros(tensor::DType::Float32, {2, 1, 28, 28}), {}}}).value();
    graph::Graph model;
    model.value(model.addInput("x")).shape = std::move(shape);
    return checkFit(*data, model);
}

TEST(ModelFit, AcceptsEqualSymbolicAndUnknownShapes) {
    EXPECT_TRUE(fit(std::nullopt));
    EXPECT_TRUE(fit(graph::dims({1, 1, 28, 28}))) << "the batch may be another";
    EXPECT_TRUE(fit(std::vector<Dim>{{-1, "N"}, {1, ""}, {-1, "height"}, {28, ""}}));
}

TEST(ModelFit, SaysBothShapes) {
    const auto larger = fit(graph::dims({1, 1, 32, 32}));
    ASSERT_FALSE(larger);
    EXPECT_EQ(larger.error().code, base::ErrorCode::Rejected);
    EXPECT_EQ(larger.error().message, "The samples of digits are 1x28x28, but the model takes 1x32x32.");
    const auto symbolic = fit(std::vector<Dim>{{-1, "N"}, {3, ""}, {-1, "height"}, {-1, ""}});
    ASSERT_FALSE(symbolic);
    EXPECT_EQ(symbolic.error().message, "The samples of digits are 1x28x28, but the model takes 3xheightx?.");
    EXPECT_FALSE(fit(graph::dims({1, 784})));
}

TEST(ModelFit, RefusesModelsWithOtherNumbersOfInputs) {
    const auto data =
        InMemoryDataset::create({.name = "digits", .test = {tensor::Tensor::zeros(tensor::DType::Float32, {1, 2}), {}}}).value();
    graph::Graph model;
    EXPECT_FALSE(checkFit(*data, model));
    model.addInput("a");
    EXPECT_TRUE(checkFit(*data, model));
    model.addInput("b");
    EXPECT_FALSE(checkFit(*data, model));
}

} // namespace
} // namespace lathe::data
