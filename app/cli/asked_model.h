#pragma once

#include <string>

#include <core/base/job.h>
#include <core/base/result.h>
#include <core/engine/model_bytes.h>
#include <core/recipe/recipe.h>

namespace lathe::cli {

/// The recipe and the model that a command line names.
struct AskedModel {
    recipe::Recipe recipe;
    engine::ReadModel read;
};

/// Reads the recipe (none: ""), then the model with its weights file (none: "") and the first samples of the data (none: ""), and prints
/// what there is to say about the weights. Errors: those of recipe::load, engine::openModel and formats::requireFit.
[[nodiscard]] base::Result<AskedModel> openAsked(const std::string& model, const std::string& weights, const std::string& recipe,
                                                 const std::string& data, const base::Job& job);

} // namespace lathe::cli
