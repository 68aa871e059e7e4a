#pragma once

#include <cstdint>
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

/// The models that trainSampleModel knows: "lenet5".
[[nodiscard]] std::vector<std::string> sampleModelNames();

/// How the shipped samples were trained; epochs and seed are the command line's.
struct SampleTraining {
    int epochs = 20;
    std::int64_t seed = 0;
    runtime::Device device = {};
};

struct TrainedSample {
    graph::Graph graph;
    FinetuneReport report;
};

/// Trains a sample model from random weights: SGD with learning rate 0.05 (warm-up, then cosine), momentum 0.9, weight decay 0.0005,
/// batches of 64, horizontal flips. The recipe was chosen so that LeNet-5 on Fashion-MNIST is accurate and keeps its accuracy when it is
/// pruned. Errors: NotFound (with the nearest name), and those of finetune.
[[nodiscard]] base::Result<TrainedSample> trainSampleModel(std::string_view name, const data::Dataset& dataset,
                                                           const SampleTraining& options, const base::Job& job);

} // namespace lathe::train
