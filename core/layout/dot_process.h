#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include <core/base/result.h>

namespace lathe::layout {

/// Runs `dot -Tplain` on a graph in the DOT language and returns what it writes. The process is killed on `stop` and after `limitSeconds`.
/// Blocks; safe on several threads at once. Errors: NotFound (dot is not installed), Cancelled, Failed (time limit, dot's own message).
[[nodiscard]] base::Result<std::string> runDot(std::string_view graph, std::stop_token stop, double limitSeconds);

} // namespace lathe::layout
