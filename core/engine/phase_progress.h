#pragma once

#include <chrono>

#include <core/base/job.h>

namespace lathe::engine {

/// Numbers the phases of a long job and estimates the time that is left: what one phase reports of itself, plus for the measuring phases to
/// come what they take at most by their own limits.
class PhaseProgress {
public:
    PhaseProgress(base::Job job, int steps);

    /// The job for phases that number themselves (the steps of a recipe): fills in `steps` and the estimate.
    [[nodiscard]] base::Job job();
    /// `count` phases are over.
    void advance(int count) { m_step += count; }
    /// Begins the next phase and returns the job to hand to it.
    base::Job phase(const char* name);

private:
    void report(base::Progress update);

    base::Job m_job;
    int m_steps;
    int m_step = 0;
    int m_reportedStep = 0;
    std::chrono::steady_clock::time_point m_phaseStart = std::chrono::steady_clock::now();
};

} // namespace lathe::engine
