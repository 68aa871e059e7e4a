#pragma once

#include <cstdint>
#include <string>

namespace lathe::history {

/// Names one process for good: the number of a process is used again after it ended, and its start time is counted from the boot of its
/// machine.
struct ProcessIdentity {
    std::string host;
    std::string bootId;
    std::int64_t process = 0;
    std::int64_t startTicks = 0; ///< since boot; 0 when /proc cannot be read

    bool operator==(const ProcessIdentity&) const = default;
};

[[nodiscard]] ProcessIdentity thisProcess();

/// Has that process certainly ended? False for processes of another machine, of which nothing is known here. A zombie has ended.
[[nodiscard]] bool hasEnded(const ProcessIdentity& identity);

} // namespace lathe::history
