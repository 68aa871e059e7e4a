#pragma once

#include <chrono>
#include <cstdint>

#include <core/measure/result.h>

namespace lathe::measure {

/// What this machine is and how it is set: cpu, cpu_flags, cores, memory_bytes, kernel, governor, frequency_mhz, virtualized, os, lathe
/// version. Values that cannot be read are "not available".
[[nodiscard]] Environment machineEnvironment();

/// Watches disturbance between two readings of /proc: steal, other processes' CPU time, involuntary context switches, load. All threads of
/// this process count as its own, also those that only spin.
class NoiseWatch {
public:
    NoiseWatch();
    struct Reading {
        double stealShare = 0;                ///< of all CPU time since the last reading
        double othersShare = 0;               ///< CPU time that was neither ours, stolen nor idle, in cores
        std::int64_t involuntarySwitches = 0; ///< of this process
        double load1 = 0;
        bool throttled = false; ///< because of heat
    };
    /// CPU times are counted in ticks of 10 ms: readings closer than 100 ms are mostly rounding. Takes about 0.1 ms.
    [[nodiscard]] Reading read();
    static constexpr double highStealShare = 0.02, highOthersShare = 0.15;
    /// "low", "medium" or "high": high when steal > 2 % or others > 15 % of a core, medium when a fifth of that.
    /// A throttled core is high.
    [[nodiscard]] static const char* level(const Reading& reading);

private:
    unsigned m_cores = 1; ///< that the kernel counts for: all of the machine, whatever this process may use
    std::chrono::steady_clock::time_point m_at;
    std::uint64_t m_idle = 0, m_steal = 0; ///< ticks
    double m_own = 0;                      ///< seconds
    std::int64_t m_switches = 0, m_throttles = 0;
};

/// Resets the process's peak resident set (/proc/self/clear_refs) and reads it (VmHWM), in bytes. Resetting gives freed memory back to the
/// system first: what an earlier model used is no part of the next one's peak.
void resetPeakMemory();
[[nodiscard]] std::int64_t peakMemoryBytes();

} // namespace lathe::measure
