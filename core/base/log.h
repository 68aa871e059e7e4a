#pragma once

#include <string_view>

namespace lathe::base {

enum class LogLevel { Debug, Info, Warning, Error };

/// One line to standard error ("lathe: warning: …"); the window shows the engine's lines in its log panel. Thread-safe. LATHE_LOG=debug
/// shows all.
void log(LogLevel level, std::string_view message);

} // namespace lathe::base
