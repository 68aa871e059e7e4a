#pragma once

#include <core/steps/step_definition.h>

namespace lathe::steps {

/// Computes a linear layer and the ReLU behind it as one operator.
[[nodiscard]] StepDefinition fuseLinearRelu();

} // namespace lathe::steps
