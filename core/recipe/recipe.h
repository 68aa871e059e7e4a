#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <core/base/json.h>
#include <core/base/result.h>

namespace lathe::recipe {

/// What a parameter may be. The table of all steps (step_schema.h) drives validation, the inspector's controls and the help.
enum class ParameterKind { Boolean, Integer, Number, Choice, Text };

struct ParameterSpec {
    std::string key;  ///< "ratio"; nested ones with a dot: "weights.bits"
    ParameterKind kind = ParameterKind::Number;
    base::Json defaultValue;
    double minimum = 0, maximum = 0;  ///< Integer and Number; inclusive
    std::vector<base::Json> choices;  ///< Choice; for example ["symmetric", "affine"] or [8]
    bool perLayer = false;            ///< may stand in "layers": {"conv2": {…}}
};

struct StepSpec {
    std::string op; ///< "prune.structured"
    std::vector<ParameterSpec> parameters;
};

/// Every step that a recipe may hold, in the order in which the window offers them:
/// fuse.conv_bn, fuse.conv_relu, fuse.linear_relu, clean.fold_constants, clean.dead_code, prune.unstructured, prune.structured, finetune,
/// quantize.static, quantize.dynamic, quantize.weight_only.
[[nodiscard]] const std::vector<StepSpec>& stepSpecs();
[[nodiscard]] const StepSpec* findStepSpec(std::string_view op);

/// One step: its operator, whether it is enabled, the parameters that were set (others have their default) and per-layer overrides by name pattern,
/// later patterns winning.
struct Step {
    std::string op;
    bool enabled = true;
    base::Json parameters = base::Json::object(); ///< nested as in the file: {"ratio": 0.5, "weights": {"bits": 8}}
    std::vector<std::pair<std::string, base::Json>> layers;

    /// The parameter for the whole step, or for one layer with overrides applied. The key must be in the spec (asserted).
    [[nodiscard]] base::Json parameter(std::string_view key) const;
    [[nodiscard]] base::Json parameter(std::string_view key, std::string_view layer) const;
    bool operator==(const Step&) const = default;
};

struct Recipe {
    std::string modelSha256; ///< "" when it is not bound to a model
    std::string name;
    std::vector<Step> steps;
    bool operator==(const Recipe&) const = default;
};

/// Reads and validates: unknown keys and operators (with the nearest known name), wrong types, values out of range. Errors are Rejected, one sentence,
/// with the place: `step 2 (prune.structured): "ratio" must be between 0 and 0.99, not 1.5`.
[[nodiscard]] base::Result<Recipe> parse(std::string_view json);
[[nodiscard]] base::Result<Recipe> load(const std::string& path);
/// Pretty-printed, stable key order, default values left out; parse(write(r)) == r.
[[nodiscard]] std::string write(const Recipe& recipe);

/// Do all layer patterns of the recipe name at least one of these layers? Rejected with the nearest name.
[[nodiscard]] base::Result<> checkLayers(const Recipe& recipe, const std::vector<std::string>& layerNames);

/// Short, untranslated form for tables and run names: "fuse → prune L1 50 % → ft 10 → static int8".
[[nodiscard]] std::string summary(const Recipe& recipe);

} // namespace lathe::recipe
