#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include <core/transform/factorize/factorization.h>

namespace lathe::transform {

/// What the layers of a factorization cost: parameters, or multiply-accumulates.
using FactorCost = std::function<std::int64_t(const std::vector<Factor>&)>;

/// Weights of all layers.
[[nodiscard]] std::int64_t parameters(const std::vector<Factor>& factors);
/// Multiply-accumulates where the layer reads `inputs` places and writes `outputs`; both by dimension, as many as the kernel has.
[[nodiscard]] std::int64_t macs(const std::vector<Factor>& factors, const std::vector<std::int64_t>& inputs,
                                const std::vector<std::int64_t>& outputs, bool isTransposed);

/// The largest rank that costs at most `most`; 1 when none does.
[[nodiscard]] std::int64_t rankForCost(const Factorization& factorization, const FactorCost& cost, double most);
/// The smallest rank that keeps this share (0 to 1) of the energy.
[[nodiscard]] std::int64_t rankForEnergy(const Factorization& factorization, double share);
/// The share of the energy that goes with all above this rank.
[[nodiscard]] double lostEnergy(const Factorization& factorization, std::int64_t rank);

} // namespace lathe::transform
