#include <core/recipe/recipe.h>

#include <algorithm>
#include <cassert>
#include <cmath>

#include <core/graph/layers.h>
#include <core/recipe/canonical.h>

namespace lathe::recipe {

namespace {

base::Json toJson(const Step& step) {
    base::Json json{{"op", step.op}};
    if (!step.enabled) json["enabled"] = false;
    if (!step.where.empty()) json["where"] = step.where;
    if (const StepSpec* spec = findStepSpec(step.op)) json.update(canonical(*spec, step.parameters, Defaults::Drop));
    for (const auto& [pattern, overrides] : step.layers)
        json["layers"][pattern] = overrides;
    return json;
}

std::string percent(double ratio) { return std::to_string(std::lround(ratio * 100)) + " %"; }

std::string upper(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return text;
}

std::string criterion(const Step& step) {
    const auto name = step.parameter("criterion").get<std::string>();
    return name == "random" ? name : upper(name);
}

std::string shortName(const Step& step) {
    if (step.op.starts_with("fuse.")) return "fuse";
    if (step.op.starts_with("clean.")) return "clean";
    if (step.op == "finetune") return "ft " + std::to_string(step.parameter("epochs").get<std::int64_t>());
    if (step.op == "prune.structured") return "prune " + criterion(step) + " " + percent(step.parameter("ratio").get<double>());
    if (step.op == "prune.unstructured") return "sparsify " + criterion(step) + " " + percent(step.parameter("ratio").get<double>());
    const std::string bits = " int" + std::to_string(step.parameter("weights.bits").get<std::int64_t>());
    if (step.op == "quantize.static") return "static" + bits;
    if (step.op == "quantize.dynamic") return "dynamic" + bits;
    return "weights" + bits;
}

} // namespace

base::Json Step::parameter(std::string_view key) const {
    if (const base::Json* set = findNested(parameters, key)) return *set;
    const StepSpec* spec = findStepSpec(op);
    const ParameterSpec* parameter = spec == nullptr ? nullptr : findParameter(*spec, key);
    assert(parameter != nullptr);
    return parameter == nullptr ? base::Json() : parameter->defaultValue;
}

base::Json Step::parameter(std::string_view key, std::string_view layer) const {
    for (auto entry = layers.rbegin(); entry != layers.rend(); ++entry) {
        if (!graph::matchesPattern(entry->first, layer)) continue;
        if (const base::Json* set = findNested(entry->second, key)) return *set;
    }
    if ((key == "keep" || key == "skip") && !fits(where, layer)) return key == "keep" ? base::Json("float") : base::Json(true);
    return parameter(key);
}

bool Step::leavesOut(std::string_view layer) const {
    const StepSpec* spec = findStepSpec(op);
    if (spec == nullptr) return false;
    return (findParameter(*spec, "keep") != nullptr && parameter("keep", layer) == "float") ||
           (findParameter(*spec, "skip") != nullptr && parameter("skip", layer) == true);
}

std::string write(const Recipe& recipe) {
    base::Json json{{"lathe", formatVersion}};
    if (!recipe.name.empty()) json["name"] = recipe.name;
    if (!recipe.modelSha256.empty()) json["model"] = {{"sha256", recipe.modelSha256}};
    if (recipe.preprocessing != Preprocessing{}) json["preprocessing"] = toJson(recipe.preprocessing);
    json["steps"] = base::Json::array();
    for (const Step& step : recipe.steps)
        json["steps"].push_back(toJson(step));
    // Names from elsewhere may not be UTF-8; a replacement character is better than no file.
    return json.dump(2, ' ', false, base::Json::error_handler_t::replace) + "\n";
}

base::Result<> checkLayers(const Step& step, const std::vector<std::string>& layerNames) {
    for (const auto& [pattern, overrides] : step.layers) {
        const bool isKnown = std::ranges::any_of(
            layerNames, [&, &wanted = pattern](const std::string& layer) { return graph::matchesPattern(wanted, layer); });
        if (isKnown) continue;
        std::string message = "the model has no layer \"" + pattern + "\"";
        if (const std::string nearest = graph::nearestName(pattern, layerNames); !nearest.empty()) {
            message += "; did you mean \"" + nearest + "\"?";
        }
        return base::failure(base::ErrorCode::Rejected, message);
    }
    return check(step.where, layerNames);
}

base::Result<> checkLayers(const Recipe& recipe, const std::vector<std::string>& layerNames) {
    for (std::size_t i = 0; i < recipe.steps.size(); ++i) {
        const Step& step = recipe.steps[i];
        if (const auto checked = checkLayers(step, layerNames); !checked) {
            return base::failure(base::ErrorCode::Rejected,
                                 "step " + std::to_string(i + 1) + " (" + step.op + "): " + checked.error().message);
        }
    }
    return {};
}

Step bound(Step step, const std::vector<std::string>& layerNames) {
    step.where = bound(std::move(step.where), layerNames);
    return step;
}

Recipe bound(Recipe recipe, const std::vector<std::string>& layerNames) {
    for (Step& step : recipe.steps)
        step.where = bound(std::move(step.where), layerNames);
    return recipe;
}

std::string summary(const Recipe& recipe) {
    std::string joined, previous;
    for (const Step& step : recipe.steps) {
        if (!step.enabled) continue;
        const std::string name = shortName(step);
        if (name != previous) joined += (joined.empty() ? "" : " → ") + name;
        previous = name;
    }
    return joined.empty() ? "unchanged" : joined;
}

} // namespace lathe::recipe
