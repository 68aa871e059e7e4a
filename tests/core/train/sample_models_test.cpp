#include <core/train/sample_models.h>

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include <ATen/ops/zeros.h>

#include <core/graph/layers.h>
#include <core/graph/operators/names.h>
#include <core/runtime/plan_torch.h>
#include <tests/support/graphs.h>

#include "toy_data.h"

namespace lathe::train {
namespace {

TEST(Lenet5, IsTheClassic) {
    const graph::Graph model = lenet5(0);
    const auto verified = graph::verify(model);
    EXPECT_TRUE(verified) << verified.error().text();
    EXPECT_EQ(graph::parameterCount(model), 61706);
    std::vector<std::string> names;
    graph::forEachNode(model, [&](const graph::Node& node) {
        names.push_back(node.name);
        EXPECT_EQ(node.scope, node.name);
    });
    EXPECT_EQ(names, (std::vector<std::string>{"conv1", "relu1", "pool1", "conv2", "relu2", "pool2", "flatten", "fc1", "relu3", "fc2",
                                               "relu4", "fc3"}));
    const auto& shape = *model.value(model.main.inputs[0]).shape;
    ASSERT_EQ(shape.size(), 4U);
    EXPECT_LT(shape[0].size, 0) << "any batch";
}

TEST(Lenet5, BeginsUniformWithinOneOverTheRootOfTheInputs) {
    const graph::Graph model = lenet5(0);
    for (const auto& [name, inputs] : {std::pair{"conv2.weight", 150.0}, std::pair{"fc1.weight", 400.0}}) {
        const std::vector<float> values = testing::weight(model, name);
        double squares = 0;
        for (const float value : values) {
            EXPECT_LE(std::abs(value), 1 / std::sqrt(inputs));
            squares += static_cast<double>(value) * value;
        }
        // The variance of a uniform distribution within ±b is b²/3.
        EXPECT_NEAR(squares / static_cast<double>(values.size()) * inputs * 3, 1, 0.05) << name;
    }
}

TEST(Lenet5, DependsOnTheSeed) {
    EXPECT_TRUE(graph::structurallyEqual(lenet5(1), lenet5(1)));
    EXPECT_FALSE(graph::structurallyEqual(lenet5(1), lenet5(2)));
}

TEST(Resnet20, HasTwentyLayersWithWeights) {
    graph::Graph model = resnet20(0);
    const auto verified = graph::verify(model);
    EXPECT_TRUE(verified) << verified.error().text();
    EXPECT_EQ(graph::parameterCount(model), 272186);
    std::int64_t layers = 0, shortcuts = 0, norms = 0;
    graph::forEachNode(model, [&](const graph::Node& node) {
        const bool isLayer = node.op == graph::op::conv2d || node.op == graph::op::linear;
        const bool isShortcut = node.name.ends_with("shortcut");
        layers += isLayer && !isShortcut ? 1 : 0;
        shortcuts += isShortcut ? 1 : 0;
        norms += node.op == graph::op::batchNorm ? 1 : 0;
    });
    EXPECT_EQ(layers, 20);
    EXPECT_EQ(shortcuts, 2);
    EXPECT_EQ(norms, 21);
    ASSERT_TRUE(runtime::annotateShapes(model, std::vector<c10::IValue>{at::zeros({2, 1, 32, 32})}));
    EXPECT_EQ(graph::macsPerSample(model).known, 40'518'272);
    const auto shapeOf = [&](const char* node) { return *model.value(model.findNode(node)->results[0]).shape; };
    EXPECT_EQ(shapeOf("layer1.2.relu2"), graph::dims({2, 16, 32, 32}));
    EXPECT_EQ(shapeOf("layer3.0.shortcut"), graph::dims({2, 64, 8, 8}));
    EXPECT_EQ(shapeOf("fc"), graph::dims({2, 10}));
}

TEST(TrainSampleModel, LearnsTheShippedPictures) {
    const auto data = data::openDataset("fashion-mnist-small").value();
    SampleTraining options;
    options.epochs = 2;
    const auto sample = trainSampleModel("lenet5", *data, options, {});
    ASSERT_TRUE(sample) << sample.error().text();
    ASSERT_EQ(sample->report.curve.losses.size(), 2U);
    EXPECT_LT(sample->report.curve.losses[1], std::log(10.0)) << "better than guessing";
    EXPECT_LT(sample->report.curve.losses[1], sample->report.curve.losses[0]);
}

TEST(TrainSampleModel, BatchNormsLearnTheirStatistics) {
    const std::vector<std::int64_t> labels = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5};
    const data::SplitContent split{support::randomTensor({16, 1, 32, 32}, 1), tensor::Tensor::of(tensor::Shape{16}, labels)};
    const auto data = data::InMemoryDataset::create({.name = "images", .train = split, .test = split}).value();
    SampleTraining options;
    options.epochs = 1;
    const auto sample = trainSampleModel("resnet20", *data, options, {});
    ASSERT_TRUE(sample) << sample.error().text();
    EXPECT_NE(testing::weight(sample->graph, "layer3.2.bn2.running_var"), std::vector<float>(64, 1.0F));
    EXPECT_NE(testing::weight(sample->graph, "layer3.2.conv2.weight"), testing::weight(resnet20(0), "layer3.2.conv2.weight"));
}

TEST(TrainSampleModel, NamesTheNearestModel) {
    const auto sample = trainSampleModel("lenet", *testing::toyData(), {}, {});
    ASSERT_FALSE(sample);
    EXPECT_EQ(sample.error().code, base::ErrorCode::NotFound);
    EXPECT_NE(sample.error().message.text().find("did you mean \"lenet5\"?"), std::string::npos) << sample.error().message;
}

} // namespace
} // namespace lathe::train
