#include <core/steps/step.h>

#include <algorithm>
#include <cassert>
#include <unordered_set>

#include <core/graph/layers.h>
#include <core/steps/canonical.h>
#include <core/steps/step_table.h>

namespace lathe::steps {

namespace {

base::Json defaultOf(const std::string& op, std::string_view key) {
    const StepSpec* spec = findStepSpec(op);
    const ParameterSpec* parameter = spec == nullptr ? nullptr : findParameter(*spec, key);
    assert(parameter != nullptr);
    return parameter == nullptr ? base::Json() : parameter->defaultValue;
}

} // namespace

std::optional<base::Json> Step::setting(std::string_view key) const {
    const base::Json* set = findNested(parameters, key);
    return set == nullptr ? std::nullopt : std::optional(*set);
}

std::optional<base::Json> Step::setting(std::string_view key, std::string_view layer) const {
    for (auto entry = layers.rbegin(); entry != layers.rend(); ++entry) {
        if (!graph::matchesPattern(entry->first, layer)) continue;
        if (const base::Json* set = findNested(entry->second, key)) return *set;
    }
    if ((key == "keep" || key == "skip") && !fits(where, layer)) return key == "keep" ? base::Json("float") : base::Json(true);
    return setting(key);
}

base::Json Step::parameter(std::string_view key) const {
    auto set = setting(key);
    return set ? std::move(*set) : defaultOf(op, key);
}

base::Json Step::parameter(std::string_view key, std::string_view layer) const {
    auto set = setting(key, layer);
    return set ? std::move(*set) : defaultOf(op, key);
}

bool Step::leavesOut(std::string_view layer) const {
    const StepSpec* spec = findStepSpec(op);
    if (spec == nullptr) return false;
    return (findParameter(*spec, "keep") != nullptr && parameter("keep", layer) == "float") ||
           (findParameter(*spec, "skip") != nullptr && parameter("skip", layer) == true);
}

base::Result<> checkLayers(const Step& step, const std::vector<std::string>& layerNames) {
    std::unordered_set<std::string_view> names; // a recipe may have an override for every layer
    if (!step.layers.empty()) names.insert(layerNames.begin(), layerNames.end());
    for (const auto& [pattern, overrides] : step.layers) {
        const bool isKnown = names.contains(pattern) || std::ranges::any_of(layerNames, [&, &wanted = pattern](const std::string& layer) {
                                 return graph::matchesPattern(wanted, layer);
                             });
        if (isKnown) continue;
        const std::string nearest = graph::nearestName(pattern, layerNames);
        if (nearest.empty()) return base::failure(base::ErrorCode::Rejected, {"recipe.noLayer", {{"layer", pattern}}});
        return base::failure(base::ErrorCode::Rejected, {"recipe.noLayerNearest", {{"layer", pattern}, {"nearest", nearest}}});
    }
    return check(step.where, layerNames);
}

Step bound(Step step, const std::vector<std::string>& layerNames) {
    step.where = bound(std::move(step.where), layerNames);
    return step;
}

} // namespace lathe::steps
