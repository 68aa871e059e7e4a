#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <core/base/json.h>

namespace lathe::steps {

/// What a parameter may be. The description of all steps drives validation, the inspector's controls and the help; as plain values it also
/// goes from the engine to the window.
enum class ParameterKind { Boolean, Integer, Number, Choice, Text };

struct ParameterSpec {
    std::string key; ///< "ratio"; nested ones with a dot: "weights.bits"
    ParameterKind kind = ParameterKind::Number;
    base::Json defaultValue;
    double minimum = 0, maximum = 0; ///< Integer and Number; inclusive
    std::vector<base::Json> choices; ///< Choice; for example ["symmetric", "affine"] or [8]
    bool perLayer = false;           ///< may stand in "layers": {"conv2": {…}}
    bool operator==(const ParameterSpec&) const = default;
};

struct StepSpec {
    std::string op; ///< "prune.structured"
    std::vector<ParameterSpec> parameters;
    bool operator==(const StepSpec&) const = default;
};

/// nullptr when the step has no such parameter.
[[nodiscard]] const ParameterSpec* findParameter(const StepSpec& step, std::string_view key);
/// Can the step leave layers out, so that "where" has a meaning for it? Those that prune or quantize can.
[[nodiscard]] bool takesWhere(const StepSpec& step);

} // namespace lathe::steps
