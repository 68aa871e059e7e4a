#pragma once

#include <filesystem>

namespace lathe::data {

/// The folder with what Lathe ships (samples/, help/, icons/, …). The first of: the environment variable LATHE_RESOURCES; `../share/lathe`
/// beside the folder of the running program (installed or in a bundle); the source tree that the program was built from.
[[nodiscard]] std::filesystem::path resourceFolder();

} // namespace lathe::data
