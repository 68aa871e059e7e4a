#include <core/transform/fuse/conv_batch_norm.h>

#include <algorithm>
#include <cmath>

#include <core/graph/editor.h>
#include <core/graph/layer_weight.h>
#include <core/graph/operators/convolution.h>
#include <core/graph/operators/names.h>
#include <core/graph/operators/normalization.h>
#include <core/transform/rewrite.h>

namespace lathe::transform {

namespace {

using graph::Graph;
using graph::Node;
using graph::ValueId;
using tensor::DType;
using tensor::Tensor;

struct Match {
    std::string layer, batchNorm;
    ValueId weight;
    std::optional<ValueId> bias;
    bool isWeightShared, isBiasShared;
};

bool canCarryBatchNorm(const Graph& graph, const Node& layer) {
    if (graph::isLinear(layer.op)) {
        const auto& shape = graph.value(layer.results.front()).shape;
        return layer.op == graph::op::linear && shape && shape->size() == 2;
    }
    const graph::Convolution convolution(layer);
    return convolution.op()->unfused.empty() && convolution.transposed() == false;
}

bool isWeightOrNone(const Graph& graph, const graph::Operand& operand) {
    return operand.isNone() || (operand.isValue() && graph.value(operand.value()).kind == graph::ValueKind::Weight);
}

std::optional<Match> match(const Graph& graph, const graph::UseIndex& uses, const Node& node) {
    const graph::BatchNorm norm(node);
    if (node.op != graph::op::batchNorm || !norm.input().isValue()) return std::nullopt;
    const auto isWeight = [&](const graph::Operand& operand) { return !operand.isNone() && isWeightOrNone(graph, operand); };
    if (norm.training() != false || !norm.epsilon()) return std::nullopt;
    if (!isWeight(norm.mean()) || !isWeight(norm.variance())) return std::nullopt;
    if (!isWeightOrNone(graph, norm.weight()) || !isWeightOrNone(graph, norm.bias())) return std::nullopt;

    const ValueId input = norm.input().value();
    const Node* layer = uses.producer(input);
    if (layer == nullptr || uses.uses(input).size() != 1 || !graph::isWeighted(layer->op) || !canCarryBatchNorm(graph, *layer))
        return std::nullopt;
    const auto info = graph::weightOf(graph, uses, *layer);
    if (!info || info->dequantize != nullptr || !isWeightOrNone(graph, graph::Call(*layer).operand("bias"))) return std::nullopt;
    const bool isBiasShared = info->bias && uses.uses(*info->bias).size() > 1;
    return Match{layer->name, node.name, info->weight, info->bias, uses.uses(info->weight).size() > 1, isBiasShared};
}

/// The elements of a weight in float64, or `count` times `missing` for None.
std::vector<double> doubles(const Graph& graph, const graph::Operand& operand, std::size_t count, double missing) {
    if (operand.isNone()) return std::vector<double>(count, missing);
    const Tensor wide = graph.value(operand.value()).data.to(DType::Float64);
    const auto values = wide.values<double>();
    return {values.begin(), values.end()};
}

/// In place when this layer is the only user, otherwise as a weight of its own.
void store(graph::Editor& editor, Node& layer, std::string_view role, std::optional<ValueId> old, bool isShared,
           const std::string& wantedName, const std::vector<double>& values, tensor::Shape shape, DType dtype) {
    Tensor data = Tensor::of(std::move(shape), values).to(dtype);
    if (old && !isShared) {
        setWeight(editor.graph(), *old, std::move(data));
    } else {
        editor.setOperand(layer, *graph::findOperator(layer.op)->position(role), editor.addWeight(wantedName, std::move(data)));
    }
}

base::Result<> fold(graph::Editor& editor, const Match& found) {
    const Graph& graph = editor.graph();
    Node& layer = *editor.findNode(found.layer);
    Node& batchNorm = *editor.findNode(found.batchNorm);
    const Tensor oldWeight = graph.value(found.weight).data;
    const auto channels = static_cast<std::size_t>(oldWeight.shape().empty() ? 0 : oldWeight.shape().front());

    const graph::BatchNorm norm(batchNorm);
    const auto gamma = doubles(graph, norm.weight(), channels, 1);
    const auto beta = doubles(graph, norm.bias(), channels, 0);
    const auto mean = doubles(graph, norm.mean(), channels, 0);
    const auto variance = doubles(graph, norm.variance(), channels, 1);
    const double epsilon = *norm.epsilon();
    auto bias = doubles(graph, graph::Call(layer).operand("bias"), channels, 0);
    auto weight = doubles(graph, graph::Operand(found.weight), 0, 0);
    for (const std::vector<double>* vector : std::initializer_list<const std::vector<double>*>{&gamma, &beta, &mean, &variance, &bias}) {
        if (vector->size() == channels) continue;
        return base::failure(
            base::ErrorCode::Rejected,
            {"fuse.otherChannels",
             {{"batchNorm", found.batchNorm}, {"channels", vector->size()}, {"layer", found.layer}, {"wanted", channels}}});
    }

    const std::size_t filter = channels == 0 ? 0 : weight.size() / channels;
    bool isFinite = true;
    for (std::size_t channel = 0; channel < channels; ++channel) {
        const double scale = gamma[channel] / std::sqrt(variance[channel] + epsilon);
        bias[channel] = (bias[channel] - mean[channel]) * scale + beta[channel];
        isFinite = isFinite && std::isfinite(bias[channel]) && std::isfinite(scale);
        for (std::size_t i = 0; i < filter; ++i)
            weight[channel * filter + i] *= scale;
    }
    if (!isFinite) {
        return base::failure(base::ErrorCode::Rejected, {"fuse.isNotFinite", {{"batchNorm", found.batchNorm}, {"layer", found.layer}}});
    }

    store(editor, layer, "weight", found.weight, found.isWeightShared, found.layer + ".weight", weight, oldWeight.shape(),
          oldWeight.dtype());
    store(editor, layer, "bias", found.bias, found.isBiasShared, found.layer + ".bias", bias, {static_cast<std::int64_t>(channels)},
          oldWeight.dtype());
    editor.setResults(layer, batchNorm.results);
    editor.erase(batchNorm);
    return {};
}

} // namespace

base::Result<int> foldBatchNorm(Graph& graph) {
    std::vector<Match> matches;
    {
        const graph::UseIndex uses(graph);
        graph::forEachNode(std::as_const(graph), [&](const Node& node) {
            if (auto found = match(graph, uses, node)) matches.push_back(std::move(*found));
        });
    }
    graph::Editor editor(graph);
    for (const Match& found : matches) {
        if (auto result = fold(editor, found); !result) return base::forward(result);
    }
    editor.finish();
    graph::compact(graph);
    return static_cast<int>(matches.size());
}

} // namespace lathe::transform
