#include <core/engine/inspection.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <span>
#include <unordered_map>

#include <core/base/sandbox.h>
#include <core/engine/layer_error.h>
#include <core/graph/dim_text.h>
#include <core/graph/layer_weight.h>
#include <core/graph/layers.h>
#include <core/graph/model_outputs.h>
#include <core/graph/node_index.h>
#include <core/graph/recurrent_weights.h>
#include <core/graph/state.h>
#include <core/quantization/shared_weight.h>
#include <core/steps/factorize.h>
#include <core/transform/prune/dependency_groups.h>

namespace lathe::engine {

namespace {

std::string signature(const graph::Value& value, const std::string& name) {
    std::string result = name;
    if (value.type != graph::TypeKind::Tensor) return result;
    if (value.dtype) result += ": " + std::string(tensor::name(*value.dtype));
    if (!value.shape) return result;
    std::string joined;
    for (const graph::Dim& dim : *value.shape)
        joined += (joined.empty() ? "" : ",") + graph::text(dim);
    return result + "[" + joined + "]";
}

/// Of all layers at each preview: floats and bytes are counted where they lie.
std::int64_t zeroCount(const tensor::Tensor& data) {
    const tensor::Tensor values = data.contiguous();
    if (values.dtype() == tensor::DType::Float32) return std::ranges::count(values.values<float>(), 0.0F);
    if (values.dtype() == tensor::DType::Int8) return std::ranges::count(values.values<std::int8_t>(), std::int8_t{0});
    return std::ranges::count(values.toFloats(), 0.0F);
}

/// The numbers of a layer's weight, as the layer reads them; of recurrent layers those of all matrices and biases. Nothing: no layer.
std::vector<tensor::Tensor> weightsOf(const graph::Graph& graph, const graph::UseIndex& uses, const graph::Node& node) {
    if (const auto weight = graph::layerWeightOf(graph, uses, node)) return {quantization::storedElements(graph, *weight)};
    std::vector<tensor::Tensor> all;
    for (const graph::ValueId id : graph::recurrentWeightsOf(graph, uses, node))
        all.push_back(graph.value(id).data);
    return all;
}

client::LayerInfo layerInfo(const graph::Graph& graph, const graph::UseIndex& uses, const graph::NodeIndex& nodes,
                            const graph::Layer& layer) {
    client::LayerInfo info;
    info.name = layer.name;
    info.op = layer.op;
    info.weightShape = layer.weightShape;
    info.parameters = layer.parameters;
    info.macs = layer.macs;
    if (const graph::Node* node = nodes.find(layer.name)) {
        if (const auto weight = graph::layerWeightOf(graph, uses, *node)) info.bits = quantization::storedBits(graph, *weight);
        std::int64_t zeros = 0, count = 0;
        for (const tensor::Tensor& data : weightsOf(graph, uses, *node)) {
            if (data.isNull()) continue;
            zeros += zeroCount(data);
            count += data.elementCount();
        }
        if (count > 0) info.sparsity = static_cast<double>(zeros) / static_cast<double>(count);
    }
    return info;
}

/// Figures that the steps gave for this layer, and what they say of it.
void addFigures(client::LayerInfo& info, const LayerErrors& errors, const SharedStages& stages) {
    errors.writeTo(info, info.name);
    for (const Stage& stage : stages) {
        if (const auto notes = stage.layerNotes.find(info.name); notes != stage.layerNotes.end()) {
            for (const base::Message& note : notes->second)
                info.notes.push_back({stage.step, note});
        }
    }
}

client::StageInfo stageInfo(const Stage& stage, const measure::LossParts& loss) {
    client::StageInfo info;
    info.step = stage.step;
    info.op = stage.result.op;
    info.parameters = graph::parameterCount(stage.graph);
    const graph::MacCount macs = graph::macsPerSample(stage.graph);
    info.macs = macs.known;
    info.macsUnknownLayers = macs.unknownLayers;
    info.weightBytes = weightBytes(stage.graph);
    info.lossParts = loss;
    info.lossTotal = sum(info.lossParts);
    if (const auto changed = stage.result.figures.find("changed_nodes"); changed != stage.result.figures.end())
        info.changed = changed->second > 0;
    info.notes = stage.result.notes;
    info.warnings = stage.result.warnings;
    return info;
}

/// Is the layer kept in float by some enabled quantization step?
bool isKeptFloat(const recipe::Recipe& recipe, const std::string& layer) {
    return std::ranges::any_of(recipe.steps, [&](const steps::Step& step) {
        return step.enabled && step.op.starts_with("quantize.") && step.parameter("keep", layer) == "float";
    });
}

const steps::Step* lastQuantization(const recipe::Recipe& recipe) {
    const steps::Step* found = nullptr;
    for (const steps::Step& step : recipe.steps) {
        if (step.enabled && step.op.starts_with("quantize.")) found = &step;
    }
    return found;
}

/// The numbers that the weights of a layer share in this graph.
std::optional<client::CodebookInfo> codebookOf(const graph::Graph& graph, const std::string& layer) {
    constexpr std::size_t most = 256;
    const graph::UseIndex uses(graph);
    const graph::Node* node = graph.findNode(layer);
    const auto weight = node == nullptr ? std::nullopt : graph::layerWeightOf(graph, uses, *node);
    const auto shared = weight && weight->lookup != nullptr ? quantization::sharedWeightOf(graph, *weight->lookup) : std::nullopt;
    if (!shared) return std::nullopt;
    const std::vector<float> numbers = shared->codebooks.toFloats();
    const std::size_t count = std::min(numbers.size(), most);
    return client::CodebookInfo{
        shared->bits, shared->codebooks.shape().front(), {numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(count)}};
}

/// The spectrum of a layer that some step factorizes, of the weights in front of that step.
std::optional<client::SpectrumInfo> spectrumOf(const graph::Graph& original, const recipe::Recipe& recipe, const SharedStages& stages,
                                               const std::string& layer) {
    const graph::Graph* before = &original;
    for (const Stage& stage : stages) {
        if (stage.result.op == "factorize") {
            const auto found = steps::layerSpectrum(*before, recipe.steps[static_cast<std::size_t>(stage.step)], layer);
            if (!found) return std::nullopt;
            const auto point = [](const steps::RankPoint& at) { return client::SpectrumPoint{at.rank, at.energy, at.parameters, at.macs}; };
            client::SpectrumInfo spectrum{stage.step, found->rank, point(found->before), {}};
            std::ranges::transform(found->points, std::back_inserter(spectrum.points), point);
            return spectrum;
        }
        before = &stage.graph;
    }
    return std::nullopt;
}

client::Histogram histogram(const std::vector<float>& values, double minimum, double maximum, int bins) {
    client::Histogram result{minimum, maximum, std::vector<std::int64_t>(static_cast<std::size_t>(bins), 0)};
    const double width = (maximum - minimum) / bins;
    for (const float value : values) {
        const int bin = width > 0 ? static_cast<int>((value - minimum) / width) : 0;
        ++result.counts[static_cast<std::size_t>(std::clamp(bin, 0, bins - 1))];
    }
    return result;
}

} // namespace

client::InspectReport inspectReport(const formats::OpenedModel& model) {
    client::InspectReport report;
    report.format = model.report.format;
    for (const graph::ValueId id : model.graph.main.inputs)
        report.inputs.push_back(signature(model.graph.value(id), model.graph.value(id).name));
    for (const auto& [key, output] : graph::modelOutputs(model.graph, graph::UseIndex(model.graph))) {
        if (!output.isValue()) {
            report.outputs.push_back(key.empty() ? "constant" : key + ": constant");
            continue;
        }
        const graph::Value& value = model.graph.value(output.value());
        report.outputs.push_back(signature(value, key.empty() ? value.name : key));
    }
    for (const graph::State& state : graph::statesOf(model.graph))
        report.state.push_back(signature(model.graph.value(state.value), state.input));
    report.parameters = graph::parameterCount(model.graph);
    const graph::MacCount macs = graph::macsPerSample(model.graph);
    report.macs = macs.known;
    report.macsUnknownLayers = macs.unknownLayers;
    graph::forEachNode(model.graph, [&](const graph::Node&) { ++report.nodes; });
    for (const auto& entry : model.report.operators)
        report.operators.push_back({entry.op, entry.count, entry.isSupported});
    for (const auto& problem : model.report.problems)
        report.problems.push_back({problem.op, problem.scope, problem.source, problem.reason});
    report.notes = model.report.notes;
    report.runs = model.report.runs;
    report.isolation = base::name(base::availableIsolation());
    return report;
}

std::vector<client::LayerInfo> layerInfos(const graph::Graph& graph, const base::Job& job) {
    const graph::UseIndex uses(graph);
    const graph::NodeIndex nodes(graph);
    std::vector<client::LayerInfo> infos;
    for (const graph::Layer& layer : graph::layers(graph)) {
        if (job.isCancelled()) break;
        infos.push_back(layerInfo(graph, uses, nodes, layer));
    }
    return infos;
}

std::vector<client::LayerGroup> groupLayers(std::vector<client::LayerInfo>& layers, const graph::Graph& graph, const base::Job& job) {
    std::unordered_map<std::string, int> groupOf;
    std::vector<client::LayerGroup> groups;
    for (transform::DependencyGroup& group : transform::dependencyGroups(graph, job)) {
        if (!group.obstacle.empty()) continue;
        for (const std::string& producer : group.producers)
            groupOf.emplace(producer, static_cast<int>(groups.size()));
        groups.push_back(std::move(group.affected));
    }
    for (client::LayerInfo& layer : layers) {
        const auto found = groupOf.find(layer.name);
        layer.group = found == groupOf.end() ? -1 : found->second;
    }
    return groups;
}

namespace {

/// The graph before the first quantization: pruning works on that one, and integer weights tell nothing of what shrinks together.
const graph::Graph& beforeQuantization(const graph::Graph& original, const SharedStages& stages) {
    const graph::Graph* before = &original;
    for (const Stage& stage : stages) {
        if (stage.result.op.starts_with("quantize.")) break;
        before = &stage.graph;
    }
    return *before;
}

} // namespace

client::PreviewReply preview(const graph::Graph& original, const recipe::Recipe& unbound, const base::Job& job, const KnownStages& known) {
    const recipe::Recipe recipe = recipe::bound(unbound, graph::layerNames(original));
    const Preview result = previewRecipe(original, recipe, job, known);
    client::PreviewReply reply;
    const LayerErrors errors(original, result.stages);
    for (std::size_t at = 0; at < result.stages.size() && !job.isCancelled(); ++at)
        reply.stages.push_back(stageInfo(result.stages[at], errors.total(at + 1)));
    if (job.isCancelled()) return reply;
    reply.layers = layerInfos(result.stages.empty() ? original : result.stages.back().graph, job);
    if (job.isCancelled()) return reply;
    reply.groups = groupLayers(reply.layers, beforeQuantization(original, result.stages), job);
    for (client::LayerInfo& layer : reply.layers) {
        if (job.isCancelled()) return reply;
        addFigures(layer, errors, result.stages);
        layer.keepFloat = isKeptFloat(recipe, layer.name);
    }
    if (result.error) reply.error = result.error->sentence();
    return reply;
}

base::Result<graph::Graph> graphAfter(const graph::Graph& original, const recipe::Recipe& recipe, int steps, const base::Job& job,
                                      const KnownStages& known) {
    if (steps <= 0) return original;
    recipe::Recipe shortened = recipe;
    shortened.steps.resize(std::min<std::size_t>(shortened.steps.size(), static_cast<std::size_t>(steps)));
    const Preview result = previewRecipe(original, shortened, job, known);
    if (result.error) return tl::unexpected(*result.error);
    if (result.stages.empty()) return original;
    return result.stages.back().graph;
}

base::Result<client::WeightsReply> weights(const graph::Graph& original, const recipe::Recipe& unbound, const std::string& layer, int bins,
                                           const base::Job& job, const KnownStages& known) {
    const recipe::Recipe recipe = recipe::bound(unbound, graph::layerNames(original));
    const graph::UseIndex uses(original);
    const graph::Node* node = original.findNode(layer);
    const std::vector<tensor::Tensor> stored = node != nullptr ? weightsOf(original, uses, *node) : std::vector<tensor::Tensor>{};
    if (stored.empty()) return base::failure(base::ErrorCode::NotFound, {"model.noLayerWithWeights", {{"layer", layer}}});
    const tensor::Tensor& data = stored.front();
    std::vector<float> values = data.toFloats();
    for (std::size_t at = 1; at < stored.size(); ++at) {
        const std::vector<float> more = stored[at].toFloats();
        values.insert(values.end(), more.begin(), more.end());
    }

    client::WeightsReply reply;
    reply.layer = layer;
    reply.shape = data.shape();
    reply.count = static_cast<std::int64_t>(values.size());
    if (!values.empty()) {
        const auto [minimum, maximum] = std::ranges::minmax(values);
        reply.minimum = minimum;
        reply.maximum = maximum;
    }
    double sum = 0, squares = 0;
    for (const float value : values) {
        sum += value;
        squares += static_cast<double>(value) * value;
    }
    if (!values.empty()) {
        reply.mean = sum / static_cast<double>(values.size());
        reply.stddev = std::sqrt(std::max(0.0, squares / static_cast<double>(values.size()) - reply.mean * reply.mean));
    }
    reply.zeros = std::ranges::count(values, 0.0F);
    reply.histogram = histogram(values, reply.minimum, reply.maximum, bins);
    const std::size_t channels = data.shape().empty() ? 1 : static_cast<std::size_t>(std::max<std::int64_t>(data.shape().front(), 1));
    const std::size_t perChannel = static_cast<std::size_t>(std::max<std::int64_t>(data.elementCount(), 0)) / channels;
    for (std::size_t channel = 0; perChannel > 0 && channel < channels; ++channel) {
        const auto [low, high] = std::ranges::minmax(std::span(values).subspan(channel * perChannel, perChannel));
        reply.channels.push_back({low, high});
    }

    const bool changesWeights = std::ranges::any_of(recipe.steps, [](const steps::Step& step) {
        return step.enabled && (step.op.starts_with("quantize.") || step.op.starts_with("share.") || step.op == "factorize");
    });
    const Preview result = changesWeights ? previewRecipe(original, recipe, job, known) : Preview{};
    reply.codebook = codebookOf(result.stages.empty() ? original : result.stages.back().graph, layer);
    reply.spectrum = spectrumOf(original, recipe, result.stages, layer);
    if (const steps::Step* quantization = lastQuantization(recipe); quantization != nullptr && !isKeptFloat(recipe, layer)) {
        client::LayerInfo figures;
        figures.name = layer;
        addFigures(figures, LayerErrors(original, result.stages), result.stages);
        const bool isSymmetric = quantization->parameter("weights.scheme", layer) == "symmetric";
        const std::int64_t half = std::int64_t{1} << (figures.bits - 1);
        if (figures.bits <= 16)
            reply.quantized =
                client::QuantizedWeights{figures.bits, isSymmetric ? 1 - half : -half, half - 1, figures.loss, figures.sqnrDb};
    }
    return reply;
}

std::int64_t weightBytes(const graph::Graph& graph) {
    std::int64_t bytes = 0;
    std::set<std::pair<const tensor::Storage*, std::int64_t>> seen;
    for (const graph::Value& value : graph.values) {
        if (value.kind != graph::ValueKind::Weight) continue;
        if (seen.emplace(value.data.storage().get(), value.data.byteOffset()).second) bytes += value.data.byteCount();
    }
    return bytes;
}

} // namespace lathe::engine
