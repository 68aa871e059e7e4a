#include <views/models/latency_prediction.h>

#include <set>
#include <string>
#include <unordered_map>

namespace lathe::views {

namespace {

std::optional<double> predictedBy(const std::vector<client::LayerInfo>& layers, const measure::ModelResult& measured) {
    const auto rest = measure::restUs(measured);
    if (!rest || !measure::isReliable(measured.latency)) return std::nullopt;
    std::unordered_map<std::string, const measure::LayerResult*> rows;
    std::set<std::string> covered, names;
    for (const measure::LayerResult& row : measured.layers) {
        rows.emplace(row.name, &row);
        covered.insert(row.covers.begin(), row.covers.end());
    }
    double sum = *rest;
    for (const client::LayerInfo& layer : layers) {
        names.insert(layer.name);
        const auto found = rows.find(layer.name);
        if (found == rows.end()) {
            if (!covered.contains(layer.name)) return std::nullopt;
            continue;
        }
        const measure::LayerResult& row = *found->second;
        if (row.bits != layer.bits || !row.p50Us) return std::nullopt;
        const bool isScaled = layer.macs && row.macs && *row.macs > 0;
        sum += *row.p50Us * (isScaled ? static_cast<double>(*layer.macs) / static_cast<double>(*row.macs) : 1);
    }
    for (const measure::LayerResult& row : measured.layers) {
        const bool hasGone = row.parameters > 0; // a layer that the recipe takes away
        if (!names.contains(row.name) && !hasGone) sum += row.p50Us.value_or(0);
    }
    return sum;
}

} // namespace

std::optional<double> predictedCallUs(const std::vector<client::LayerInfo>& layers, const measure::RunDocument& run) {
    const auto asOptimized = predictedBy(layers, run.optimized);
    return asOptimized ? asOptimized : predictedBy(layers, run.baseline);
}

} // namespace lathe::views
