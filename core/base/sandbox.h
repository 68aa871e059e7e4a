#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include <core/base/result.h>

namespace lathe::base {

/// Full: nothing outside of the rules can be read or written. Reduced: the kernel has no Landlock (or no seccomp), so one of the two layers
/// is missing.
enum class Isolation { Full, Reduced };

/// "full", "reduced": as it is told to people and programs.
[[nodiscard]] const char* name(Isolation isolation);

/// What a process may still do once it is inside. Libraries, the kernel's description of the machine (/proc/self, /sys) and open
/// descriptors can always be used.
struct SandboxRules {
    std::vector<std::filesystem::path> readable; ///< files, and folders with everything in them; what does not exist is left out
    std::vector<std::filesystem::path> writable; ///< folders: everything in them can also be made, changed and removed
    std::uintmax_t memoryBytes = 0;              ///< of address space (so not for CUDA), and of any file it writes; 0: no limit
    unsigned cpuSeconds = 0;                     ///< after which the kernel ends it; 0: no limit
};

/// Takes away, for the rest of the process's life and for whatever it starts: reading and writing files outside of the rules (Landlock),
/// sockets of any kind, starting programs and processes, ptrace, signals to others, io_uring, keys, mounts (seccomp), new privileges, core
/// dumps, descriptors above 3, and living on after its parent. A process that a stranger's file takes over can then only compute and answer
/// on the descriptors it was given. Must be called while there is one thread. Errors: Failed (several threads, a rule the kernel refuses).
/// Sources: Linux Documentation/userspace-api/landlock.rst and seccomp_filter.rst.
[[nodiscard]] Result<Isolation> enterSandbox(const SandboxRules& rules);

/// Takes internet sockets away from this process and whatever it starts, for a program that needs files and devices but no network. False
/// when the kernel cannot.
bool denyNetwork();

/// What enterSandbox would return on this machine.
[[nodiscard]] Isolation availableIsolation();

} // namespace lathe::base
