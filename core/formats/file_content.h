#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lathe::formats {

/// What a format is told by: the first bytes of a file, or, of a zip, the names of its entries. Names begin with a folder of any name,
/// which these functions leave out ("model/code/a.py" is in folder "code/").
struct FileContent {
    std::string_view bytes;           ///< at least the first 16, or the whole file where it is shorter
    std::vector<std::string> entries; ///< of an archive whose directory was read

    /// "<top>/name"
    [[nodiscard]] bool hasEntry(std::string_view name) const;
    /// "<top>/folder…"; `folder` ends with a slash.
    [[nodiscard]] bool hasFolder(std::string_view folder) const;
    /// "<top>/folder…ending"
    [[nodiscard]] bool hasEntryIn(std::string_view folder, std::string_view ending) const;
    /// Of the whole name.
    [[nodiscard]] bool hasEnding(std::string_view ending) const;
};

} // namespace lathe::formats
