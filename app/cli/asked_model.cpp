#include <app/cli/asked_model.h>

#include <app/cli/output.h>
#include <core/engine/open_model.h>

namespace lathe::cli {

base::Result<AskedModel> openAsked(const std::string& model, const std::string& weights, const std::string& recipe, const std::string& data,
                                   const base::Job& job) {
    AskedModel asked;
    if (!recipe.empty()) {
        auto loaded = recipe::load(recipe);
        if (!loaded) return forward(loaded);
        asked.recipe = std::move(*loaded);
    }
    auto read = engine::openModel({.file = model, .weights = weights, .data = data, .preprocessing = asked.recipe.preprocessing}, job);
    if (!read) return forward(read);
    if (const auto fit = formats::requireFit(read->weightDifferences); !fit) return forward(fit);
    printNotes(read->weightNotes);
    asked.read = std::move(*read);
    return asked;
}

} // namespace lathe::cli
