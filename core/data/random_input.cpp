#include <core/data/random_input.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <utility>

#include <core/data/in_memory_dataset.h>
#include <core/graph/batch_axis.h>
#include <core/graph/input_dtype.h>
#include <core/graph/layer_weight.h>
#include <core/graph/layers.h>
#include <core/graph/operators/convolution.h>
#include <core/graph/operators/names.h>

namespace lathe::data {

namespace {

using base::ErrorCode;
using base::failure;
using tensor::DType;

constexpr std::string_view kind = "random";

std::int64_t rowsOf(const graph::Graph& graph, const graph::UseIndex& uses, const graph::Node& embedding) {
    const auto info = graph::layerWeightOf(graph, uses, embedding);
    if (!info) return 0;
    const tensor::Shape& shape = info->shape;
    return shape.empty() ? 0 : shape.front();
}

std::int64_t smallestEmbedding(const graph::Graph& graph, const graph::UseIndex& uses, graph::ValueId input) {
    std::int64_t rows = 0;
    graph::forReaders(uses, input, graph::AcrossTypes::Yes, [&](const graph::Node& node, int operand) {
        if (node.op != graph::op::embedding || !graph::isRole(node, operand, "indices")) return;
        const std::int64_t these = rowsOf(graph, uses, node);
        if (these > 0) rows = rows == 0 ? these : std::min(rows, these);
    });
    return rows;
}

/// What a layer takes: free sizes but for its channels.
std::optional<std::vector<graph::Dim>> inputShape(const graph::Graph& graph, const graph::UseIndex& uses, const graph::Node& layer) {
    const auto info = graph::layerWeightOf(graph, uses, layer);
    if (!info) return std::nullopt;
    const tensor::Shape& weight = info->shape;
    if (graph::isLinear(layer.op) && weight.size() == 2) return std::vector<graph::Dim>{graph::Dim{weight[1], ""}};
    const graph::Convolution convolution(layer);
    if (!graph::isConvolution(layer.op) || weight.size() < 3 || convolution.isTransposed()) return std::nullopt;
    const auto groups = convolution.groups().value_or(1);
    std::vector<graph::Dim> shape{graph::Dim{weight[1] * std::max<std::int64_t>(groups, 1), ""}};
    shape.resize(weight.size() - 1);
    return shape;
}

/// What the first layer that reads an input of unknown shape takes. Detectors resize and pad their images in code of their own before any
/// layer: the only input of a model is for its first convolution.
std::optional<std::vector<graph::Dim>> guessedShape(const graph::Graph& graph, const graph::UseIndex& uses, graph::ValueId input,
                                                    std::int64_t rows) {
    if (rows > 0) return std::vector<graph::Dim>{graph::Dim{}};
    std::optional<std::vector<graph::Dim>> guess;
    graph::forReaders(uses, input, graph::AcrossTypes::Yes, [&](const graph::Node& node, int operand) {
        if (!guess && graph::isWeighted(node.op) && graph::isRole(node, operand, "input")) guess = inputShape(graph, uses, node);
    });
    if (guess || graph.main.inputs.size() > 1) return guess;
    bool isFirst = true;
    graph::forEachNode(graph, [&](const graph::Node& node) {
        if (!std::exchange(isFirst, isFirst && !graph::isWeighted(node.op))) return;
        if (graph::isConvolution(node.op)) guess = inputShape(graph, uses, node);
    });
    return guess;
}

std::optional<std::int64_t> positiveNumber(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc{} || end != text.data() + text.size() || number < 1 || number > (std::int64_t{1} << 31)) return std::nullopt;
    return number;
}

std::optional<tensor::Shape> shapeIn(std::string_view text) {
    tensor::Shape shape;
    while (true) {
        const std::size_t end = text.find('x');
        const auto number = positiveNumber(text.substr(0, end));
        if (!number) return std::nullopt;
        shape.push_back(*number);
        if (end == std::string_view::npos) return shape;
        text.remove_prefix(end + 1);
    }
}

struct Options {
    std::uint64_t seed = 1;
    std::optional<std::int64_t> samples;
    std::map<std::string, tensor::Shape> shapes; ///< by name of an input, or of a free size (one number)
};

base::Result<Options> optionsIn(std::string_view specification) {
    Options options;
    std::string_view rest = specification.substr(std::min(specification.size(), kind.size() + 1));
    while (!rest.empty()) {
        const std::string_view part = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), part.size() + 1));
        const std::size_t equals = part.find('=');
        const std::string key(part.substr(0, equals));
        const auto value = equals == std::string_view::npos ? std::nullopt : shapeIn(part.substr(equals + 1));
        if (key.empty() || !value || ((key == "seed" || key == "samples") && value->size() != 1)) {
            return failure(ErrorCode::InvalidArgument, {"random.isNoOption", {{"option", std::string(part)}}});
        }
        if (key == "seed")
            options.seed = static_cast<std::uint64_t>(value->front());
        else if (key == "samples")
            options.samples = value->front();
        else
            options.shapes[key] = *value;
    }
    return options;
}

