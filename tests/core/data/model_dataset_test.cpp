#include <core/data/model_dataset.h>

#include <gtest/gtest.h>

#include <core/data/in_memory_dataset.h>
#include <core/data/model_fit.h>
#include <core/graph/operators/names.h>

namespace lathe::data {
namespace {

using graph::Dim;
using tensor::DType;
using tensor::Tensor;

/// Data with the inputs "mask" (2 numbers) and "ids" (3).
std::shared_ptr<const Dataset> maskAndIds() {
    const Tensor mask = Tensor::of<float>({1, 2}, {1, 0}), ids = Tensor::of<std::int64_t>({1, 3}, {4, 5, 6});
    return InMemoryDataset::create({.name = "text", .test = {mask, {}, {ids}}, .inputNames = {"mask", "ids"}}).value();
}

graph::Graph modelWithInputs(const std::vector<std::pair<const char*, std::int64_t>>& inputs) {
    graph::Graph model;
    for (const auto& [name, size] : inputs)
        model.value(model.addInput(name)).shape = std::vector<Dim>{{-1, "N"}, {size, ""}};
    return model;
}

/// One input of this shape and type.
graph::Graph modelOf(std::vector<Dim> shape, std::optional<DType> dtype = {}) {
    graph::Graph model;
    const auto input = model.addInput("x");
    model.value(input).shape = std::move(shape);
    model.value(input).dtype = dtype;
    return model;
}

/// Five samples of two numbers: 0 1, 2 3, …
std::shared_ptr<const Dataset> fivePairs() {
    const Tensor samples = Tensor::of<float>({5, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    return InMemoryDataset::create({.name = "pairs", .test = {samples, {}}}).value();
}

TEST(ModelDataset, InputsAreArrangedByName) {
    const graph::Graph model = modelWithInputs({{"ids", 3}, {"mask", 2}});
    EXPECT_FALSE(checkFit(*maskAndIds(), model));
    const auto arranged = arrangedFor(maskAndIds(), model).value();
    EXPECT_TRUE(checkFit(*arranged, model));
    EXPECT_EQ(arranged->inputs(), (std::vector<DataInput>{{"ids", {3}}, {"mask", {2}}}));
    EXPECT_EQ(arranged->call(Split::Test, 0, 1)[0].dtype(), DType::Int64);
    const std::vector<std::int64_t> first{0};
    EXPECT_EQ(arranged->gatherCall(Split::Test, first)[1].dtype(), DType::Float32);
    EXPECT_EQ(arranged->sha256(), maskAndIds()->sha256());
}

TEST(ModelDataset, OtherNamesKeepTheOrderOfTheData) {
    const auto data = maskAndIds();
    EXPECT_EQ(arrangedFor(data, modelWithInputs({{"x", 2}, {"ids", 3}})).value(), data);
    EXPECT_EQ(arrangedFor(data, modelWithInputs({{"mask", 2}, {"ids", 3}})).value(), data);
    EXPECT_EQ(arrangedFor(data, modelWithInputs({{"ids", 3}})).value(), data) << "one input of the data would be left over";
    const auto wrong = checkFit(*data, modelWithInputs({{"x", 2}, {"y", 7}}));
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().message, "The samples of text for \"y\" are 3, but the model takes 7.");
}

TEST(ModelDataset, ValuesHaveTheTypesThatTheModelDeclares) {
    for (const DType dtype : {DType::Float16, DType::BFloat16, DType::Float64, DType::Int32, DType::Int64, DType::UInt8}) {
        const auto arranged = arrangedFor(fivePairs(), modelOf({{-1, "N"}, {2, ""}}, dtype)).value();
        const std::vector<std::int64_t> last{4};
        EXPECT_EQ(arranged->call(Split::Test, 0, 5)[0].dtype(), dtype);
        EXPECT_EQ(arranged->gatherCall(Split::Test, last)[0].dtype(), dtype);
        EXPECT_EQ(arranged->gatherCall(Split::Test, last)[0].toFloats(), (std::vector<float>{8, 9})) << tensor::name(dtype);
    }
}

TEST(ModelDataset, WithoutADeclaredTypeLayersSayIt) {
    graph::Graph half;
    const auto x = half.addInput("x");
    const auto weight = half.addWeight("fc.weight", Tensor::zeros(DType::Float16, {1, 2}));
    half.addNode(std::string(graph::op::linear), "fc", {x, weight, graph::Operand()});
    EXPECT_EQ(arrangedFor(fivePairs(), half).value()->call(Split::Test, 0, 1)[0].dtype(), DType::Float16);
}

TEST(ModelDataset, ValuesThatTheTypeHasNotAreRefused) {
    const auto halves = InMemoryDataset::create({.name = "halves", .test = {Tensor::of<float>({1, 2}, {1, 0.5F}), {}}}).value();
    const auto integers = arrangedFor(halves, modelOf({{-1, "N"}, {2, ""}}, DType::Int64));
    ASSERT_FALSE(integers);
    EXPECT_EQ(integers.error().code, base::ErrorCode::Rejected);
    EXPECT_EQ(integers.error().message, "The input \"x\" of the model takes int64, but halves has the value 0.5 for it.");
    const auto large = InMemoryDataset::create({.name = "large", .test = {Tensor::of<float>({1, 2}, {1, 300}), {}}}).value();
    EXPECT_FALSE(arrangedFor(large, modelOf({{-1, "N"}, {2, ""}}, DType::UInt8)));
    const auto beyond = InMemoryDataset::create({.name = "beyond", .test = {Tensor::of<float>({1, 2}, {1, 1e6F}), {}}}).value();
    EXPECT_FALSE(arrangedFor(beyond, modelOf({{-1, "N"}, {2, ""}}, DType::Float16)));
}

TEST(ModelDataset, ABatchThatIsFixedIsFilledWithRepeatedSamples) {
    const auto arranged = arrangedFor(fivePairs(), modelOf(graph::dims({4, 2}))).value();
    EXPECT_EQ(arranged->callShape(), (CallShape{.hasBatch = true, .fixedBatch = 4}));
    EXPECT_EQ(arranged->callSize(256), 4);
    EXPECT_EQ(arranged->call(Split::Test, 0, 4)[0].toFloats(), (std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7}));
    EXPECT_EQ(arranged->call(Split::Test, 3, 2)[0].toFloats(), (std::vector<float>{6, 7, 8, 9, 6, 7, 8, 9}));
    const std::vector<std::int64_t> one{2};
    EXPECT_EQ(arranged->gatherCall(Split::Test, one)[0].toFloats(), (std::vector<float>{4, 5, 4, 5, 4, 5, 4, 5}));
}

TEST(ModelDataset, AModelWithoutABatchGetsOneSample) {
    const auto arranged = arrangedFor(fivePairs(), modelOf(graph::dims({2}))).value();
    EXPECT_FALSE(arranged->callShape().hasBatch);
    EXPECT_EQ(arranged->callSize(256), 1);
    EXPECT_EQ(arranged->call(Split::Test, 1, 1)[0].shape(), (tensor::Shape{2}));
    EXPECT_EQ(arranged->call(Split::Test, 1, 1)[0].toFloats(), (std::vector<float>{2, 3}));
    EXPECT_TRUE(checkFit(*arranged, modelOf(graph::dims({2}))));
}

/// Two samples of three steps with two features: step, then feature.
std::shared_ptr<const Dataset> twoSequences() {
    const Tensor samples = Tensor::of<float>({2, 3, 2}, {0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15});
    return InMemoryDataset::create({.name = "sequences", .test = {samples, {}}}).value();
}

TEST(ModelDataset, SamplesStandAlongTheBatchWhereverItIs) {
    const auto arranged = arrangedFor(twoSequences(), modelOf({{-1, "seq"}, {-1, "batch"}, {2, ""}})).value();
    EXPECT_EQ(arranged->callShape(), (CallShape{.inputAxes = {1}}));
    EXPECT_EQ(arranged->call(Split::Test, 0, 2)[0].shape(), (tensor::Shape{3, 2, 2}));
    EXPECT_EQ(arranged->call(Split::Test, 0, 2)[0].toFloats(), (std::vector<float>{0, 1, 10, 11, 2, 3, 12, 13, 4, 5, 14, 15}));
    const std::vector<std::int64_t> second{1};
    EXPECT_EQ(arranged->gatherCall(Split::Test, second)[0].shape(), (tensor::Shape{3, 1, 2}));
    EXPECT_TRUE(checkFit(*arranged, modelOf({{-1, "seq"}, {-1, "batch"}, {2, ""}})));
    EXPECT_FALSE(checkFit(*arranged, modelOf({{-1, "seq"}, {-1, "batch"}, {7, ""}})));
}

TEST(ModelDataset, ShapesTellWhereTheBatchIs) {
    const auto shapeFor = [](std::vector<Dim> shape) {
        return arrangedFor(twoSequences(), modelOf(std::move(shape))).value()->callShape();
    };
    EXPECT_EQ(shapeFor({{3, ""}, {4, ""}, {2, ""}}), (CallShape{.fixedBatch = 4, .inputAxes = {1}})) << "three steps, four samples";
    EXPECT_EQ(shapeFor({{4, ""}, {3, ""}, {2, ""}}), (CallShape{.fixedBatch = 4}));
    EXPECT_EQ(shapeFor({{3, ""}, {-1, "s0"}, {2, ""}}), (CallShape{.inputAxes = {1}})) << "what is free";
    EXPECT_EQ(shapeFor({{-1, "s0"}, {-1, "s1"}, {2, ""}}), CallShape{});
    EXPECT_EQ(shapeFor({{1, ""}, {-1, "s0"}, {2, ""}}), (CallShape{.fixedBatch = 1})) << "a batch of one and free steps";
    EXPECT_EQ(shapeFor({{3, ""}, {2, ""}, {-1, "batch"}}), (CallShape{.inputAxes = {2}}));
}

TEST(ModelDataset, APartlyFilledBatchElsewhereIsFilledToo) {
    const auto arranged = arrangedFor(twoSequences(), modelOf(graph::dims({3, 4, 2}))).value();
    EXPECT_EQ(arranged->call(Split::Test, 1, 1)[0].shape(), (tensor::Shape{3, 4, 2}));
    EXPECT_EQ(arranged->call(Split::Test, 1, 1)[0].toFloats(),
              (std::vector<float>{10, 11, 10, 11, 10, 11, 10, 11, 12, 13, 12, 13, 12, 13, 12, 13, 14, 15, 14, 15, 14, 15, 14, 15}));
}

TEST(ModelDataset, AnInputWithoutABatchBesideOneWithIt) {
    graph::Graph model = modelWithInputs({{"mask", 2}, {"ids", 3}});
    model.value(model.main.inputs[1]).shape = graph::dims({3});
    const auto arranged = arrangedFor(maskAndIds(), model).value();
    EXPECT_EQ(arranged->callShape(), (CallShape{.fixedBatch = 1, .inputAxes = {0, std::nullopt}}));
    EXPECT_EQ(arranged->call(Split::Test, 0, 1)[0].shape(), (tensor::Shape{1, 2}));
    EXPECT_EQ(arranged->call(Split::Test, 0, 1)[1].shape(), (tensor::Shape{3}));
    EXPECT_TRUE(checkFit(*arranged, model));
    model.value(model.main.inputs[0]).shape = graph::dims({8, 2});
    const auto both = arrangedFor(maskAndIds(), model);
    ASSERT_FALSE(both);
    EXPECT_NE(both.error().message.text().find("\"mask\" of the model takes a batch of 8, but \"ids\" takes one sample without a batch"),
              std::string::npos)
        << both.error().message;
}

TEST(ModelDataset, InputsThatDisagreeAreRefusedByName) {
    graph::Graph model = modelWithInputs({{"mask", 2}, {"ids", 3}});
    model.value(model.main.inputs[0]).shape->front() = {8, ""};
    EXPECT_EQ(arrangedFor(maskAndIds(), model).value()->callSize(1), 8) << "the other takes any number";
    model.value(model.main.inputs[1]).shape->front() = {4, ""};
    const auto both = arrangedFor(maskAndIds(), model);
    ASSERT_FALSE(both);
    EXPECT_NE(both.error().message.text().find("\"mask\" of the model takes a batch of 8, but \"ids\" takes a batch of 4"),
              std::string::npos)
        << both.error().message;
}

} // namespace
} // namespace lathe::data
