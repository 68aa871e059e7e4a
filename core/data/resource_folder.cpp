#include <core/data/resource_folder.h>

#include <cstdlib>

namespace lathe::data {

std::filesystem::path resourceFolder() {
    if (const char* folder = std::getenv("LATHE_RESOURCES"); folder && *folder) return folder;

    std::error_code error;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
    std::filesystem::path installed = program.parent_path().parent_path() / "share" / "lathe";
    if (!error && std::filesystem::is_directory(installed, error)) return installed;
    return LATHE_SOURCE_RESOURCES;
}

} // namespace lathe::data
