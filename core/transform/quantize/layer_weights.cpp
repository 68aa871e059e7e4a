#include <core/transform/quantize/layer_weights.h>

#include <set>

#include <core/graph/node_index.h>
#include <core/graph/ops.h>
#include <core/transform/quantize/insert_qdq.h>
#include <core/transform/quantize/weight_error.h>
#include <core/transform/rewrite.h>

namespace lathe::transform {

namespace {

/// A layer or an embedding, and its weight.
struct LayerWeight {
    std::string layer, op;
    graph::ValueId weight = -1;
};

WeightFormat formatFor(const recipe::Step& step, const LayerWeight& layer) {
    WeightFormat format;
    format.bits = step.parameter("weights.bits", layer.layer).get<int>();
    if (step.parameter("weights.scheme", layer.layer) == "affine") format.scheme = Scheme::Affine;
    if (step.parameter("weights.granularity", layer.layer) == "tensor") format.granularity = Granularity::Tensor;
    if (step.parameter("weights.calibrator", layer.layer) == "mse") format.calibrator = WeightCalibrator::Mse;
    format.axis = layer.op.starts_with("aten::conv_transpose") ? 1 : 0;
    return format;
}

/// Replaces the weight of a layer or an embedding by integers, and says what that costs.
base::Result<> replaceWeight(StepOutcome& outcome, graph::Editor& editor, const recipe::Step& step, const LayerWeight& layer) {
    const graph::Graph& graph = outcome.graph;
    const auto values = finiteValues(graph.value(layer.weight));
    if (!values) return base::forward(values, "while quantizing " + layer.layer);
    const WeightFormat format = formatFor(step, layer);
    const QuantizedWeight quantized = quantizeWeight(*values, graph.value(layer.weight).data.shape(), format);
    const WeightError error = weightError(*values, dequantize(quantized));
    auto& figures = outcome.layers[layer.layer];
    error.writeTo(figures);
    figures["bits"] = format.bits;
    insertWeightDequantize(editor, layer.weight, quantized);
    return {};
}

} // namespace

std::vector<std::string> layersToQuantize(StepOutcome& outcome, const recipe::Step& step) {
    const graph::Graph& graph = outcome.graph;
    const graph::UseIndex uses(graph);
    std::set<std::string> mainNodes;
    for (const graph::Node& node : graph.main.nodes)
        mainNodes.insert(node.name);

    std::vector<std::string> layers;
    graph::forEachNode(graph, [&](const graph::Node& node) {
        if (!graph::isWeighted(node.op)) return;
        const auto note = [&](const char* what) { outcome.note(node.name, "\"" + node.name + "\" " + what); };
        const auto info = graph::weightOf(graph, uses, node);
        if (!info) return note("is not quantized: its weight is computed in the model.");
        if (info->dequantize != nullptr) return note("is already quantized.");
        if (step.parameter("keep", node.name) == "float") {
            recipe::fits(step.where, node.name) ? note("is kept in float.") : outcome.noteLeftOut(node.name);
            return;
        }
        if (!mainNodes.contains(node.name)) return note("is kept in float: it stands in a branch or loop.");
        layers.push_back(node.name);
    });
    return layers;
}

base::Result<> quantizeWeights(StepOutcome& outcome, const recipe::Step& step, const std::vector<std::string>& layers,
                               const base::Job& job) {
    std::vector<LayerWeight> weights;
    {
        const graph::UseIndex uses(outcome.graph);
        const graph::NodeIndex nodes(outcome.graph);
        for (const std::string& name : layers) {
            const graph::Node& layer = *nodes.find(name);
            weights.push_back({name, layer.op, graph::weightOf(outcome.graph, uses, layer)->weight});
        }
    }
    std::set<graph::ValueId> quantized;
    graph::Editor editor(outcome.graph);
    for (const LayerWeight& layer : weights) {
        if (job.isCancelled()) return base::Job::cancelled();
        if (!quantized.insert(layer.weight).second) { // shared with a layer before it
            outcome.note(layer.layer, "\"" + layer.layer + "\" shares a weight that is already quantized.");
            continue;
        }
        if (auto result = replaceWeight(outcome, editor, step, layer); !result) return result;
    }
    return {};
}

base::Result<std::size_t> quantizeEmbeddings(StepOutcome& outcome, const recipe::Step& step, const base::Job& job) {
    std::vector<std::string> names;
    for (const graph::Node& node : outcome.graph.main.nodes) {
        if (node.op != graph::op::embedding) continue;
        if (step.parameter("keep", node.name) == "float") {
            if (recipe::fits(step.where, node.name)) {
                outcome.note(node.name, "\"" + node.name + "\" is kept in float.");
            } else {
                outcome.noteLeftOut(node.name);
            }
        } else {
            names.push_back(node.name);
        }
    }
    if (names.empty()) return 0;
    std::size_t count = 0;
    graph::Editor editor(outcome.graph);
    for (const std::string& name : names) {
        if (job.isCancelled()) return base::Job::cancelled();
        const graph::Node& node = *editor.findNode(name);
        if (!node.operands[0].isValue()) continue;
        const graph::Value& table = outcome.graph.value(node.operands[0].value());
        // Not a table that a layer or an embedding before it shares, which is quantized by now.
        if (table.kind != graph::ValueKind::Weight || table.dtype != tensor::DType::Float32) continue;
        if (auto result = replaceWeight(outcome, editor, step, {node.name, node.op, node.operands[0].value()}); !result)
            return base::forward(result);
        ++count;
    }
    return count;
}

IntegerRange activationRange(std::string_view setting, bool cpuHasVnni) {
    const bool isReduced = setting == "reduced" || (setting == "auto" && !cpuHasVnni);
    return {0, isReduced ? 127 : 255};
}

} // namespace lathe::transform
