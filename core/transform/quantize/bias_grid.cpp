#include <core/transform/quantize/bias_grid.h>

#include <optional>
#include <vector>

#include <core/graph/editor.h>
#include <core/graph/layer_weight.h>
#include <core/graph/operators/call.h>
#include <core/quantization/bias_units.h>
#include <core/transform/rewrite.h>

namespace lathe::transform {

namespace {

using graph::Node;
using graph::ValueId;

/// Nothing when one of them does not fit into 32 bits.
std::optional<std::vector<float>> rounded(const std::vector<float>& bias, const std::vector<float>& units) {
    const auto integers = quantization::inUnits(bias, units);
    if (!integers) return std::nullopt;
    std::vector<float> result;
    for (std::size_t at = 0; at < bias.size(); ++at)
        result.push_back(static_cast<float>((*integers)[at]) * units[at]);
    return result;
}

} // namespace

std::int64_t roundBiases(graph::Graph& graph) {
    struct Change {
        Node* layer;
        ValueId bias;
        tensor::Tensor data;
    };
    std::vector<Change> changes;
    const graph::UseIndex uses(graph);
    graph::forEachNode(graph, [&](Node& node) {
        const auto weight = graph::weightOf(graph, uses, node);
        if (!weight || !weight->bias) return;
        const graph::Value& bias = graph.value(*weight->bias);
        if (bias.kind != graph::ValueKind::Weight || bias.data.dtype() != tensor::DType::Float32) return;
        const auto units = quantization::biasUnits(graph, uses, node, *weight, bias.data.elementCount());
        const auto numbers = units ? rounded(bias.data.toFloats(), *units) : std::nullopt;
        if (numbers) changes.push_back({&node, *weight->bias, tensor::Tensor::of(bias.data.shape(), *numbers)});
    });
    graph::Editor editor(graph);
    for (Change& change : changes) {
        if (editor.useCount(change.bias) == 1) {
            graph.value(change.bias).data = std::move(change.data);
            continue;
        }
        const graph::Call call(*change.layer);
        const ValueId own =
            editor.addWeight(graph.value(change.bias).name + "_rounded", std::move(change.data), graph.value(change.bias).isParameter);
        editor.setOperand(*change.layer, *call.op()->position("bias"), own);
    }
    editor.finish();
    return static_cast<std::int64_t>(changes.size());
}

} // namespace lathe::transform