/// The shape of one sample; every used option is struck from `unused`.
base::Result<tensor::Shape> sampleShape(const ModelInput& input, const Options& options, std::set<std::string>& unused) {
    if (const auto own = options.shapes.find(input.name); own != options.shapes.end()) {
        unused.erase(input.name);
        bool fits = !input.isShapeKnown || own->second.size() == input.shape.size();
        for (std::size_t at = 0; fits && input.isShapeKnown && at < input.shape.size(); ++at)
            fits = input.shape[at].size < 0 || input.shape[at].size == own->second[at];
        if (fits) return own->second;
        std::string wanted;
        for (std::size_t at = 0; at < input.shape.size(); ++at)
            wanted += (at > 0 ? "x" : "") + (input.shape[at].size >= 0 ? std::to_string(input.shape[at].size) : sizeName(input, at));
        return failure(ErrorCode::Rejected,
                       {"random.wrongShape", {{"wanted", wanted}, {"input", input.name}, {"shape", tensor::text(own->second)}}});
    }
    if (!input.isShapeKnown && input.shape.empty()) {
        return failure(ErrorCode::Rejected, {"random.needsShape", {{"input", input.name}, {"key", input.name}}});
    }
    tensor::Shape shape;
    for (std::size_t at = 0; at < input.shape.size(); ++at) {
        const std::string name = sizeName(input, at);
        const std::int64_t size = input.shape[at].size;
        const auto chosen = options.shapes.find(name);
        if (chosen == options.shapes.end()) {
            shape.push_back(size >= 0 ? size : usualSize(input, at));
            continue;
        }
        unused.erase(name);
        if (chosen->second.size() != 1)
            return failure(ErrorCode::InvalidArgument, {"random.isOneSize", {{"name", name}, {"shape", tensor::text(chosen->second)}}});
        if (size >= 0 && size != chosen->second.front()) {
            return failure(ErrorCode::Rejected,
                           {"random.isOtherSize", {{"name", name}, {"size", size}, {"wanted", chosen->second.front()}}});
        }
        shape.push_back(chosen->second.front());
    }
    return shape;
}

tensor::Tensor fill(const ModelInput& input, const tensor::Shape& shape, std::mt19937_64& generator) {
    const auto count = static_cast<std::size_t>(tensor::elementCount(shape));
    if (input.dtype == DType::Int64 || input.dtype == DType::Int32 || input.dtype == DType::Bool) {
        std::vector<std::int64_t> values(count, 1);
        std::uniform_int_distribution<std::int64_t> index(0, std::max<std::int64_t>(input.rows, 1) - 1);
        if (input.rows > 0) std::ranges::generate(values, [&] { return index(generator); });
        return tensor::Tensor::of(shape, values).to(input.dtype);
    }
    std::vector<float> values(count);
    if (input.dtype == DType::UInt8 || input.dtype == DType::Int8 || input.dtype == DType::Int16) {
        // Pixels and the like.
        std::uniform_int_distribution<int> number(input.dtype == DType::UInt8 ? 0 : -128, input.dtype == DType::UInt8 ? 255 : 127);
        std::ranges::generate(values, [&] { return static_cast<float>(number(generator)); });
    } else {
        std::normal_distribution<float> normal;
        std::ranges::generate(values, [&] { return normal(generator); });
    }
    return tensor::Tensor::of(shape, values).to(input.dtype);
}

} // namespace

bool isRandomInput(std::string_view specification) {
    return specification == kind || (specification.starts_with(kind) && specification.substr(kind.size()).starts_with(':'));
}

