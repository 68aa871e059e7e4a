#include <core/base/cache_folder.h>

#include <cstdlib>

namespace lathe::base {

namespace fs = std::filesystem;

fs::path cacheFolder(std::string_view what) {
    // The XDG specification: relative values are to be ignored.
    if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && fs::path(cache).is_absolute())
        return fs::path(cache) / "lathe" / what;
    const char* home = std::getenv("HOME");
    return home != nullptr ? fs::path(home) / ".cache" / "lathe" / what : fs::path();
}

} // namespace lathe::base
