#pragma once

#include <core/steps/step_definition.h>

namespace lathe::steps {

/// Computes a convolution and the ReLU behind it as one operator.
[[nodiscard]] StepDefinition fuseConvRelu();

} // namespace lathe::steps
