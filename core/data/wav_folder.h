#pragma once

#include <filesystem>

#include <core/data/dataset.h>
#include <core/recipe/preprocessing.h>

namespace lathe::data {

/// Opens a folder of WAV or FLAC files, sorted into class folders (see class_folder.h), as float32 [1, samples] from -1 to 1: channels are
/// averaged, `preprocessing.length` cuts or fills with silence, mean and deviation standardize. Errors: NotFound (no sound files); Rejected
/// with the file (damaged), with both rates when sampling rates differ, with both lengths when lengths differ and no length is set.
[[nodiscard]] base::Result<std::shared_ptr<const Dataset>> openWavFolder(const std::filesystem::path& folder, const std::string& name,
                                                                         const recipe::Preprocessing& preprocessing);

/// Does the folder hold sound files where openWavFolder looks for them?
[[nodiscard]] bool isWavFolder(const std::filesystem::path& folder);

} // namespace lathe::data
