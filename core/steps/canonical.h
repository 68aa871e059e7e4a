#pragma once

#include <core/steps/step_spec.h>

namespace lathe::steps {

enum class Defaults { Keep, Drop };

/// "weights.bits" in {"weights": {"bits": 4}}; nullptr when it is not set.
[[nodiscard]] const base::Json* findNested(const base::Json& object, std::string_view key);

/// The known parameters in the order of the table, whatever the order in which they were set: equal settings become equal JSON.
[[nodiscard]] base::Json canonical(const StepSpec& spec, const base::Json& parameters, Defaults defaults);

} // namespace lathe::steps