base::Result<std::vector<ModelInput>> modelInputs(const graph::Graph& graph) {
    const graph::UseIndex uses(graph);
    std::vector<ModelInput> inputs;
    for (const graph::ValueId id : graph.main.inputs) {
        const graph::Value& value = graph.value(id);
        if (value.type != graph::TypeKind::Tensor || (value.shape && value.shape->empty())) {
            const char* code = value.type != graph::TypeKind::Tensor ? "random.inputIsNoTensor" : "random.inputHasNoBatch";
            return failure(ErrorCode::Unsupported, base::Message(code, {{"input", value.name}}));
        }
        ModelInput input;
        input.name = value.name;
        input.rows = smallestEmbedding(graph, uses, id);
        input.dtype = graph::inputDType(graph, uses, id).value_or(input.rows > 0 ? DType::Int64 : DType::Float32);
        if (value.shape) {
            input.batchAxis = std::min(graph::batchAxis(graph, uses, id).value_or(0), value.shape->size() - 1);
            input.shape = *value.shape;
            input.shape.erase(input.shape.begin() + static_cast<std::ptrdiff_t>(input.batchAxis));
        } else {
            input.isShapeKnown = false;
            input.shape = guessedShape(graph, uses, id, input.rows).value_or(std::vector<graph::Dim>{});
        }
        inputs.push_back(std::move(input));
    }
    return inputs;
}

std::string sizeName(const ModelInput& input, std::size_t dimension) {
    const std::string& symbol = input.shape[dimension].symbol;
    return symbol.empty() ? input.name + "." + std::to_string(dimension + (dimension < input.batchAxis ? 0 : 1)) : symbol;
}

std::int64_t usualSize(const ModelInput& input, std::size_t dimension) {
    constexpr std::int64_t side = 224, length = 128;
    return input.shape.size() == 3 && dimension > 0 ? side : length;
}

base::Result<std::shared_ptr<const Dataset>> openRandomInput(const std::string& specification, const graph::Graph& graph) {
    const auto options = optionsIn(specification);
    if (!options) return base::forward(options);
    const auto inputs = modelInputs(graph);
    if (!inputs) return base::forward(inputs);
    if (inputs->empty()) return failure(ErrorCode::Unsupported, {"random.modelTakesNoInput", {}});

    std::set<std::string> unused;
    for (const auto& [name, shape] : options->shapes)
        unused.insert(name);
    std::vector<tensor::Shape> shapes;
    double bytes = 0; // a product of sizes that people chose may be beyond any integer
    std::vector<std::string> known{"seed", "samples"};
    for (const ModelInput& input : *inputs) {
        auto shape = sampleShape(input, *options, unused);
        if (!shape) return base::forward(shape);
        double elements = 1;
        for (const std::int64_t size : *shape)
            elements *= static_cast<double>(size);
        bytes += elements * static_cast<double>(tensor::byteSize(input.dtype));
        shapes.push_back(std::move(*shape));
        known.push_back(input.name);
        for (std::size_t at = 0; at < input.shape.size(); ++at) {
            if (input.shape[at].size < 0) known.push_back(sizeName(input, at));
        }
    }
    if (!unused.empty()) {
        const std::string nearest = graph::nearestName(*unused.begin(), known);
        if (nearest.empty()) return failure(ErrorCode::InvalidArgument, {"random.hasNoInput", {{"name", *unused.begin()}}});
        return failure(ErrorCode::InvalidArgument, {"random.hasNoInputNearest", {{"name", *unused.begin()}, {"nearest", nearest}}});
    }
    constexpr double usualBytes = 64.0 * (1 << 20), mostBytes = 2048.0 * (1 << 20), mostSamples = 256;
    const std::int64_t samples =
        options->samples.value_or(static_cast<std::int64_t>(std::clamp(usualBytes / std::max(bytes, 1.0), 1.0, mostSamples)));
    if (bytes * static_cast<double>(samples) > mostBytes) {
        const char* code = samples == 1 ? "random.sampleIsTooLarge" : "random.samplesAreTooLarge";
        return failure(ErrorCode::Rejected, base::Message(code, {{"samples", samples}}));
    }

    DatasetContent content;
    content.name = std::string(kind);
    content.isRandom = true;
    std::mt19937_64 generator(options->seed);
    for (std::size_t index = 0; index < inputs->size(); ++index) {
        tensor::Shape shape = shapes[index];
        shape.insert(shape.begin(), samples);
        tensor::Tensor values = fill((*inputs)[index], shape, generator);
        content.inputNames.push_back((*inputs)[index].name);
        if (index == 0)
            content.test.samples = std::move(values);
        else
            content.test.more.push_back(std::move(values));
    }
    return InMemoryDataset::create(std::move(content));
}

} // namespace lathe::data
