#pragma once

#include <core/steps/step_definition.h>

namespace lathe::steps {

/// Stores the weights of all convolution and linear layers as integers; they are dequantized when they are used, arithmetic stays float.
[[nodiscard]] StepDefinition quantizeWeightOnly();

} // namespace lathe::steps
