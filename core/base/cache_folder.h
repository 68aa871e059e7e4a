#pragma once

#include <filesystem>
#include <string_view>

namespace lathe::base {

/// $XDG_CACHE_HOME/lathe/<what>, or ~/.cache/lathe/<what>: a folder of this user whose files may go at any time. Not created. Empty where
/// there is no home.
[[nodiscard]] std::filesystem::path cacheFolder(std::string_view what);

} // namespace lathe::base
