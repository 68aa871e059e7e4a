#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <core/graph/graph.h>
#include <core/steps/step_definition.h>

namespace lathe::steps {

/// Replaces linear layers and convolutions by two or three smaller ones of low rank (transform/factorize). Linear layers, 1x1 convolutions
/// and method "channel" take the error of the outputs on samples where there is data (criterion "activations"), else that of the weights.
/// The rank keeps a share of the layer's parameters or MACs, a share of the energy, or is told. A layer that would not get smaller stays as
/// it is. Per layer: loss, sqnr_db, rank, parameters_before, parameters_after, and where samples counted output_error, the share of the
/// outputs' variance that is lost. Rejected for NaN weights.
[[nodiscard]] StepDefinition factorize();

/// What a layer would be at a rank.
struct RankPoint {
    std::int64_t rank = 0;
    double energy = 0; ///< share that stays
    std::int64_t parameters = 0;
    std::optional<std::int64_t> macs{}; ///< of a batch as in the shapes; nothing when these are not known
};
/// The spectrum of a layer, by its weights.
struct LayerSpectrum {
    std::vector<RankPoint> points; ///< by rising rank, at most 128; the largest rank and the chosen one among them
    std::int64_t rank = 0;         ///< that the step chooses; of each group where there are several
    RankPoint before;              ///< the layer as it is
};
/// What the step's choice of a rank is a choice of, for a layer of this graph. Nothing when the step leaves the layer out or cannot take it
/// apart.
[[nodiscard]] std::optional<LayerSpectrum> layerSpectrum(const graph::Graph& graph, const Step& step, const std::string& layer);

} // namespace lathe::steps
