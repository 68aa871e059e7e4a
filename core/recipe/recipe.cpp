#include <core/recipe/recipe.h>

#include <core/steps/apply_step.h>
#include <core/steps/canonical.h>
#include <core/steps/step_table.h>

namespace lathe::recipe {

namespace {

base::Json toJson(const steps::Step& step) {
    base::Json json{{"op", step.op}};
    if (!step.enabled) json["enabled"] = false;
    if (!step.where.empty()) json["where"] = step.where;
    // A step that is not known here keeps all that was set.
    const steps::StepSpec* spec = steps::findStepSpec(step.op);
    const base::Json set = spec == nullptr ? step.parameters : steps::canonical(*spec, step.parameters, steps::Defaults::Drop);
    if (set.is_object()) json.update(set);
    for (const auto& [pattern, overrides] : step.layers)
        json["layers"][pattern] = overrides;
    return json;
}

} // namespace

std::string write(const Recipe& recipe) {
    base::Json json{{"lathe", formatVersion}};
    if (!recipe.name.empty()) json["name"] = recipe.name;
    if (!recipe.modelSha256.empty()) json["model"] = {{"sha256", recipe.modelSha256}};
    if (recipe.preprocessing != Preprocessing{}) json["preprocessing"] = toJson(recipe.preprocessing);
    if (recipe.evaluation != Evaluation{}) json["evaluation"] = toJson(recipe.evaluation);
    json["steps"] = base::Json::array();
    for (const steps::Step& step : recipe.steps)
        json["steps"].push_back(toJson(step));
    // Names from elsewhere may not be UTF-8; a replacement character is better than no file.
    return json.dump(2, ' ', false, base::Json::error_handler_t::replace) + "\n";
}

base::Result<> checkLayers(const Recipe& recipe, const std::vector<std::string>& layerNames) {
    for (std::size_t i = 0; i < recipe.steps.size(); ++i) {
        const steps::Step& step = recipe.steps[i];
        if (const auto checked = steps::checkLayers(step, layerNames); !checked) {
            return base::failure(base::ErrorCode::Rejected,
                                 {"recipe.at",
                                  {{"place", base::Message("recipe.stepWithOp", {{"number", i + 1}, {"op", step.op}})},
                                   {"problem", checked.error().message}}});
        }
    }
    return {};
}

Recipe bound(Recipe recipe, const std::vector<std::string>& layerNames) {
    for (steps::Step& step : recipe.steps)
        step = steps::bound(std::move(step), layerNames);
    return recipe;
}

std::string summary(const Recipe& recipe) {
    std::string joined, previous;
    for (const steps::Step& step : recipe.steps) {
        if (!step.enabled) continue;
        const std::string name = steps::briefText(step);
        if (name != previous) joined += (joined.empty() ? "" : " → ") + name;
        previous = name;
    }
    return joined.empty() ? "unchanged" : joined;
}

} // namespace lathe::recipe
