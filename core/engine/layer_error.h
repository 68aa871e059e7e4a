#pragma once

#include <optional>
#include <span>
#include <string>

#include <core/engine/recipe_runner.h>
#include <core/measure/result.h>

namespace lathe::engine {

/// How far the weights of a layer are from those of the original: ½‖θ−θ̂‖² in its parts, whatever the steps and their order were.
struct LayerError {
    measure::LossParts parts;
    double signal = 0; ///< ½‖θ‖² of the layer before the first step that pruned or quantized it

    /// The sum of the parts; nothing where no step touched the weights.
    [[nodiscard]] std::optional<double> loss() const;
    /// 10·log₁₀(‖θ‖² / ‖θ−θ̂‖²); nothing where no step touched the weights or nothing of them was lost.
    [[nodiscard]] std::optional<double> sqnrDb() const;
};

/// Of a layer after these stages. The steps work on different weights of a layer (what is pruned is not rounded), so their parts add up.
/// Folding a batch norm scales the weights of a layer; what was lost before is scaled with them, so that the share that was lost stays.
/// After fine-tuning, rounding counts from the trained weights and pruning from those that were pruned: training itself is no error.
/// `original`: the graph that the first stage was made of.
[[nodiscard]] LayerError layerError(const graph::Graph& original, std::span<const Stage> stages, const std::string& layer);

/// The sum over all layers, in parts.
[[nodiscard]] measure::LossParts totalLoss(const graph::Graph& original, std::span<const Stage> stages);
[[nodiscard]] std::optional<double> sum(const measure::LossParts& parts);

} // namespace lathe::engine
