#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <core/base/job.h>
#include <core/graph/graph.h>
#include <core/recipe/recipe.h>

namespace lathe::transform {

/// What quantization knows of one activation value: filled by running float samples through the graph (engine does that with runtime's
/// observer). A histogram over a range that grows by doubling, so one pass over the data is enough; min and max are exact.
class ActivationStatistics; // quantize/activation_statistics.h

/// What steps need from later folders, handed in by the engine so that the data keeps its one direction.
struct StepServices {
    /// Computes one node whose operands are all weights or literals (constant folding).
    std::function<base::Result<std::vector<tensor::Tensor>>(const graph::Graph&, const graph::Node&)> evaluate;
    /// Runs calibration samples through the float graph and feeds every tensor value to `statistics[value]`, for the values that are asked
    /// for.
    std::function<base::Result<>(const graph::Graph&, std::map<graph::ValueId, ActivationStatistics>& statistics, std::int64_t samples,
                                 const base::Job&)>
        collectActivations;
    bool cpuHasVnni = true; ///< resolves "activations.range": "auto"
};

/// A step's effect, for the table of steps and the window.
struct StepOutcome {
    graph::Graph graph;
    std::map<std::string, double>
        figures; ///< "changed_nodes" (none: only a run tells), "loss_total", "parameters_before", "parameters_after", …
    /// Per layer: "loss" (½‖θ−θ̂‖², what this step did to the weights that it found), "signal" (½‖θ‖² of those), "bits", "sparsity",
    /// "channels_before", "channels_after".
    std::map<std::string, std::map<std::string, double>> layers;
    std::vector<std::string> notes; ///< facts for a person ("fc3 is kept in float")
    /// What was asked for and did not happen: the step changed nothing, or a layer's own setting had no effect.
    std::vector<std::string> warnings{};
    /// By layer: why the step left it as it was, or did less (or more) than it asks for. Each sentence stands in `notes` too.
    std::map<std::string, std::vector<std::string>> layerNotes{};

    /// Adds a sentence about a layer to `notes` and `layerNotes`.
    void note(const std::string& layer, const std::string& sentence);
    /// Adds to `layerNotes` that the step's rule leaves the layer out; `notes` has one sentence for all of them.
    void noteLeftOut(const std::string& layer);
};

/// Applies one enabled step that only rewrites the graph: everything but "finetune". The input graph is left as it is; the result passes
/// verify(). Errors name the step and the layer. Per-layer parameters come from step.parameter(key, layer).
[[nodiscard]] base::Result<StepOutcome> applyStep(const graph::Graph& graph, const recipe::Step& step, const StepServices& services,
                                                  const base::Job& job);

/// The same without data: what the window shows while the recipe is edited. quantize.static uses no activation ranges: only weights are
/// quantized, so figures and layers hold the weights' loss, bits and sizes.
[[nodiscard]] base::Result<StepOutcome> previewStep(const graph::Graph& graph, const recipe::Step& step, const base::Job& job = {});

/// Layers that must shrink together with `layer` when its output channels are pruned (its dependency group), by name, `layer` excluded:
/// what the window outlines. Errors: NotFound; Unsupported with the reason when the channels cannot be removed (for example: it feeds a
/// model output).
[[nodiscard]] base::Result<std::vector<std::string>> coupledLayers(const graph::Graph& graph, const std::string& layer);

} // namespace lathe::transform
