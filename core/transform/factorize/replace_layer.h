#pragma once

#include <optional>
#include <vector>

#include <core/graph/editor.h>
#include <core/transform/factorize/factorization.h>

namespace lathe::transform {

/// Puts the factors where a convolution or linear layer of the main block stands. The last one keeps its node: its name, its bias, a ReLU
/// that it was fused with, and the weight's name; those in front of it are called "conv1_in", and "conv1_core" where there are three. The
/// layer's weight must be a Weight value that nobody else reads, the geometry of a convolution constant. `bias`: a new one for the bias
/// that the layer has.
void replaceLayer(graph::Editor& editor, graph::Node& layer, const std::vector<Factor>& factors,
                  const std::optional<std::vector<float>>& bias);

} // namespace lathe::transform
