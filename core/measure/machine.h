#pragma once

#include <cstdint>

#include <core/measure/result.h>

namespace lathe::measure {

/// What this machine is and how it is set: cpu, cpu_flags, cores, memory_bytes, kernel, governor, frequency_mhz, virtualized, os, lathe
/// version. Values that cannot be read are "not available".
[[nodiscard]] Environment machineEnvironment();

/// Watches disturbance between two readings of /proc: steal, other processes' CPU time, involuntary context switches, load.
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
    /// "low", "medium" or "high": high when steal > 2 % or others > 15 % of a core, medium when a fifth of that.
    /// A throttled core is high.
    [[nodiscard]] static const char* level(const Reading& reading);

private:
    std::uint64_t m_total = 0, m_idle = 0, m_steal = 0, m_own = 0;
    std::int64_t m_switches = 0, m_throttles = 0;
};

/// Resets the process's peak resident set (/proc/self/clear_refs) and reads it (VmHWM), in bytes. Resetting gives freed memory back to the
/// system first: what an earlier model used is no part of the next one's peak.
void resetPeakMemory();
[[nodiscard]] std::int64_t peakMemoryBytes();

} // namespace lathe::measure
