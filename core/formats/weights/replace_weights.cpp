#include <core/formats/weights/replace_weights.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include <core/formats/weights/match_names.h>

namespace lathe::formats {

using Kind = WeightDifference::Kind;

namespace {

constexpr std::size_t namedDifferences = 5;

bool isFloat(tensor::DType dtype) {
    return dtype == tensor::DType::Float16 || dtype == tensor::DType::BFloat16 || dtype == tensor::DType::Float32 ||
           dtype == tensor::DType::Float64;
}

bool isFinite(const tensor::Tensor& tensor) {
    return std::ranges::all_of(tensor.toFloats(), [](float value) { return std::isfinite(value); });
}

/// In another floating-point dtype; nothing where that cannot hold it.
std::optional<tensor::Tensor> cast(const tensor::Tensor& given, tensor::DType dtype) {
    if (!isFloat(given.dtype()) || !isFloat(dtype)) return std::nullopt;
    tensor::Tensor result = given.to(dtype);
    if (!isFinite(result) && isFinite(given)) return std::nullopt;
    return result;
}

/// Does a state dict have to hold it? Not tables of positions, masks and frequencies: buffers that are made with the model, not trained.
/// Where the format does not tell buffers from parameters, wide integers are such.
bool isTrained(const graph::Value& value) {
    if (value.name.ends_with("running_mean") || value.name.ends_with("running_var")) return true;
    const tensor::DType dtype = value.data.dtype();
    return value.isParameter && (isFloat(dtype) || dtype == tensor::DType::Int8 || dtype == tensor::DType::UInt8);
}

std::string inQuotes(const std::string& name) { return "\"" + name + "\""; }

std::string textOf(const WeightDifference& difference) {
    if (difference.kind == Kind::Missing) return inQuotes(difference.name) + " is missing";
    return inQuotes(difference.name) + " is " + difference.file + " instead of " + difference.model;
}

} // namespace

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

ReplacedWeights replaceWeights(graph::Graph& graph, const NamedTensors& weights) {
    ReplacedWeights replaced;
    std::vector<graph::Value*> values;
    std::vector<std::string> ofModel, ofFile;
    for (graph::Value& value : graph.values) {
        if (value.kind != graph::ValueKind::Weight) continue;
        values.push_back(&value);
        ofModel.push_back(value.name);
    }
    for (const auto& [name, given] : weights)
        ofFile.push_back(name);
    const MatchedNames matched = matchNames(ofModel, ofFile);
    if (!matched.note.empty()) replaced.notes.push_back(matched.note);

    std::set<std::string> used;
    std::map<std::pair<tensor::DType, tensor::DType>, int> casts;                                 // from, to
    std::multimap<const tensor::Storage*, std::pair<tensor::Tensor, const graph::Value*>> before; // the original of each
    std::vector<graph::Value*> missing;
    std::vector<std::string> kept;
    for (std::size_t i = 0; i < values.size(); ++i) {
        graph::Value& value = *values[i];
        if (matched.names[i].empty()) {
            missing.push_back(&value);
            continue;
        }
        used.insert(matched.names[i]);
        const tensor::Tensor& given = weights.at(matched.names[i]);
        const tensor::DType wanted = value.data.dtype();
        const auto fitting = given.dtype() == wanted ? std::optional(given) : cast(given, wanted);
        if (given.shape() != value.data.shape()) {
            replaced.differences.push_back({Kind::Shape, value.name, tensor::text(value.data.shape()), tensor::text(given.shape())});
        } else if (!fitting) {
            replaced.differences.push_back(
                {Kind::DType, value.name, std::string(tensor::name(wanted)), std::string(tensor::name(given.dtype()))});
        } else {
            if (given.dtype() != wanted) ++casts[{given.dtype(), wanted}];
            before.emplace(value.data.storage().get(), std::pair(value.data, &value));
            value.data = *fitting;
        }
    }
    for (graph::Value* value : missing) {
        const auto [begin, end] = before.equal_range(value->data.storage().get());
        const auto tied = std::find_if(begin, end, [&](const auto& entry) {
            const tensor::Tensor& data = entry.second.first;
            return data.byteOffset() == value->data.byteOffset() && data.shape() == value->data.shape() &&
                   data.strides() == value->data.strides();
        });
        if (tied != end) {
            value->data = tied->second.second->data;
        } else if (!isTrained(*value)) {
            kept.push_back(value->name);
        } else {
            replaced.differences.push_back({Kind::Missing, value->name, tensor::text(value->data.shape()), ""});
        }
    }
    if (!kept.empty())
        replaced.notes.push_back("The file has nothing for " + std::to_string(kept.size()) + (kept.size() == 1 ? " buffer" : " buffers") +
                                 " of the model (" + inQuotes(kept.front()) + (kept.size() == 1 ? "" : ", …") +
                                 "), which training does not change and which " + (kept.size() == 1 ? "stays" : "stay") +
                                 " as in the model.");
    for (const auto& [dtypes, count] : casts) {
        replaced.notes.push_back(std::to_string(count) + (count == 1 ? " weight is " : " weights are ") +
                                 std::string(tensor::name(dtypes.first)) + " in the file and " + (count == 1 ? "was" : "were") +
                                 " cast to the model's " + std::string(tensor::name(dtypes.second)) + ".");
    }
    for (const auto& [name, given] : weights) {
        if (!used.contains(name)) replaced.differences.push_back({Kind::Unexpected, name, "", tensor::text(given.shape())});
    }
    return replaced;
}

base::Result<> requireFit(const std::vector<WeightDifference>& differences) {
    std::vector<std::string> problems;
    for (const WeightDifference& difference : differences) {
        if (difference.kind != Kind::Unexpected) problems.push_back(textOf(difference));
    }
    if (problems.empty()) return {};
    std::string text = "The weights do not fit the model: ";
    const std::size_t named = std::min(problems.size(), namedDifferences);
    for (std::size_t i = 0; i < named; ++i)
        text += (i == 0 ? "" : ", ") + problems[i];
    if (named < problems.size()) text += ", and " + std::to_string(problems.size() - named) + " more differ";
    text += ".";
    // Where names are missing, those that the file has instead tell what to do.
    const auto left = std::ranges::find_if(differences, [](const WeightDifference& difference) {
        return difference.kind == Kind::Unexpected && !difference.name.ends_with("num_batches_tracked");
    });
    const bool isMissing = std::ranges::find(differences, Kind::Missing, &WeightDifference::kind) != differences.end();
    if (isMissing && left != differences.end()) text += " The file has " + inQuotes(left->name) + ", which the model has no place for.";
    return base::failure(base::ErrorCode::Rejected, text);
}

} // namespace lathe::formats
