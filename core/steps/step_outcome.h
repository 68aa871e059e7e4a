#pragma once

#include <map>
#include <string>
#include <vector>

#include <core/base/message.h>
#include <core/graph/graph.h>
#include <core/steps/training_curve.h>

namespace lathe::steps {

/// A step's effect, for the table of steps and the window.
struct StepOutcome {
    graph::Graph graph;
    std::map<std::string, double>
        figures; ///< "changed_nodes" (none: only a run tells), "loss_total", "parameters_before", "parameters_after", …
    /// Per layer: "loss" (½‖θ−θ̂‖², what this step did to the weights that it found), "signal" (½‖θ‖² of those), "bits", "sparsity",
    /// "channels_before", "channels_after".
    std::map<std::string, std::map<std::string, double>> layers;
    std::vector<base::Message> notes; ///< facts for a person ("fc3 is kept in float")
    /// What was asked for and did not happen: the step changed nothing, or a layer's own setting had no effect.
    std::vector<base::Message> warnings{};
    /// By layer: why the step left it as it was, or did less (or more) than it asks for. Each sentence stands in `notes` too.
    std::map<std::string, std::vector<base::Message>> layerNotes{};
    TrainingCurve curve{}; ///< of training

    /// Adds a sentence about a layer to `notes` and `layerNotes`.
    void note(const std::string& layer, const base::Message& message);
    /// Adds to `layerNotes` that the step's rule leaves the layer out; `notes` has one sentence for all of them.
    void noteLeftOut(const std::string& layer);
};

} // namespace lathe::steps
