#pragma once

#include <core/base/job.h>
#include <core/measure/latency.h>
#include <core/measure/machine.h>

namespace lathe::measure {

/// All that the latency protocol reads of the world: time and disturbance. Tests put their own in its place, so that they neither wait nor
/// depend on the machine.
class Surroundings {
public:
    virtual ~Surroundings() = default;
    /// Monotonic, in milliseconds.
    [[nodiscard]] virtual double nowMs() = 0;
    /// Since the last reading.
    [[nodiscard]] virtual NoiseWatch::Reading noise() = 0;
};

[[nodiscard]] base::Result<std::vector<Latency>> measureInterleaved(const std::vector<Candidate>& candidates, const LatencyOptions& options,
                                                                    const base::Job& job, Surroundings& surroundings);

} // namespace lathe::measure
