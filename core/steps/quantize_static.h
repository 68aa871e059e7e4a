#pragma once

#include <core/steps/step_definition.h>

namespace lathe::steps {

/// Integers for weights and activations, with ranges from calibration samples (B. Jacob et al., Quantization and Training of Neural
/// Networks for Efficient Integer-Arithmetic-Only Inference, CVPR 2018). Weights become int8 with a dequantize node; activations get
/// quantize → dequantize (uint8) as activation_plan.h says; biases stay float, the runtime puts them into the accumulator. Values that
/// several layers read are quantized once, as the first of these layers says. "targets": "weights" or "activations" does only one of both.
/// Per layer: loss, sqnr_db, bits; of its input: input_low, input_high. Figures: activation_levels (256 or 128).
/// In a preview only weights are quantized. Rejected: NaN weights, NaN or infinite activations, a value
/// that calibration never reaches.
[[nodiscard]] StepDefinition quantizeStatic();

} // namespace lathe::steps
