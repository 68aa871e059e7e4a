#pragma once

#include <memory>
#include <vector>

#include <core/data/in_memory_dataset.h>
#include <core/graph/graph.h>
#include <core/graph/operators/names.h>
#include <core/train/random_order.h>

// A small problem that the tests of training share: three classes of points in the plane, and a model with one hidden layer.

namespace lathe::train::testing {

/// `count` points: class k lies around (k, 2 − k), `noise` wide. A fixed seed.
inline data::SplitContent points(std::int64_t count, double noise = 0.5) {
    std::mt19937_64 random = epochRandom(1, 1);
    std::vector<float> values;
    std::vector<std::int64_t> labels;
    for (std::int64_t at = 0; at < count; ++at) {
        const std::int64_t label = at % 3;
        values.push_back(static_cast<float>(static_cast<double>(label) + noise * (uniform(random) - 0.5)));
        values.push_back(static_cast<float>(static_cast<double>(2 - label) + noise * (uniform(random) - 0.5)));
        labels.push_back(label);
    }
    return {tensor::Tensor::of(tensor::Shape{count, 2}, values), tensor::Tensor::of(tensor::Shape{count}, labels)};
}

inline std::shared_ptr<const data::InMemoryDataset> toyData(std::int64_t count = 50) {
    return data::InMemoryDataset::create({.name = "points", .train = points(count), .test = points(9)}).value();
}

/// linear(2 → 4), relu, linear(4 → 3); with `hasZeros` two weights of the first layer are pruned.
inline graph::Graph toyModel(bool hasZeros = false) {
    graph::Graph model;
    model.name = "toy";
    const auto x = model.addInput("x");
    std::vector<float> first = {0.5F, -0.3F, 0.2F, 0.4F, -0.6F, 0.1F, 0.3F, 0.7F};
    if (hasZeros) first[1] = first[6] = 0;
    const auto w1 = model.addWeight("fc1.weight", tensor::Tensor::of<float>({4, 2}, first));
    const auto b1 = model.addWeight("fc1.bias", tensor::Tensor::of<float>({4}, {0.1F, 0, -0.1F, 0.2F}));
    const auto w2 = model.addWeight(
        "fc2.weight", tensor::Tensor::of<float>({3, 4}, {0.2F, -0.5F, 0.3F, 0.1F, 0.4F, 0.6F, -0.2F, 0.3F, -0.1F, 0.2F, 0.5F, -0.4F}));
    const auto b2 = model.addWeight("fc2.bias", tensor::Tensor::of<float>({3}, {0, 0.1F, -0.1F}));
    const auto hidden = model.addNode(std::string(graph::op::linear), "fc1", {x, w1, b1}).results[0];
    const auto active = model.addNode(std::string(graph::op::relu), "relu", {hidden}).results[0];
    const auto scores = model.addNode(std::string(graph::op::linear), "fc2", {active, w2, b2}).results[0];
    model.main.outputs = {scores};
    return model;
}

/// linear(2 → 7), relu, linear(7 → 3) with the names of toyModel(): what was there before it was pruned.
inline graph::Graph wideModel() {
    graph::Graph model;
    model.name = "wide";
    std::mt19937_64 random = epochRandom(2, 2);
    const auto filled = [&](const tensor::Shape& shape) {
        std::vector<float> values(static_cast<std::size_t>(tensor::elementCount(shape)));
        for (float& value : values)
            value = static_cast<float>(2 * uniform(random) - 1);
        return tensor::Tensor::of(shape, values);
    };
    const auto x = model.addInput("x");
    const auto w1 = model.addWeight("fc1.weight", filled({7, 2})), b1 = model.addWeight("fc1.bias", filled({7}));
    const auto w2 = model.addWeight("fc2.weight", filled({3, 7})), b2 = model.addWeight("fc2.bias", filled({3}));
    const auto hidden = model.addNode(std::string(graph::op::linear), "fc1", {x, w1, b1}).results[0];
    const auto active = model.addNode(std::string(graph::op::relu), "relu", {hidden}).results[0];
    model.main.outputs = {model.addNode(std::string(graph::op::linear), "fc2", {active, w2, b2}).results[0]};
    return model;
}

inline std::vector<float> weight(const graph::Graph& graph, const char* name) {
    return graph.value(*graph.findValue(name)).data.toFloats();
}

} // namespace lathe::train::testing
