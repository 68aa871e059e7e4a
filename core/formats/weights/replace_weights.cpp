#include <core/formats/weights/replace_weights.h>

#include <algorithm>
#include <set>

namespace lathe::formats {

using Kind = WeightDifference::Kind;

const char* name(Kind kind) {
    switch (kind) {
    case Kind::Missing:
        return "missing";
    case Kind::Unexpected:
        return "unexpected";
    case Kind::Shape:
        return "shape";
    case Kind::DType:
        return "dtype";
    }
    return "";
}

std::vector<WeightDifference> replaceWeights(graph::Graph& graph, const NamedTensors& weights) {
    std::vector<WeightDifference> differences;
    std::set<std::string> used;
    for (graph::Value& value : graph.values) {
        if (value.kind != graph::ValueKind::Weight) continue;
        const auto found = weights.find(value.name);
        if (found == weights.end()) {
            differences.push_back({Kind::Missing, value.name, tensor::text(value.data.shape()), ""});
            continue;
        }
        used.insert(value.name);
        const tensor::Tensor& given = found->second;
        if (given.shape() != value.data.shape()) {
            differences.push_back({Kind::Shape, value.name, tensor::text(value.data.shape()), tensor::text(given.shape())});
        } else if (given.dtype() != value.data.dtype()) {
            differences.push_back(
                {Kind::DType, value.name, std::string(tensor::name(value.data.dtype())), std::string(tensor::name(given.dtype()))});
        } else {
            value.data = given;
        }
    }
    for (const auto& [name, given] : weights) {
        if (!used.contains(name)) differences.push_back({Kind::Unexpected, name, "", tensor::text(given.shape())});
    }
    return differences;
}

base::Result<> requireFit(const std::vector<WeightDifference>& differences) {
    const auto isProblem = [](const WeightDifference& difference) { return difference.kind != Kind::Unexpected; };
    const auto first = std::ranges::find_if(differences, isProblem);
    if (first == differences.end()) return {};
    const auto count = std::ranges::count_if(differences, isProblem);
    const std::string what = first->kind == Kind::Missing ? "\"" + first->name + "\" is missing"
                                                          : "\"" + first->name + "\" is " + first->file + " instead of " + first->model;
    return base::failure(base::ErrorCode::Rejected, "The weights do not fit the model: " + what +
                                                        (count > 1 ? ", and " + std::to_string(count - 1) + " more differ." : "."));
}

} // namespace lathe::formats
