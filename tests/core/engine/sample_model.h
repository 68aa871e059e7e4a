#pragma once

#include <filesystem>

#include <core/data/resource_folder.h>
#include <core/formats/model_file.h>
#include <core/recipe/recipe.h>

namespace lathe::support {

inline std::filesystem::path sampleFile() { return data::resourceFolder() / "samples" / "lenet5" / "lenet5.pt"; }
inline constexpr const char* smallData = "fashion-mnist-small";

inline formats::OpenedModel sampleModel() { return formats::openModel(sampleFile()).value(); }

inline recipe::Recipe recipeOf(const std::string& json) { return recipe::parse(json).value(); }

/// Fuse, prune 50 %, one epoch of fine-tuning, static int8.
inline recipe::Recipe shortRecipe() {
    return recipeOf(
        R"({"lathe": 1, "steps": [{"op": "fuse.conv_relu"}, {"op": "fuse.linear_relu"}, {"op": "prune.structured", "ratio": 0.5},
                        {"op": "finetune", "epochs": 1}, {"op": "quantize.static"}]})");
}

} // namespace lathe::support
