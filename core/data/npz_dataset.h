#pragma once

#include <filesystem>

#include <core/data/dataset.h>

namespace lathe::data {

/// Opens an .npz file. The array `label`, or where that is empty the first of `y`, `labels`, `label`, `targets` and `target` that there is,
/// holds the labels [N, …] of the test split (see InMemoryDataset::create), unless `modelInputs` has its name; all other arrays [N, …] are
/// the inputs of the model, called as the model calls them; a single one may be called anything, usually `x`. Arrays with `_train` behind
/// these names are the training split, for fine-tuning and calibration. Values reach the model as they are, not scaled; float64, float16
/// and integers narrower than 32 bits become float32, int32, int64 and bool stay; what the model declares is made of them later
/// (arrangedFor). Errors: as readNpz and InMemoryDataset::create; Rejected when there is no array of samples, no array `label`, or an input
/// that only one split has.
[[nodiscard]] base::Result<std::shared_ptr<const Dataset>> openNpzDataset(const std::filesystem::path& file, const std::string& label = {},
                                                                          std::span<const std::string> modelInputs = {});

} // namespace lathe::data
