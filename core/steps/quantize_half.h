#pragma once

#include <core/steps/step_definition.h>

namespace lathe::steps {

/// Layers and products of matrices compute in half precision (bfloat16 or float16): their weights are stored in it and what they read is
/// rounded to it; they sum in float32, and everything between them stays float32, as in mixed-precision training (P. Micikevicius et al.,
/// arXiv:1710.03740). Tables of embeddings and matrices of recurrent layers are stored in it. Needs no data. Layers that are quantized
/// already stay as they are, so that behind quantize.static it reaches the products that attention computes.
[[nodiscard]] StepDefinition quantizeHalf();

} // namespace lathe::steps
