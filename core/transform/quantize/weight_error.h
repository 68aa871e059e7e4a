#pragma once

#include <map>
#include <span>
#include <string>

namespace lathe::transform {

/// What a step did to a weight θ, which it replaced by θ̂.
struct WeightError {
    double signal = 0; ///< ‖θ‖²
    double noise = 0;  ///< ‖θ − θ̂‖²

    /// ½‖θ − θ̂‖²
    [[nodiscard]] double loss() const { return noise / 2; }
    /// Signal to quantization noise ratio 10·log₁₀(‖θ‖² / ‖θ − θ̂‖²); infinite when nothing changed.
    [[nodiscard]] double sqnrDb() const;
    /// Sets "loss", "signal" (½‖θ‖²) and "sqnr_db" of a layer.
    void writeTo(std::map<std::string, double>& figures) const;
};

/// Both of the same size.
[[nodiscard]] WeightError weightError(std::span<const float> original, std::span<const float> changed);

} // namespace lathe::transform
