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

/// Data with the inputs "mask" (2 numbers) and "ids" (3).
std::shared_ptr<const Dataset> maskAndIds() {
    const tensor::Tensor mask = tensor::Tensor::of<float>({1, 2}, {1, 0}), ids = tensor::Tensor::of<std::int64_t>({1, 3}, {4, 5, 6});
    return InMemoryDataset::create({.name = "text", .test = {mask, {}, {ids}}, .inputNames = {"mask", "ids"}}).value();
}

graph::Graph modelWithInputs(const std::vector<std::pair<const char*, std::int64_t>>& inputs) {
    graph::Graph model;
    for (const auto& [name, size] : inputs)
        model.value(model.addInput(name)).shape = graph::dims({1, size});
    return model;
}

TEST(ModelFit, InputsAreArrangedByName) {
    const graph::Graph model = modelWithInputs({{"ids", 3}, {"mask", 2}});
    EXPECT_FALSE(checkFit(*maskAndIds(), model));
    const auto arranged = arrangedFor(maskAndIds(), model);
    EXPECT_TRUE(checkFit(*arranged, model));
    EXPECT_EQ(arranged->inputs(), (std::vector<DataInput>{{"ids", {3}}, {"mask", {2}}}));
    EXPECT_EQ(arranged->batch(Split::Test, 0, 1)[0].dtype(), tensor::DType::Int64);
    const std::vector<std::int64_t> first{0};
    EXPECT_EQ(arranged->gather(Split::Test, first)[1].dtype(), tensor::DType::Float32);
    EXPECT_EQ(arranged->sha256(), maskAndIds()->sha256());
}

TEST(ModelFit, OtherNamesKeepTheOrderOfTheData) {
    const auto data = maskAndIds();
    EXPECT_EQ(arrangedFor(data, modelWithInputs({{"x", 2}, {"ids", 3}})), data);
    EXPECT_EQ(arrangedFor(data, modelWithInputs({{"mask", 2}, {"ids", 3}})), data);
    EXPECT_EQ(arrangedFor(data, modelWithInputs({{"ids", 3}})), data) << "one input of the data would be left over";
    const auto wrong = checkFit(*data, modelWithInputs({{"x", 2}, {"y", 7}}));
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().message, "The samples of text for \"y\" are 3, but the model takes 7.");
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
