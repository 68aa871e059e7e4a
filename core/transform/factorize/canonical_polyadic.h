#pragma once

#include <memory>

#include <core/transform/factorize/factorization.h>

namespace lathe::transform {

/// CP: 1x1, the kernel of each channel by itself (a depthwise convolution), 1x1 (V. Lebedev et al., Speeding-up Convolutional Neural
/// Networks Using Fine-tuned CP-Decomposition, ICLR 2015, arXiv:1412.6553, with the kernel's dimensions taken as one). The paper begins
/// anywhere; here the first guess are the singular vectors of the kernel's dimension, and of each part those of outputs and inputs: they
/// are at right angles, so that its energies add up, whatever the rank. Alternating least squares improve on them: what is lost is at most
/// what the energies say. Each group has factors of its own, of the same size.
[[nodiscard]] std::unique_ptr<Factorization> makeCanonicalPolyadic(Filters filters);

} // namespace lathe::transform
