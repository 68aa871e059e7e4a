#pragma once

#include <filesystem>

#include <core/data/dataset.h>

namespace lathe::data {

/// Opens an .npz file: the optional `y` holds the labels [N] of the test split, integers, all other arrays [N, …] are the inputs of the
/// model, called as the model calls them; a single one may be called anything, usually `x`. Optional `y_train`, and `NAME_train` for each
/// input, are the training split, for fine-tuning and calibration. Values reach the model as they are, not scaled; float64, float16 and
/// integers narrower than 32 bits become float32, int32, int64 and bool stay. Errors: as readNpz and InMemoryDataset::create; Rejected when
/// there is no array of samples, or an input that only one split has.
[[nodiscard]] base::Result<std::shared_ptr<const Dataset>> openNpzDataset(const std::filesystem::path& file);

} // namespace lathe::data
