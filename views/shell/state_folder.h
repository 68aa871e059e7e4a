#pragma once

#include <filesystem>

namespace lathe::views {

/// $XDG_STATE_HOME/lathe (recent files, autosaved recipes), made when it is missing. In the test mode of QStandardPaths a folder of the
/// tests.
[[nodiscard]] std::filesystem::path stateFolder();

} // namespace lathe::views
