#pragma once

#include <stop_token>

namespace lathe::cli {

/// From now on the first SIGINT or SIGTERM asks the returned token to stop, and a second one ends the program at once with code 130. Call
/// once, before any other thread begins: they inherit the signal mask.
[[nodiscard]] std::stop_token stopOnInterrupt();

} // namespace lathe::cli
