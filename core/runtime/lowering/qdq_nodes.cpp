#include <core/runtime/lowering/qdq_nodes.h>

#include <algorithm>
#include <cstdlib>

#include <core/graph/operands.h>
#include <core/graph/operators/convolution.h>
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

bool readWeight(const graph::Graph& graph, const graph::Node& dequantize, Int8Layer& layer) {
    if (!dequantizesWeight(graph, dequantize)) return false;
    layer.weight = *graph::mainInput(dequantize);
    const tensor::Tensor& data = graph.value(layer.weight).data;
    const auto grid = quantization::gridOf(dequantize);
    if (!grid || grid->isDynamic || (grid->granularity == quantization::Granularity::Channel && (grid->axis != 0 || data.shape().empty())))
        return false;
    auto numbers = quantization::numbersOf(graph, dequantize, data.shape().empty() ? 0 : data.shape()[0]);
    if (!numbers) return false;
    layer.weightScales = std::move(numbers->scales);
    layer.weightZeroPoints = std::move(numbers->zeroPoints);
    // The sum of (a − za)(w − zw) must fit into 32 bits, whatever the values are.
    const std::int64_t products = data.shape().empty() || data.shape()[0] == 0 ? 0 : data.elementCount() / data.shape()[0];
    const std::int64_t largestWeight = data.dtype() == tensor::DType::Int8 ? 128 : 255;
    return std::all_of(layer.weightZeroPoints.begin(), layer.weightZeroPoints.end(), [&](std::int64_t zeroPoint) {
        return std::abs(zeroPoint) <= 255 && products * 255 * (largestWeight + std::abs(zeroPoint)) < (std::int64_t{1} << 31);
    });
}

std::optional<std::array<std::int64_t, 2>> pairOf(const graph::Operand& operand) {
    if (const auto one = operand.literal<std::int64_t>()) return std::array{*one, *one};
    const auto list = operand.literal<std::vector<std::int64_t>>();
    if (!list || list->empty() || list->size() > 2) return std::nullopt;
    return std::array{list->front(), list->back()};
}

bool readGeometry(const graph::Node& node, Int8Layer& layer) {
    layer.isConvolution = true;
    const graph::Convolution convolution(node);
    const auto read = [](const std::optional<std::vector<std::int64_t>>& sizes, std::array<std::int64_t, 2>& target,
                         std::int64_t smallest) {
        const auto pair = sizes ? pairOf(graph::Literal(*sizes)) : std::nullopt;
        if (!pair || (*pair)[0] < smallest || (*pair)[1] < smallest) return false;
        target = *pair;
        return true;
    };
    if (!read(convolution.stride(), layer.stride, 1) || !read(convolution.padding(), layer.padding, 0) ||
        !read(convolution.dilation(), layer.dilation, 1))
        return false;
    const auto groups = convolution.groups();
    if (!groups || *groups < 1) return false;
    layer.groups = *groups;
    return true;
}

} // namespace lathe::runtime
