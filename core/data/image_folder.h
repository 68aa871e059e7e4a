#pragma once

#include <filesystem>

#include <core/data/dataset.h>
#include <core/recipe/preprocessing.h>

namespace lathe::data {

/// Opens a folder of PNG and JPEG images, sorted into class folders (see class_folder.h), as float32 [channels, height, width] from 0 to 1
/// after `preprocessing`: resized, cropped, in its channel order, standardized by its mean and deviation. The images are kept as bytes in
/// memory. Errors: NotFound (no images); Rejected with the file (damaged), or with both sizes when images differ in size and nothing says
/// how to make them alike; NoSpace when they would take more than half of the machine's memory.
[[nodiscard]] base::Result<std::shared_ptr<const Dataset>> openImageFolder(const std::filesystem::path& folder, const std::string& name,
                                                                           const recipe::Preprocessing& preprocessing);

/// Does the folder hold images where openImageFolder looks for them?
[[nodiscard]] bool isImageFolder(const std::filesystem::path& folder);

} // namespace lathe::data
