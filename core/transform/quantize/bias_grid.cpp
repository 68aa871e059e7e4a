#include <core/transform/quantize/bias_grid.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include <core/graph/editor.h>
#include <core/graph/layer_weight.h>
#include <core/graph/operators/arithmetic.h>
#include <core/graph/operators/call.h>
#include <core/quantization/qdq.h>
#include <core/transform/rewrite.h>

namespace lathe::transform {

namespace {

using graph::Node;
using graph::ValueId;

/// One unit for each number of the bias; nothing where the input or the weight is not on a static grid.
std::optional<std::vector<float>> unitsOf(const graph::Graph& graph, const graph::UseIndex& uses, const Node& layer,
                                          const graph::WeightInfo& weight, std::int64_t count) {
    const auto input = graph::mainInput(layer);
    const Node* restored = input ? uses.producer(*input) : nullptr;
    if (restored == nullptr || weight.dequantize == nullptr) return std::nullopt;
    const auto inputGrid = quantization::tensorGridOf(*restored);
    const auto weightGrid = quantization::gridOf(*weight.dequantize);
    if (!inputGrid || !weightGrid || weightGrid->isDynamic) return std::nullopt;
    const auto numbers = quantization::numbersOf(graph, *weight.dequantize, count);
    if (!numbers || (numbers->scales.size() != 1 && static_cast<std::int64_t>(numbers->scales.size()) != count)) return std::nullopt;
    std::vector<float> units;
    for (std::int64_t at = 0; at < count; ++at)
        units.push_back(static_cast<float>(inputGrid->scale) *
                        numbers->scales[numbers->scales.size() == 1 ? 0 : static_cast<std::size_t>(at)]);
    return units;
}

/// Nothing when one of them does not fit into 32 bits.
std::optional<std::vector<float>> rounded(const std::vector<float>& bias, const std::vector<float>& units) {
    constexpr float most = 2147483520.0F; // the largest float below 2^31
    std::vector<float> result;
    for (std::size_t at = 0; at < bias.size(); ++at) {
        const float integer = std::nearbyint(bias[at] / units[at]);
        if (!(std::abs(integer) <= most)) return std::nullopt;
        result.push_back(integer * units[at]);
    }
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
        const auto units = unitsOf(graph, uses, node, *weight, bias.data.elementCount());
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
