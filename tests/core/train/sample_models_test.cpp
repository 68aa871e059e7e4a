#include <core/train/sample_models.h>

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include <core/graph/layers.h>

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

TEST(TrainSampleModel, LearnsTheShippedPictures) {
    const auto data = data::openDataset("fashion-mnist-small").value();
    SampleTraining options;
    options.epochs = 2;
    const auto sample = trainSampleModel("lenet5", *data, options, {});
    ASSERT_TRUE(sample) << sample.error().text();
    ASSERT_EQ(sample->report.epochLosses.size(), 2U);
    EXPECT_LT(sample->report.epochLosses[1], std::log(10.0)) << "better than guessing";
    EXPECT_LT(sample->report.epochLosses[1], sample->report.epochLosses[0]);
}

TEST(TrainSampleModel, NamesTheNearestModel) {
    const auto sample = trainSampleModel("lenet", *testing::toyData(), {}, {});
    ASSERT_FALSE(sample);
    EXPECT_EQ(sample.error().code, base::ErrorCode::NotFound);
    EXPECT_NE(sample.error().message.find("did you mean \"lenet5\"?"), std::string::npos) << sample.error().message;
}

} // namespace
} // namespace lathe::train
