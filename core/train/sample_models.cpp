#include <core/train/sample_models.h>

#include <algorithm>
#include <cmath>

#include <core/graph/layers.h>
#include <core/graph/operators/integers.h>
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

    /// What the next layer reads: the result of the last one, or what is put in its place.
    [[nodiscard]] ValueId last() const { return m_last; }
    void continueFrom(ValueId value) { m_last = value; }

    void convolution(const std::string& name, std::int64_t from, std::int64_t to, std::int64_t kernel) {
        const auto [weight, bias] = weights(name, {to, from, kernel, kernel});
        appendConvolution(name, weight, bias, 1, 0);
    }
    /// Without bias, as many pixels around the image as keep its size, then batch norm.
    void normalizedConvolution(const std::string& name, const std::string& norm, std::int64_t from, std::int64_t to, std::int64_t kernel,
                               std::int64_t stride) {
        const double bound = 1 / std::sqrt(static_cast<double>(from * kernel * kernel));
        const ValueId weight = m_graph.addWeight(name + ".weight", uniformTensor({to, from, kernel, kernel}, bound));
        appendConvolution(name, weight, Operand(), stride, kernel / 2);
        const auto filled = [&](const char* part, float value, bool isParameter) {
            const std::vector<float> values(static_cast<std::size_t>(to), value);
            return m_graph.addWeight(norm + part, tensor::Tensor::of(tensor::Shape{to}, values), isParameter);
        };
        const ValueId gamma = filled(".weight", 1, true), beta = filled(".bias", 0, true);
        const ValueId mean = filled(".running_mean", 0, false), variance = filled(".running_var", 1, false);
        append(graph::op::batchNorm, norm,
               {m_last, gamma, beta, mean, variance, Literal(false), Literal(0.1), Literal(1e-5), Literal(true)});
    }
    void add(const std::string& name, ValueId other) { append(graph::op::add, name, {m_last, other, Literal(std::int64_t{1})}); }
    void globalAverage(const std::string& name) { append(graph::op::adaptiveAvgPool2d, name, {m_last, Literal(Sizes{1, 1})}); }
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
    void appendConvolution(const std::string& name, ValueId weight, Operand bias, std::int64_t stride, std::int64_t padding) {
        append(graph::op::conv2d, name,
               {m_last, weight, std::move(bias), Literal(Sizes{stride, stride}), Literal(Sizes{padding, padding}), Literal(Sizes{1, 1}),
                Literal(std::int64_t{1})});
    }
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

graph::Graph resnet20(std::int64_t seed) {
    Chain chain("resnet20", {1, 32, 32}, seed);
    std::int64_t channels = 16;
    chain.normalizedConvolution("conv1", "bn1", 1, channels, 3, 1);
    chain.relu("relu1");
    for (int stage = 1; stage <= 3; ++stage) {
        for (int block = 0; block < 3; ++block) {
            const std::string name = "layer" + std::to_string(stage) + "." + std::to_string(block) + ".";
            const bool halves = stage > 1 && block == 0;
            const std::int64_t from = channels, stride = halves ? 2 : 1;
            if (halves) channels *= 2;
            const ValueId input = chain.last();
            ValueId shortcut = input;
            if (halves) {
                chain.normalizedConvolution(name + "shortcut", name + "shortcut_bn", from, channels, 1, stride);
                shortcut = chain.last();
                chain.continueFrom(input);
            }
            chain.normalizedConvolution(name + "conv1", name + "bn1", from, channels, 3, stride);
            chain.relu(name + "relu1");
            chain.normalizedConvolution(name + "conv2", name + "bn2", channels, channels, 3, 1);
            chain.add(name + "add", shortcut);
            chain.relu(name + "relu2");
        }
    }
    chain.globalAverage("pool");
    chain.flatten("flatten");
    chain.linear("fc", channels, 10);
    return chain.finish();
}

namespace {

struct Sample {
    std::string_view name;
    graph::Graph (*make)(std::int64_t seed);
    steps::TrainingSettings training;
};

std::vector<Sample> samples() {
    steps::TrainingSettings lenet;
    lenet.learningRate = 0.05;
    lenet.schedule = steps::Schedule::Cosine;
    lenet.warmUp = 0.15;
    lenet.weightDecay = 0.0005;
    lenet.batchSize = 64;
    lenet.augmentation.flip = true;
    steps::TrainingSettings resnet = lenet;
    resnet.learningRate = 0.2;
    resnet.nesterov = true;
    resnet.schedule = steps::Schedule::OneCycle;
    resnet.warmUp = 0;
    resnet.batchSize = 128;
    resnet.batchNorm = steps::BatchNorm::Batch;
    return {{"lenet5", &lenet5, lenet}, {"resnet20", &resnet20, resnet}};
}

} // namespace

std::vector<std::string> sampleModelNames() {
    std::vector<std::string> names;
    for (const Sample& sample : samples())
        names.emplace_back(sample.name);
    return names;
}

base::Result<TrainedSample> trainSampleModel(std::string_view name, const data::Dataset& dataset, const SampleTraining& options,
                                             const base::Job& job) {
    const std::vector<Sample> all = samples();
    const auto found = std::ranges::find(all, name, &Sample::name);
    if (found == all.end()) {
        const std::string nearest = graph::nearestName(name, sampleModelNames());
        return base::failure(base::ErrorCode::NotFound, "There is no sample model \"" + std::string(name) + "\"" +
                                                            (nearest.empty() ? "." : "; did you mean \"" + nearest + "\"?"));
    }
    FinetuneOptions training{found->training};
    training.epochs = options.epochs;
    training.precision = options.precision;
    training.seed = options.seed;
    training.device = options.device;
    training.checkpoint = options.checkpoint;

    TrainedSample sample;
    sample.graph = found->make(options.seed);
    auto report = finetune(sample.graph, dataset, training, job);
    if (!report) return base::forward(report);
    sample.report = std::move(*report);
    return sample;
}

} // namespace lathe::train
