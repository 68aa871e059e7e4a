#include <core/runtime/lowering/qdq_nodes.h>

#include <core/graph/operands.h>
#include <core/graph/operators/quantization.h>
#include <core/quantization/qdq.h>

namespace lathe::runtime {

std::optional<ActivationGrid> activationGrid(const graph::Node& node) {
    auto grid = quantization::tensorGridOf(node);
    if (!grid || (grid->dtype != tensor::DType::Int8 && grid->dtype != tensor::DType::UInt8)) return std::nullopt;
    const std::int64_t shift = grid->dtype == tensor::DType::Int8 ? 128 : 0;
    grid->zeroPoint += shift;
    grid->minimum += shift;
    grid->maximum += shift;
    grid->dtype = tensor::DType::UInt8;
    const bool fits = grid->minimum >= 0 && grid->maximum <= 255 && grid->zeroPoint >= grid->minimum && grid->zeroPoint <= grid->maximum;
    return fits ? grid : std::nullopt;
}

bool dequantizesWeight(const graph::Graph& graph, const graph::Node& node) {
    if (!graph::isDequantize(node.op)) return false;
    const tensor::Tensor* data = graph::weightData(graph, graph::QdqCall(node).input());
    return data && (data->dtype() == tensor::DType::Int8 || data->dtype() == tensor::DType::UInt8);
}

std::optional<std::array<std::int64_t, 2>> pairOf(const graph::Operand& operand) {
    if (const auto one = operand.literal<std::int64_t>()) return std::array{*one, *one};
    const auto list = operand.literal<std::vector<std::int64_t>>();
    if (!list || list->empty() || list->size() > 2) return std::nullopt;
    return std::array{list->front(), list->back()};
}

} // namespace lathe::runtime
