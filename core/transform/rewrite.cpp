#include <core/transform/rewrite.h>

#include <algorithm>
#include <cmath>

namespace lathe::transform {

std::string_view baseName(std::string_view op) {
    if (const std::size_t space = op.find("::"); space != std::string_view::npos) op.remove_prefix(space + 2);
    op = op.substr(0, op.find('.'));
    if (op.ends_with('_') && !op.ends_with("__")) op.remove_suffix(1);
    return op;
}

void setWeight(graph::Graph& graph, graph::ValueId weight, tensor::Tensor data) {
    graph::Value& value = graph.value(weight);
    value.dtype = data.dtype();
    value.shape = graph::dims(data.shape());
    value.data = std::move(data);
}

base::Result<std::vector<float>> finiteValues(const graph::Value& weight) {
    using tensor::DType;
    const DType dtype = weight.data.dtype();
    if (dtype != DType::Float32 && dtype != DType::Float64 && dtype != DType::Float16 && dtype != DType::BFloat16) {
        return base::failure(base::ErrorCode::Rejected,
                             "\"" + weight.name + "\" holds " + std::string(tensor::name(dtype)) + " and not floating-point numbers.");
    }
    std::vector<float> values = weight.data.toFloats();
    const auto bad = std::ranges::find_if(values, [](float value) { return !std::isfinite(value); });
    if (bad != values.end()) {
        return base::failure(base::ErrorCode::Rejected, "\"" + weight.name + "\" holds NaN or infinity (first at element " +
                                                            std::to_string(bad - values.begin()) + ").");
    }
    return values;
}

} // namespace lathe::transform
