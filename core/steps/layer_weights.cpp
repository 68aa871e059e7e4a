#include <core/steps/layer_weights.h>

#include <algorithm>
#include <set>

#include <core/graph/layer_weight.h>
#include <core/graph/node_index.h>
#include <core/graph/operands.h>
#include <core/graph/operators/conversion.h>
#include <core/graph/operators/convolution.h>
#include <core/graph/operators/names.h>
#include <core/quantization/insert_qdq.h>
#include <core/quantization/pair_sums.h>
#include <core/transform/quantize/weight_error.h>
#include <core/transform/rewrite.h>

namespace lathe::steps {

namespace {

using namespace std::string_view_literals;
using transform::Granularity;
using transform::Scheme;
using transform::WeightCalibrator;

constexpr NumberChoice bits{"weights.bits", std::array{8, 4, 3, 2}, Reach::Layer};
constexpr WordChoice scheme{"weights.scheme",
                            std::array{std::pair{"symmetric"sv, Scheme::Symmetric}, std::pair{"affine"sv, Scheme::Affine}}, Reach::Layer};
constexpr WordChoice granularity{"weights.granularity",
                                 std::array{std::pair{"channel"sv, Granularity::Channel}, std::pair{"tensor"sv, Granularity::Tensor}},
                                 Reach::Layer};
constexpr WordChoice calibrator{"weights.calibrator",
                                std::array{std::pair{"minmax"sv, WeightCalibrator::MinMax}, std::pair{"mse"sv, WeightCalibrator::Mse}},
                                Reach::Layer};
enum class Keep { Quantized, Float };
constexpr WordChoice keep{"keep", std::array{std::pair{"quantized"sv, Keep::Quantized}, std::pair{"float"sv, Keep::Float}}, Reach::Layer};

/// A layer or an embedding, and its weight.
struct LayerWeight {
    std::string layer;
    graph::ValueId weight = -1;
    int filterAxis = 0;
    int mostBits = 8;
};

transform::WeightFormat formatFor(const Step& step, const LayerWeight& layer) {
    transform::WeightFormat format;
    format.bits = std::min(bits.of(step, layer.layer), layer.mostBits);
    format.scheme = scheme.of(step, layer.layer);
    format.granularity = granularity.of(step, layer.layer);
    format.calibrator = calibrator.of(step, layer.layer);
    format.axis = layer.filterAxis;
    return format;
}

/// Replaces one weight of a layer by integers.
base::Result<transform::WeightError> replacedWeight(graph::Editor& editor, const Step& step, const LayerWeight& layer) {
    const graph::Graph& graph = editor.graph();
    const auto values = transform::finiteValues(graph.value(layer.weight));
    if (!values) return base::forward(values, {"while.quantizing", {{"layer", layer.layer}}});
    const transform::QuantizedWeight quantized =
        transform::quantizeWeight(*values, graph.value(layer.weight).data.shape(), formatFor(step, layer));
    const transform::WeightError error = transform::quantizationError(*values, quantized);
    quantization::insertWeightDequantize(editor, layer.weight, quantized.values, quantized.grid, quantized.numbers());
    return error;
}

/// Replaces the weight of a layer or an embedding by integers, and says what that costs.
base::Result<> replaceWeight(StepOutcome& outcome, graph::Editor& editor, const Step& step, const LayerWeight& layer) {
    const auto error = replacedWeight(editor, step, layer);
    if (!error) return base::forward(error);
    auto& figures = outcome.layers[layer.layer];
    error->writeTo(figures);
    figures["bits"] = formatFor(step, layer).bits;
    return {};
}

/// Is the operator told to stay float? Says so.
bool isKept(StepOutcome& outcome, const Step& step, const std::string& name) {
    if (keep.of(step, name) != Keep::Float) return false;
    if (fits(step.where, name)) {
        outcome.note(name, {"quantize.keptInFloat", {{"layer", name}}});
    } else {
        outcome.noteLeftOut(name);
    }
    return true;
}

} // namespace

std::vector<std::string> layersToQuantize(StepOutcome& outcome, const Step& step) {
    const graph::Graph& graph = outcome.graph;
    const graph::UseIndex uses(graph);
    std::set<std::string> mainNodes;
    for (const graph::Node& node : graph.main.nodes)
        mainNodes.insert(node.name);

    std::vector<std::string> layers;
    graph::forEachNode(graph, [&](const graph::Node& node) {
        if (!graph::isWeighted(node.op)) return;
        const auto note = [&](const char* code) { outcome.note(node.name, base::Message(code, {{"layer", node.name}})); };
        const auto info = graph::layerWeightOf(graph, uses, node);
        if (!info) return note("quantize.weightIsComputed");
        if (info->lookup != nullptr) return note("quantize.sharesNumbers");
        if (info->dequantize != nullptr) return note("quantize.alreadyQuantized");
        if (keep.of(step, node.name) == Keep::Float) {
            fits(step.where, node.name) ? note("quantize.keptInFloat") : outcome.noteLeftOut(node.name);
            return;
        }
        if (!mainNodes.contains(node.name)) return note("quantize.keptInBranch");
        layers.push_back(node.name);
    });
    return layers;
}

base::Result<> quantizeWeights(StepOutcome& outcome, const Step& step, const std::vector<std::string>& layers, const base::Job& job,
                               const std::set<std::string>& reduced) {
    std::vector<LayerWeight> weights;
    {
        const graph::UseIndex uses(outcome.graph);
        const graph::NodeIndex nodes(outcome.graph);
        for (const std::string& name : layers) {
            const graph::Node& layer = *nodes.find(name);
            weights.push_back({name, graph::weightOf(outcome.graph, uses, layer)->weight, graph::filterAxis(layer),
                               reduced.contains(name) ? quantization::safeWeightBits : 8});
        }
    }
    std::set<graph::ValueId> quantized;
    graph::Editor editor(outcome.graph);
    for (const LayerWeight& layer : weights) {
        if (job.isCancelled()) return base::Job::cancelled();
        if (!quantized.insert(layer.weight).second) { // shared with a layer before it
            outcome.note(layer.layer, {"quantize.sharesWeight", {{"layer", layer.layer}}});
            continue;
        }
        if (auto result = replaceWeight(outcome, editor, step, layer); !result) return result;
    }
    return {};
}

std::vector<StoredWeights> embeddingsToQuantize(StepOutcome& outcome, const Step& step) {
    std::vector<StoredWeights> embeddings;
    std::set<graph::ValueId> seen;
    for (const graph::Node& node : std::as_const(outcome.graph).main.nodes) {
        if (node.op != graph::op::embedding || isKept(outcome, step, node.name)) continue;
        const auto weight = graph::Call(node).value("weight");
        if (!weight) continue;
        const graph::Value& table = outcome.graph.value(*weight);
        // Not a table that a layer or an embedding before it shares.
        if (table.kind != graph::ValueKind::Weight || !graph::isFloatingPoint(table.data.dtype()) || !seen.insert(*weight).second) continue;
        embeddings.push_back({node.name, {*weight}});
    }
    return embeddings;
}

std::vector<StoredWeights> recurrentLayersToQuantize(StepOutcome& outcome, const Step& step) {
    std::vector<StoredWeights> layers;
    std::set<graph::ValueId> seen;
    for (const graph::Node& node : std::as_const(outcome.graph).main.nodes) {
        if (!graph::isOfFamily(node.op, graph::Family::Recurrent)) continue;
        StoredWeights layer{node.name, {}};
        bool hasMatrices = false;
        for (const graph::Operand& operand : node.operands) {
            graph::forEachValue(operand, [&](graph::ValueId id) {
                const graph::Value& value = outcome.graph.value(id);
                const bool isMatrix = value.kind == graph::ValueKind::Weight && value.isParameter && value.data.shape().size() == 2;
                if (!isMatrix || !graph::isFloatingPoint(value.data.dtype())) return;
                hasMatrices = true;
                if (seen.insert(id).second) layer.weights.push_back(id);
            });
        }
        if (hasMatrices && !isKept(outcome, step, node.name)) layers.push_back(std::move(layer));
    }
    return layers;
}

base::Result<std::size_t> quantizeEmbeddings(StepOutcome& outcome, const Step& step, const base::Job& job) {
    const std::vector<StoredWeights> embeddings = embeddingsToQuantize(outcome, step);
    if (embeddings.empty()) return 0;
    graph::Editor editor(outcome.graph);
    for (const StoredWeights& embedding : embeddings) {
        if (job.isCancelled()) return base::Job::cancelled();
        if (auto result = replaceWeight(outcome, editor, step, {embedding.name, embedding.weights.front()}); !result)
            return base::forward(result);
    }
    return embeddings.size();
}

base::Result<std::size_t> quantizeRecurrentLayers(StepOutcome& outcome, const Step& step, const base::Job& job) {
    const std::vector<StoredWeights> layers = recurrentLayersToQuantize(outcome, step);
    if (layers.empty()) return 0;
    graph::Editor editor(outcome.graph);
    for (const StoredWeights& layer : layers) {
        transform::WeightError sum;
        for (const graph::ValueId matrix : layer.weights) {
            if (job.isCancelled()) return base::Job::cancelled();
            const auto error = replacedWeight(editor, step, {layer.name, matrix});
            if (!error) return base::forward(error);
            sum.signal += error->signal;
            sum.noise += error->noise;
        }
        auto& figures = outcome.layers[layer.name];
        sum.writeTo(figures);
        figures["bits"] = bits.of(step, layer.name);
        outcome.note(layer.name, {"quantize.recurrentWeights", {{"layer", layer.name}}});
    }
    return layers.size();
}

quantization::IntegerRange integersOf(RangeChoice range) { return {0, range == RangeChoice::Reduced ? 127 : 255}; }

void noteReducedWeights(StepOutcome& outcome, const std::set<std::string>& reduced) {
    const bool isAny = std::ranges::any_of(
        reduced, [&](const std::string& layer) { return outcome.layers[layer]["bits"] == quantization::safeWeightBits; });
    if (isAny) outcome.notes.push_back({"quantize.sevenBits", {}});
}

bool reducesWeights(RangeChoice range, bool cpuHasVnni) { return range == RangeChoice::Auto && !cpuHasVnni; }

ParameterSpec keepParameter() { return keep.spec(); }

std::vector<ParameterSpec> weightParameters() { return {bits.spec(), scheme.spec(), granularity.spec(), calibrator.spec(), keep.spec()}; }

std::string bitsText(const Step& step) { return "int" + std::to_string(bits.of(step)); }

} // namespace lathe::steps
