#include <core/train/sample_models.h>

#include <cmath>

#include <core/graph/layers.h>
#include <core/graph/operators/names.h>
#include <core/train/random_order.h>

namespace lathe::train {

namespace {

using graph::Literal;
using graph::Operand;
using graph::ValueId;
using Sizes = std::vector<std::int64_t>;

/// Appends layers one after another, each reading the result of the last.
class Chain {
public:
    Chain(std::string name, tensor::Shape sampleShape, std::int64_t seed) : m_random(epochRandom(seed, 0)) {
        m_graph.name = std::move(name);
        m_last = m_graph.addInput("x");
        graph::Value& input = m_graph.value(m_last);
        input.dtype = tensor::DType::Float32;
        input.shape = graph::dims(sampleShape);
        input.shape->insert(input.shape->begin(), graph::Dim{-1, "N"});
    }

    void convolution(const std::string& name, std::int64_t from, std::int64_t to, std::int64_t kernel) {
        const auto [weight, bias] = weights(name, {to, from, kernel, kernel});
        append(graph::op::conv2d, name,
               {m_last, weight, bias, Literal(Sizes{1, 1}), Literal(Sizes{0, 0}), Literal(Sizes{1, 1}), Literal(std::int64_t{1})});
    }
    void linear(const std::string& name, std::int64_t from, std::int64_t to) {
        const auto [weight, bias] = weights(name, {to, from});
        append(graph::op::linear, name, {m_last, weight, bias});
    }
    void relu(const std::string& name) { append(graph::op::relu, name, {m_last}); }
    void maxPool(const std::string& name, std::int64_t size) {
        append(
            graph::op::maxPool2d, name,
            {m_last, Literal(Sizes{size, size}), Literal(Sizes{size, size}), Literal(Sizes{0, 0}), Literal(Sizes{1, 1}), Literal(false)});
    }
    void flatten(const std::string& name) {
        append(graph::op::flatten, name, {m_last, Literal(std::int64_t{1}), Literal(std::int64_t{-1})});
    }
    graph::Graph finish() {
        m_graph.main.outputs = {m_last};
        return std::move(m_graph);
    }

private:
    void append(std::string_view op, const std::string& name, std::vector<Operand> operands) {
        graph::Node& node = m_graph.addNode(std::string(op), name, std::move(operands));
        node.scope = name;
        m_last = node.results.front();
    }
    tensor::Tensor uniformTensor(const tensor::Shape& shape, double bound) {
        std::vector<float> values(static_cast<std::size_t>(tensor::elementCount(shape)));
        for (float& value : values) {
            value = static_cast<float>((2 * uniform(m_random) - 1) * bound);
        }
        return tensor::Tensor::of(shape, values);
    }
    std::pair<ValueId, ValueId> weights(const std::string& layer, const tensor::Shape& shape) {
        const double bound = 1 / std::sqrt(static_cast<double>(tensor::elementCount(shape) / shape[0]));
        const ValueId weight = m_graph.addWeight(layer + ".weight", uniformTensor(shape, bound));
        const ValueId bias = m_graph.addWeight(layer + ".bias", uniformTensor({shape[0]}, bound));
        return {weight, bias};
    }

    graph::Graph m_graph;
    ValueId m_last = -1;
    std::mt19937_64 m_random;
};

} // namespace

graph::Graph lenet5(std::int64_t seed) {
    Chain chain("lenet5", {1, 32, 32}, seed);
    chain.convolution("conv1", 1, 6, 5);
    chain.relu("relu1");
    chain.maxPool("pool1", 2);
    chain.convolution("conv2", 6, 16, 5);
    chain.relu("relu2");
    chain.maxPool("pool2", 2);
    chain.flatten("flatten");
    chain.linear("fc1", 400, 120);
    chain.relu("relu3");
    chain.linear("fc2", 120, 84);
    chain.relu("relu4");
    chain.linear("fc3", 84, 10);
    return chain.finish();
}

std::vector<std::string> sampleModelNames() { return {"lenet5"}; }

base::Result<TrainedSample> trainSampleModel(std::string_view name, const data::Dataset& dataset, const SampleTraining& options,
                                             const base::Job& job) {
    if (name != "lenet5") {
        const std::string nearest = graph::nearestName(name, sampleModelNames());
        return base::failure(base::ErrorCode::NotFound, "There is no sample model \"" + std::string(name) + "\"" +
                                                            (nearest.empty() ? "." : "; did you mean \"" + nearest + "\"?"));
    }
    FinetuneOptions training;
    training.epochs = options.epochs;
    training.seed = options.seed;
    training.device = options.device;
    training.learningRate = 0.05;
    training.schedule = steps::Schedule::Cosine;
    training.warmUp = 0.15;
    training.momentum = 0.9;
    training.weightDecay = 0.0005;
    training.batchSize = 64;
    training.augmentation.flip = true;

    TrainedSample sample;
    sample.graph = lenet5(options.seed);
    auto report = finetune(sample.graph, dataset, training, job);
    if (!report) return base::forward(report);
    sample.report = std::move(*report);
    return sample;
}

} // namespace lathe::train
