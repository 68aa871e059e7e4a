#pragma once

#include <filesystem>

#include <core/data/dataset.h>

namespace lathe::data {

/// Opens an .npz file as the test split: the array `x`, or the only array that is not `y`, whatever the model calls its input, holds the
/// samples [N, …]; the optional `y` the labels [N], integers. Optional `x_train` and `y_train` are the training split, for fine-tuning and
/// calibration. Values reach the model as they are, not scaled; float64, float16 and integers narrower than 32 bits become float32, int32,
/// int64 and bool stay. Errors: as readNpz and InMemoryDataset::create; Rejected when there is no array of samples; Unsupported when there
/// are several.
[[nodiscard]] base::Result<std::shared_ptr<const Dataset>> openNpzDataset(const std::filesystem::path& file);

} // namespace lathe::data
