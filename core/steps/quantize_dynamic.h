#pragma once

#include <core/steps/step_definition.h>

namespace lathe::steps {

/// Linear layers compute in integers: weights are quantized now, inputs at run time over the range that each call has (affine, uint8).
/// Needs no data. Convolutions stay float, as in PyTorch: finding the range of every feature map costs more than integers save.
/// The tables of embeddings become integers too.
/// "activations.granularity": one range for a whole input, or one for each row along its last dimension ("token"), always of 8 bits.
/// "activations.range" chooses 0..255 or 0..127; "auto" is 0..127 on a CPU without VNNI.
[[nodiscard]] StepDefinition quantizeDynamic();

} // namespace lathe::steps
