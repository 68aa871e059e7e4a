#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <core/base/result.h>
#include <core/data/dataset.h>

namespace lathe::data {

/// One file of a folder that is sorted into classes.
struct ClassFile {
    std::filesystem::path path;
    Split split = Split::Test;
    std::int32_t label = -1; ///< index in ClassFolder::classes; -1: the files lie in no class folder
};

struct ClassFolder {
    std::vector<std::string> classes; ///< sorted by name, as torchvision.datasets.ImageFolder does; empty: no labels
    std::vector<ClassFile> files;     ///< sorted by path
};

/// Lists files with one of `endings` (".png", lower case; compared without case):
/// - folder/train/CLASS/… and folder/test/CLASS/… (also "val", "valid", "validation" for the second);
/// - folder/CLASS/…: every fifth file of a class is for the test, the others for training;
/// - files in the folder itself: all for the test, without labels.
/// Hidden files are left out, deeper folders belong to the class above them. Errors: NotFound when there is no such file.
[[nodiscard]] base::Result<ClassFolder> listClassFolder(const std::filesystem::path& folder, const std::vector<std::string>& endings);

} // namespace lathe::data
