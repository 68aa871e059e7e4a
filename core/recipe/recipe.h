#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <core/base/json.h>
#include <core/base/result.h>
#include <core/recipe/preprocessing.h>
#include <core/recipe/step_schema.h>
#include <core/recipe/where.h>

namespace lathe::recipe {

/// One step: its operator, whether it is enabled, the parameters that were set (others have their default), per-layer overrides by name
/// pattern, later patterns winning, and the rule that says which layers it is for. A layer that the rule leaves out has "keep": "float"
/// ("skip": true for pruning), unless an override says otherwise: what is said of a layer itself counts more than a rule.
struct Step {
    std::string op;
    bool enabled = true;
    base::Json parameters = base::Json::object(); ///< nested as in the file: {"ratio": 0.5, "weights": {"bits": 8}}
    std::vector<std::pair<std::string, base::Json>> layers;
    Where where = {}; ///< only for steps that takesWhere() is true of

    /// The parameter for the whole step, or for one layer with overrides and the rule (see bound()) applied. The key must be in the spec
    /// (asserted).
    [[nodiscard]] base::Json parameter(std::string_view key) const;
    [[nodiscard]] base::Json parameter(std::string_view key, std::string_view layer) const;
    /// Does the step leave this layer as it is, by its rule or by an override?
    [[nodiscard]] bool leavesOut(std::string_view layer) const;
    bool operator==(const Step&) const = default;
};

struct Recipe {
    std::string modelSha256; ///< "" when it is not bound to a model
    std::string name;
    std::vector<Step> steps;
    Preprocessing preprocessing = {};
    bool operator==(const Recipe&) const = default;
};

/// The version of the recipe format that this program writes ("lathe": 1).
inline constexpr int formatVersion = 1;

/// Reads and validates: unknown keys and operators (with the nearest known name), wrong types, values out of range. Errors are Rejected,
/// one sentence, with the place: `step 2 (prune.structured): "ratio" must be between 0 and 0.99, not 1.5`. Parameters of the whole step
/// that have their default value are dropped, so that equal recipes compare equal.
[[nodiscard]] base::Result<Recipe> parse(std::string_view json);
[[nodiscard]] base::Result<Recipe> load(const std::string& path);
/// Pretty-printed, stable key order, default values left out; parse(write(r)) == r for every r that parse returned.
[[nodiscard]] std::string write(const Recipe& recipe);

/// Do all layer patterns of the recipe (the step) name at least one of these layers? Rejected with the nearest name and, for a recipe, the
/// place.
[[nodiscard]] base::Result<> checkLayers(const Recipe& recipe, const std::vector<std::string>& layerNames);
[[nodiscard]] base::Result<> checkLayers(const Step& step, const std::vector<std::string>& layerNames);

/// The step, the recipe with the names of the first and last of these layers (all of the model, in its order) in their rules, so that
/// parameter() can answer for one layer. To run, not to store: it is for this model only.
[[nodiscard]] Step bound(Step step, const std::vector<std::string>& layerNames);
[[nodiscard]] Recipe bound(Recipe recipe, const std::vector<std::string>& layerNames);

/// Short, untranslated form of the enabled steps for tables and run names: "fuse → prune L1 50 % → ft 10 → static int8"; "unchanged" when
/// there is none.
[[nodiscard]] std::string summary(const Recipe& recipe);

} // namespace lathe::recipe
