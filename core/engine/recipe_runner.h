#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <core/base/job.h>
#include <core/engine/run_settings.h>
#include <core/graph/graph.h>
#include <core/measure/result.h>
#include <core/recipe/recipe.h>

namespace lathe::engine {

/// Figures by layer name and key ("loss", "sqnr_db", "bits", "sparsity", …), as transform gives them.
using LayerFigures = std::map<std::string, std::map<std::string, double>>;

/// The model after one enabled step.
struct Stage {
    int step = 0; ///< index into the recipe's steps
    graph::Graph graph;
    measure::StepResult result;
    LayerFigures layers;
    std::map<std::string, std::vector<std::string>> layerNotes{}; ///< why the step left a layer as it was; also in result.notes
};

/// Is the recipe for this model? Errors: Rejected when it is bound to another one (its "model" entry) or names layers that are not there.
[[nodiscard]] base::Result<> checkRecipe(const recipe::Recipe& recipe, const graph::Graph& model, const std::string& modelSha256);

/// Applies all enabled steps one after the other; slow steps that were done before are taken from the stage folder, with a note. Errors
/// name the step: "step 2 (prune.structured)". Each step is one phase of the job's progress, called by its operator.
[[nodiscard]] base::Result<std::vector<Stage>> runRecipe(const graph::Graph& original, const recipe::Recipe& recipe,
                                                         const RunSettings& settings, const base::Job& job);

/// Applies the steps without data: weights only, fine-tuning left out. What the window previews; takes milliseconds for small models. On an
/// error (Cancelled is one) the stages before the failing step are returned with the error.
struct Preview {
    std::vector<Stage> stages;
    std::optional<base::Error> error;
};
[[nodiscard]] Preview previewRecipe(const graph::Graph& original, const recipe::Recipe& recipe, const base::Job& job = {});

/// Enabled steps of a recipe.
[[nodiscard]] int enabledSteps(const recipe::Recipe& recipe);

} // namespace lathe::engine
