#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <core/base/job.h>
#include <core/base/result.h>
#include <core/data/dataset.h>
#include <core/graph/graph.h>
#include <core/train/finetune.h>

namespace lathe::train {

/// LeNet-5 for 1x32x32 images and ten classes, in the form that is common today (LeCun, Bottou, Bengio, Haffner 1998, with ReLU, max
/// pooling and a full second convolution): conv1 1→6 5x5, pool1, conv2 6→16 5x5, pool2, fc1 400→120, fc2 120→84, fc3 84→10; 61 706
/// parameters. Any batch size. Weights are random, uniform within ±1/√(inputs of a unit) as PyTorch begins (He et al. 2015 with a = √5);
/// the same seed gives the same weights.
[[nodiscard]] graph::Graph lenet5(std::int64_t seed);

/// ResNet-20 in its form for small images (He, Zhang, Ren, Sun 2015, arXiv:1512.03385, 4.2) for 1x32x32 images and ten classes: a 3x3
/// convolution to 16 channels, three stages of three blocks with 16, 32 and 64, each of two 3x3 convolutions around which the input goes;
/// 272 186 parameters. Where a stage halves the image, its input goes through a 1x1 convolution (the paper's option B): layers that can be
/// pruned. Every convolution has a batch norm and no bias. Weights begin as those of lenet5().
[[nodiscard]] graph::Graph resnet20(std::int64_t seed);

/// The models that trainSampleModel knows: "lenet5", "resnet20".
[[nodiscard]] std::vector<std::string> sampleModelNames();

/// What of a sample's training is the command line's.
struct SampleTraining {
    int epochs = 20;
    std::int64_t seed = 0;
    steps::Precision precision = steps::Precision::Float32;
    runtime::Device device = {};
    std::filesystem::path checkpoint = {}; ///< as FinetuneOptions::checkpoint
};

struct TrainedSample {
    graph::Graph graph;
    FinetuneReport report;
};

/// Trains a sample model from random weights by SGD with momentum 0.9, weight decay 0.0005 and horizontal flips. LeNet-5: learning rate
/// 0.05 (warm-up, then cosine), batches of 64; chosen so that on Fashion-MNIST it is accurate and keeps its accuracy when it is pruned.
/// ResNet-20: 0.2 in one cycle, Nesterov's momentum, batches of 128. Errors: NotFound (with the nearest name), and those of finetune.
[[nodiscard]] base::Result<TrainedSample> trainSampleModel(std::string_view name, const data::Dataset& dataset,
                                                           const SampleTraining& options, const base::Job& job);

} // namespace lathe::train
