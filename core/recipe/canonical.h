#pragma once

#include <core/recipe/step_schema.h>

namespace lathe::recipe {

enum class Defaults { Keep, Drop };

/// "weights.bits" in {"weights": {"bits": 4}}; nullptr when it is not set.
[[nodiscard]] const base::Json* findNested(const base::Json& object, std::string_view key);

/// The known parameters in the order of the table, whatever the order in which they were set: equal settings become equal JSON.
[[nodiscard]] base::Json canonical(const StepSpec& spec, const base::Json& parameters, Defaults defaults);

} // namespace lathe::recipe
