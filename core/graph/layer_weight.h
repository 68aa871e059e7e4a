#pragma once

#include <optional>

#include <core/graph/graph.h>

namespace lathe::graph {

/// Does the node make floats of a weight that is stored in fewer bits: of integers, or of numbers in half precision?
[[nodiscard]] bool restoresWeight(const Graph& graph, const Node& node);

/// What belongs to the weight of a conv/linear node, through a dequantize node if there is one.
struct WeightInfo {
    ValueId weight = -1; ///< the Weight value: float, or integer when quantized
    std::optional<ValueId> bias;
    const Node* dequantize = nullptr; ///< the node between weight and layer, when quantized or stored in half precision
    const Node* lookup = nullptr;     ///< the same when its numbers are shared: then `weight` holds packed indices
    tensor::Shape shape{};            ///< of what the layer reads
};
/// Nothing for a weight that is computed, and for one whose numbers are shared: steps that change weights leave it alone.
[[nodiscard]] std::optional<WeightInfo> weightOf(const Graph& graph, const UseIndex& uses, const Node& node);
/// The weight of a conv/linear node, or the table of an embedding, shared numbers included: what people count as a layer.
[[nodiscard]] std::optional<WeightInfo> layerWeightOf(const Graph& graph, const UseIndex& uses, const Node& node);

} // namespace lathe::graph
