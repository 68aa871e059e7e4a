#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <core/graph/graph.h>
#include <core/graph/layer_weight.h>

namespace lathe::quantization {

/// The unit that integer kernels add each number of a layer's bias in: scale(input) · scale(weight of the channel). Nothing where the
/// input or the weight is not on a static grid. Source: Jacob et al., Quantization and training of neural networks for efficient
/// integer-arithmetic-only inference, arXiv:1712.05877, section 2.4.
[[nodiscard]] std::optional<std::vector<float>> biasUnits(const graph::Graph& graph, const graph::UseIndex& uses, const graph::Node& layer,
                                                          const graph::WeightInfo& weight, std::int64_t count);

/// Each number of a bias in its unit, rounded half to even. Nothing when one of them does not fit into 32 bits.
[[nodiscard]] std::optional<std::vector<std::int32_t>> inUnits(std::span<const float> bias, std::span<const float> units);

} // namespace lathe::quantization
