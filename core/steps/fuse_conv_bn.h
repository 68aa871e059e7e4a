#pragma once

#include <core/steps/step_definition.h>

namespace lathe::steps {

/// Puts each batch normalization into the weights of the convolution or linear layer before it.
[[nodiscard]] StepDefinition fuseConvBn();

} // namespace lathe::steps
