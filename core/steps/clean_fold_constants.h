#pragma once

#include <core/steps/step_definition.h>

namespace lathe::steps {

/// Computes once what does not depend on the input. Nothing is known of it before it runs.
[[nodiscard]] StepDefinition cleanFoldConstants();

} // namespace lathe::steps
