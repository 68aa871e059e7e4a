#pragma once

#include <core/steps/step_definition.h>

namespace lathe::steps {

/// Removes operators whose results nobody uses.
[[nodiscard]] StepDefinition cleanDeadCode();

} // namespace lathe::steps
