#include <core/transform/rewrite.h>

#include <algorithm>
#include <cmath>

#include <core/graph/operators/conversion.h>

namespace lathe::transform {

void setWeight(graph::Graph& graph, graph::ValueId weight, tensor::Tensor data) {
    graph::Value& value = graph.value(weight);
    value.dtype = data.dtype();
    value.shape = graph::dims(data.shape());
    value.data = std::move(data);
}

void setNumbers(graph::Graph& graph, graph::ValueId weight, const std::vector<float>& numbers) {
    const tensor::Tensor old = graph.value(weight).data;
    setWeight(graph, weight, tensor::Tensor::of(old.shape(), numbers).to(old.dtype()));
}

base::Result<std::vector<float>> finiteValues(const graph::Value& weight) {
    const tensor::DType dtype = weight.data.dtype();
    if (!graph::isFloatingPoint(dtype)) {
        return base::failure(base::ErrorCode::Rejected,
                             {"weights.areNoFloats", {{"weight", weight.name}, {"type", std::string(tensor::name(dtype))}}});
    }
    std::vector<float> values = weight.data.toFloats();
    const auto bad = std::ranges::find_if(values, [](float value) { return !std::isfinite(value); });
    if (bad != values.end()) {
        return base::failure(base::ErrorCode::Rejected,
                             {"weights.areNotFinite", {{"weight", weight.name}, {"element", bad - values.begin()}}});
    }
    return values;
}

} // namespace lathe::transform
