#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <core/base/json.h>
#include <core/base/result.h>
#include <core/recipe/evaluation.h>
#include <core/recipe/preprocessing.h>
#include <core/steps/step.h>

namespace lathe::recipe {

struct Recipe {
    std::string modelSha256; ///< "" when it is not bound to a model
    std::string name;
    std::vector<steps::Step> steps;
    Preprocessing preprocessing = {};
    Evaluation evaluation = {};
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

/// Do all layer patterns of the recipe name at least one of these layers? Rejected with the nearest name and the place.
[[nodiscard]] base::Result<> checkLayers(const Recipe& recipe, const std::vector<std::string>& layerNames);

/// The recipe with all its steps bound to these layers (steps::bound()). To run, not to store: it is for this model only.
[[nodiscard]] Recipe bound(Recipe recipe, const std::vector<std::string>& layerNames);

/// Short, untranslated form of the enabled steps for tables and run names: "fuse → prune L1 50 % → ft 10 → static int8"; "unchanged" when
/// there is none.
[[nodiscard]] std::string summary(const Recipe& recipe);

} // namespace lathe::recipe
