#include <core/formats/weights/replace_weights.h>

#include <gtest/gtest.h>

#include <core/formats/model_file.h>

namespace lathe::formats {
namespace {

using tensor::Tensor;
using Kind = WeightDifference::Kind;

graph::Graph twoWeights() {
    graph::Graph graph;
    graph.addWeight("fc.weight", Tensor::of<float>({1, 2}, {1, 2}));
    graph.addWeight("fc.bias", Tensor::of<float>({1}, {3}));
    return graph;
}

TEST(ReplaceWeights, TakesWhatFits) {
    graph::Graph graph = twoWeights();
    const NamedTensors weights{{"fc.weight", Tensor::of<float>({1, 2}, {7, 8})}, {"fc.bias", Tensor::of<float>({1}, {9})}};
    EXPECT_TRUE(replaceWeights(graph, weights).empty());
    EXPECT_EQ(graph.values[0].data.toFloats(), std::vector<float>({7, 8}));
    EXPECT_EQ(graph.values[1].data.toFloats(), std::vector<float>({9}));
}

TEST(ReplaceWeights, ListsWhatDoesNotFitAndLeavesItAsItWas) {
    graph::Graph graph = twoWeights();
    graph.addWeight("head", Tensor::of<float>({1}, {4}));
    const NamedTensors weights{{"fc.weight", Tensor::of<float>({2, 1}, {7, 8})},
                               {"fc.bias", Tensor::of<double>({1}, {9})},
                               {"counter", Tensor::of<std::int64_t>({}, {5})}};
    const auto differences = replaceWeights(graph, weights);
    const std::vector<WeightDifference> expected{{Kind::Shape, "fc.weight", "1x2", "2x1"},
                                                 {Kind::DType, "fc.bias", "float32", "float64"},
                                                 {Kind::Missing, "head", "1", ""},
                                                 {Kind::Unexpected, "counter", "", tensor::text({})}};
    EXPECT_EQ(differences, expected);
    EXPECT_EQ(graph.values[0].data.toFloats(), std::vector<float>({1, 2}));
    EXPECT_EQ(graph.values[1].data.toFloats(), std::vector<float>({3}));
    const auto fit = requireFit(differences);
    ASSERT_FALSE(fit);
    EXPECT_EQ(fit.error().message, "The weights do not fit the model: \"fc.weight\" is 2x1 instead of 1x2, and 2 more differ.");
}

TEST(ReplaceWeights, WhatIsLeftOverIsNoProblem) {
    EXPECT_TRUE(requireFit({{Kind::Unexpected, "counter", "", "1"}}));
    EXPECT_EQ(requireFit({{Kind::Missing, "head", "1", ""}}).error().message, "The weights do not fit the model: \"head\" is missing.");
}

TEST(ReplaceWeights, AStateDictOfTheSameModelFits) {
    const std::filesystem::path folder = std::filesystem::path(LATHE_SOURCE_DIR) / "tests/data/torchscript";
    auto model = openModel(folder / "lenet_scripted.pt");
    ASSERT_TRUE(model);
    const auto weights = readWeightsFile(folder / "state_dict.pt");
    ASSERT_TRUE(weights) << weights.error().message;
    const graph::Graph before = model->graph;
    EXPECT_TRUE(replaceWeights(model->graph, *weights).empty());
    EXPECT_TRUE(graph::structurallyEqual(before, model->graph)) << "they are the weights it was saved with";
}

} // namespace
} // namespace lathe::formats
