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
    EXPECT_TRUE(replaceWeights(graph, weights).differences.empty());
    EXPECT_EQ(graph.values[0].data.toFloats(), std::vector<float>({7, 8}));
    EXPECT_EQ(graph.values[1].data.toFloats(), std::vector<float>({9}));
}

TEST(ReplaceWeights, ListsWhatDoesNotFitAndLeavesItAsItWas) {
    graph::Graph graph = twoWeights();
    graph.addWeight("head", Tensor::of<float>({1}, {4}));
    const NamedTensors weights{{"fc.weight", Tensor::of<float>({2, 1}, {7, 8})},
                               {"fc.bias", Tensor::of<std::int32_t>({1}, {9})},
                               {"counter", Tensor::of<std::int64_t>({}, {5})}};
    const auto differences = replaceWeights(graph, weights).differences;
    const std::vector<WeightDifference> expected{{Kind::Shape, "fc.weight", "1x2", "2x1"},
                                                 {Kind::DType, "fc.bias", "float32", "int32"},
                                                 {Kind::Missing, "head", "1", ""},
                                                 {Kind::Unexpected, "counter", "", tensor::text({})}};
    EXPECT_EQ(differences, expected);
    EXPECT_EQ(graph.values[0].data.toFloats(), std::vector<float>({1, 2}));
    EXPECT_EQ(graph.values[1].data.toFloats(), std::vector<float>({3}));
    const auto fit = requireFit(differences);
    ASSERT_FALSE(fit);
    EXPECT_EQ(fit.error().message,
              "The weights do not fit the model: \"fc.weight\" is 2x1 instead of 1x2, \"fc.bias\" is int32 instead of float32, \"head\" is "
              "missing. The file has \"counter\", which the model has no place for.");
}

TEST(ReplaceWeights, FloatsOfAnotherWidthAreCastAndItIsSaid) {
    graph::Graph graph = twoWeights();
    graph.addWeight("half", Tensor::of<float>({1}, {0}).to(tensor::DType::Float16));
    graph.addWeight("small", Tensor::of<float>({1}, {5}).to(tensor::DType::Float16));
    const NamedTensors weights{{"fc.weight", Tensor::of<float>({1, 2}, {1.5F, -2}).to(tensor::DType::BFloat16)},
                               {"fc.bias", Tensor::of<double>({1}, {0.1})},
                               {"half", Tensor::of<float>({1}, {0.25F})},
                               {"small", Tensor::of<float>({1}, {1e6F})}};
    const ReplacedWeights replaced = replaceWeights(graph, weights);
    EXPECT_EQ(graph.values[0].data.toFloats(), std::vector<float>({1.5F, -2}));
    EXPECT_EQ(graph.values[1].data.toFloats(), std::vector<float>({0.1F}));
    EXPECT_EQ(graph.values[2].data.toFloats(), std::vector<float>({0.25F}));
    EXPECT_EQ(graph.values[0].data.dtype(), tensor::DType::Float32);
    EXPECT_EQ(graph.values[2].data.dtype(), tensor::DType::Float16);
    const std::vector<WeightDifference> tooLarge{{Kind::DType, "small", "float16", "float32"}};
    EXPECT_EQ(replaced.differences, tooLarge) << "float16 has no 1e6";
    EXPECT_EQ(replaced.notes, (std::vector<std::string>{"1 weight is bfloat16 in the file and was cast to the model's float32.",
                                                        "1 weight is float32 in the file and was cast to the model's float16.",
                                                        "1 weight is float64 in the file and was cast to the model's float32."}));
}

TEST(ReplaceWeights, NamesOfWrappersAreMatched) {
    graph::Graph graph = twoWeights();
    const NamedTensors weights{{"_orig_mod.module.fc.weight", Tensor::of<float>({1, 2}, {7, 8})},
                               {"_orig_mod.module.fc.bias", Tensor::of<float>({1}, {9})}};
    const ReplacedWeights replaced = replaceWeights(graph, weights);
    EXPECT_TRUE(replaced.differences.empty());
    EXPECT_EQ(graph.values[0].data.toFloats(), std::vector<float>({7, 8}));
    ASSERT_EQ(replaced.notes.size(), 1U);
    EXPECT_NE(replaced.notes[0].find("\"_orig_mod.module.fc.weight\" of the file is taken for \"fc.weight\""), std::string::npos)
        << replaced.notes[0];
}

/// Files of safetensors hold a tied weight once.
TEST(ReplaceWeights, TiedWeightsFollowTheOneThatTheFileHas) {
    graph::Graph graph = twoWeights();
    graph.addWeight("head.weight", graph.values[0].data);
    const NamedTensors weights{{"fc.weight", Tensor::of<float>({1, 2}, {7, 8})}, {"fc.bias", Tensor::of<float>({1}, {9})}};
    EXPECT_TRUE(replaceWeights(graph, weights).differences.empty());
    EXPECT_EQ(graph.values[2].data.toFloats(), std::vector<float>({7, 8}));
}

/// register_buffer(…, persistent=False), constants of an ONNX graph.
TEST(ReplaceWeights, BuffersThatAreNotSavedStayAsTheyAre) {
    graph::Graph graph = twoWeights();
    graph.addWeight("positions", Tensor::of<std::int64_t>({1}, {4}));
    graph.addWeight("frequencies", Tensor::of<float>({1}, {0.5F}), false);
    const NamedTensors weights{{"fc.weight", Tensor::of<float>({1, 2}, {7, 8})}, {"fc.bias", Tensor::of<float>({1}, {9})}};
    const ReplacedWeights replaced = replaceWeights(graph, weights);
    EXPECT_TRUE(replaced.differences.empty());
    ASSERT_EQ(replaced.notes.size(), 1U);
    EXPECT_TRUE(replaced.notes[0].starts_with("The file has nothing for 2 buffers of the model (\"positions\", …)")) << replaced.notes[0];
    graph.addWeight("bn.running_mean", Tensor::of<float>({1}, {0.5F}), false);
    const auto differences = replaceWeights(graph, weights).differences;
    ASSERT_EQ(differences.size(), 1U) << "statistics are saved, and change";
    EXPECT_EQ(differences[0].name, "bn.running_mean");
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
    EXPECT_TRUE(replaceWeights(model->graph, *weights).differences.empty());
    EXPECT_TRUE(graph::structurallyEqual(before, model->graph)) << "they are the weights it was saved with";
}

} // namespace
} // namespace lathe::formats
