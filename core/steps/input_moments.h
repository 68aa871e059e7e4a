#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include <core/steps/step_context.h>
#include <core/transform/sparsify/input_moment.h>

namespace lathe::steps {

/// How a convolution or linear layer with this weight reads its input; nothing where its stride, padding, dilation or groups are computed
/// in the model, or are words ("same").
[[nodiscard]] std::optional<transform::LayerInput> layerInput(const graph::Graph& graph, const graph::Node& node, graph::ValueId weight);

/// A weight, and what the layers that have it read.
struct WeightReaders {
    graph::ValueId weight = -1;
    transform::LayerInput input{}; ///< the same for all of them
    std::vector<graph::ValueId> values{};
};
/// By weight. Weights that read the same share the moment; those whose values did not occur have one without columns.
using InputMoments = std::map<graph::ValueId, std::shared_ptr<transform::InputMoment>>;

/// The second moments of what layers read, over that many samples. Moments of more than mostMomentBytes have only their squares. Rejected
/// when a value was NaN or infinite.
[[nodiscard]] base::Result<InputMoments> observeInputs(const graph::Graph& graph, const std::vector<WeightReaders>& weights,
                                                       std::int64_t samples, StepContext& context);

/// What the moments of one layer may take, and those of layers that are observed together.
inline constexpr std::int64_t mostMomentBytes = std::int64_t{8192} * 8192 * 8;

} // namespace lathe::steps
