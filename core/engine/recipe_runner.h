#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <core/base/job.h>
#include <core/engine/run_settings.h>
#include <core/engine/stage_cache.h>
#include <core/graph/graph.h>
#include <core/measure/result.h>
#include <core/recipe/recipe.h>

namespace lathe::engine {

/// Is the recipe for this model? Errors: Rejected when it is bound to another one (its "model" entry) or names layers that are not there.
[[nodiscard]] base::Result<> checkRecipe(const recipe::Recipe& recipe, const graph::Graph& model, const std::string& modelSha256);

/// Applies all enabled steps one after the other; slow steps that were done before are taken from the stage folder, with a note. Errors
/// name the step: "step 2 (prune.structured)". Each step is one phase of the job's progress, called by its operator.
[[nodiscard]] base::Result<std::vector<Stage>> runRecipe(const graph::Graph& original, const recipe::Recipe& recipe,
                                                         const RunSettings& settings, const base::Job& job);

/// Applies the steps without data: weights only, fine-tuning left out. What the window previews; takes milliseconds for small models. On an
/// error (Cancelled is one) the stages before the failing step are returned with the error.
struct Preview {
    SharedStages stages;
    std::optional<base::Error> error;
};
/// Steps that were previewed before, behind the same steps of this model, are taken from `known`; the others are kept there.
[[nodiscard]] Preview previewRecipe(const graph::Graph& original, const recipe::Recipe& recipe, const base::Job& job = {},
                                    const KnownStages& known = {});

/// Enabled steps of a recipe.
[[nodiscard]] int enabledSteps(const recipe::Recipe& recipe);

} // namespace lathe::engine
