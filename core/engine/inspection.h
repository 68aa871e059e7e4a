#pragma once

#include <string>
#include <vector>

#include <core/client/protocol.h>
#include <core/engine/recipe_runner.h>
#include <core/formats/model_file.h>

namespace lathe::engine {

/// The import report "lathe.inspect/1" of a model.
[[nodiscard]] client::InspectReport inspectReport(const formats::OpenedModel& model);

/// The layers of the original model, without figures of any recipe and without groups. A part of them when the job is cancelled.
[[nodiscard]] std::vector<client::LayerInfo> layerInfos(const graph::Graph& graph, const base::Job& job = {});

/// Tells each layer which of the returned groups it shrinks with when channels of `graph` are pruned. Linear in the size of the graph.
/// Of a cancelled job: a part of it.
[[nodiscard]] std::vector<client::LayerGroup> groupLayers(std::vector<client::LayerInfo>& layers, const graph::Graph& graph,
                                                          const base::Job& job = {});

/// What the window shows while a recipe is edited: sizes, losses and layers after its steps, without running data. A part of it when the
/// job is cancelled.
[[nodiscard]] client::PreviewReply preview(const graph::Graph& original, const recipe::Recipe& recipe, const base::Job& job = {},
                                           const KnownStages& known = {});

/// The graph after the first `steps` steps of the recipe (without data); -1 or 0: the original. Errors: the step that cannot be applied.
[[nodiscard]] base::Result<graph::Graph> graphAfter(const graph::Graph& original, const recipe::Recipe& recipe, int steps,
                                                    const base::Job& job = {}, const KnownStages& known = {});

/// Distribution of one layer's weights in the original model, and what the recipe's quantization makes of them. Errors: NotFound.
[[nodiscard]] base::Result<client::WeightsReply> weights(const graph::Graph& original, const recipe::Recipe& recipe,
                                                         const std::string& layer, int bins, const base::Job& job = {},
                                                         const KnownStages& known = {});

/// Bytes that all weights of the graph take, shared storage counted once.
[[nodiscard]] std::int64_t weightBytes(const graph::Graph& graph);

} // namespace lathe::engine
