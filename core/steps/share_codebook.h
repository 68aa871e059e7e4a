#pragma once

#include <core/steps/step_definition.h>

namespace lathe::steps {

/// Lets the weights of convolutions, linear layers and embeddings share few numbers: indices of `bits` bits into codebooks found by k-means
/// (S. Han et al., Deep Compression, ICLR 2016, arXiv:1510.00149, §3; transform/share), one codebook for the tensor, for `group_size`
/// output channels or for each. Of transposed convolutions these are input channels. Weights that are zero stay so. Files hold indices and
/// codebooks; they are restored once when a model is loaded, so that only the file gets smaller. Training behind this step changes the
/// numbers of the codebooks: gradients of weights that share one add up. A layer that would not get smaller stays as it is. Per layer:
/// loss, sqnr_db, bits. Rejected for NaN weights.
[[nodiscard]] StepDefinition shareCodebook();

} // namespace lathe::steps
