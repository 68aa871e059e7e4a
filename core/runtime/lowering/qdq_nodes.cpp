#include <core/runtime/lowering/qdq_nodes.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <core/graph/operands.h>
#include <core/graph/operators/convolution.h>
#include <core/graph/operators/names.h>
#include <core/graph/operators/quantization.h>

namespace lathe::runtime {

std::optional<IntegerRange> rangeOf(const graph::Node& node) {
    const graph::QdqCall call(node);
    const auto low = call.minimum(), high = call.maximum();
    const auto dtype = call.dtype();
    if (!low || !high || !dtype || *low > *high) return std::nullopt;
    return IntegerRange{*low, *high, *dtype};
}

std::optional<ActivationGrid> activationGrid(const graph::Node& node) {
    if (node.op != graph::op::quantizePerTensor && node.op != graph::op::dequantizePerTensor) return std::nullopt;
    const graph::QdqCall call(node);
    const auto range = rangeOf(node);
    if (!range || !call.isComplete()) return std::nullopt;
    const auto scale = call.scale().literal<double>();
    const auto zeroPoint = call.zeroPoint().literal<std::int64_t>();
    if (!scale || !zeroPoint || !(*scale > 0) || !std::isfinite(*scale)) return std::nullopt;
    const bool isSigned = range->dtype == tensor::DType::Int8;
    if (!isSigned && range->dtype != tensor::DType::UInt8) return std::nullopt;
    const std::int64_t shift = isSigned ? 128 : 0;
    const ActivationGrid grid{*scale, *zeroPoint + shift, range->minimum + shift, range->maximum + shift};
    const bool fits = grid.minimum >= 0 && grid.maximum <= 255 && grid.zeroPoint >= grid.minimum && grid.zeroPoint <= grid.maximum;
    return fits ? std::optional(grid) : std::nullopt;
}

bool dequantizesWeight(const graph::Graph& graph, const graph::Node& node) {
    if (!graph::isDequantize(node.op)) return false;
    const tensor::Tensor* data = graph::weightData(graph, graph::QdqCall(node).input());
    return data && (data->dtype() == tensor::DType::Int8 || data->dtype() == tensor::DType::UInt8);
}

bool readWeight(const graph::Graph& graph, const graph::Node& dequantize, Int8Layer& layer) {
    if (!dequantizesWeight(graph, dequantize)) return false;
    const graph::QdqCall call(dequantize);
    layer.weight = call.input().value();
    layer.weightScales.clear();
    layer.weightZeroPoints.clear();
    if (!call.isComplete()) return false;
    if (dequantize.op == graph::op::dequantizePerTensor) {
        const auto scale = call.scale().literal<double>();
        const auto zeroPoint = call.zeroPoint().literal<std::int64_t>();
        if (!scale || !zeroPoint) return false;
        layer.weightScales.push_back(static_cast<float>(*scale));
        layer.weightZeroPoints.push_back(*zeroPoint);
    } else if (call.isPerChannel()) {
        const tensor::Tensor* scales = graph::weightData(graph, call.scale());
        const tensor::Tensor* zeroPoints = graph::weightData(graph, call.zeroPoint());
        const tensor::Tensor& data = graph.value(layer.weight).data;
        if (!scales || !zeroPoints || call.axis() != 0 || data.shape().empty()) return false;
        if (scales->elementCount() != data.shape()[0] || zeroPoints->elementCount() != data.shape()[0]) return false;
        layer.weightScales = scales->toFloats();
        for (const float zeroPoint : zeroPoints->toFloats())
            layer.weightZeroPoints.push_back(static_cast<std::int64_t>(zeroPoint));
    } else {
        return false;
    }
    // The sum of (a − za)(w − zw) must fit into 32 bits, whatever the values are.
    const tensor::Tensor& data = graph.value(layer.weight).data;
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
