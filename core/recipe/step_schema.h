#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <core/base/json.h>

namespace lathe::recipe {

/// What a parameter may be. The table of all steps drives validation, the inspector's controls and the help.
enum class ParameterKind { Boolean, Integer, Number, Choice, Text };

struct ParameterSpec {
    std::string key; ///< "ratio"; nested ones with a dot: "weights.bits"
    ParameterKind kind = ParameterKind::Number;
    base::Json defaultValue;
    double minimum = 0, maximum = 0; ///< Integer and Number; inclusive
    std::vector<base::Json> choices; ///< Choice; for example ["symmetric", "affine"] or [8]
    bool perLayer = false;           ///< may stand in "layers": {"conv2": {…}}
};

struct StepSpec {
    std::string op; ///< "prune.structured"
    std::vector<ParameterSpec> parameters;
};

/// Every step that a recipe may hold, in the order in which the window offers them:
/// fuse.conv_bn, fuse.conv_relu, fuse.linear_relu, clean.fold_constants, clean.dead_code, prune.unstructured, prune.structured, finetune,
/// quantize.static, quantize.dynamic, quantize.weight_only.
[[nodiscard]] const std::vector<StepSpec>& stepSpecs();
/// nullptr when there is no such step.
[[nodiscard]] const StepSpec* findStepSpec(std::string_view op);
/// Can the step leave layers out, so that "where" has a meaning for it? Those that prune or quantize can.
[[nodiscard]] bool takesWhere(const StepSpec& step);
/// nullptr when the step has no such parameter.
[[nodiscard]] const ParameterSpec* findParameter(const StepSpec& step, std::string_view key);

} // namespace lathe::recipe
