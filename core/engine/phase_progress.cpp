#include <core/engine/phase_progress.h>

#include <algorithm>
#include <utility>

namespace lathe::engine {

PhaseProgress::PhaseProgress(base::Job job, int steps) : m_job(std::move(job)), m_steps(steps) {}

base::Job PhaseProgress::job() {
    base::Job result = m_job;
    result.progress = [this](const base::Progress& update) { report(update); };
    return result;
}

base::Job PhaseProgress::phase(const char* name) {
    ++m_step;
    base::Job result = m_job;
    result.progress = [this, name, step = m_step](const base::Progress& update) {
        base::Progress whole = update;
        whole.phase = name;
        whole.step = step;
        report(std::move(whole));
    };
    result.report({});
    return result;
}

void PhaseProgress::report(base::Progress update) {
    update.steps = m_steps;
    if (update.step != m_reportedStep) {
        m_reportedStep = update.step;
        m_phaseStart = std::chrono::steady_clock::now();
    }
    constexpr double secondsPerMeasuringPhase = 4; // latency up to 16 s with its throughput where nothing disturbs, the others 1 s or less
    constexpr double smallestTrustedFraction = 0.02;
    const double later = secondsPerMeasuringPhase * std::min(m_steps - update.step, 5);
    if (!update.secondsLeft && update.fraction > smallestTrustedFraction) {
        const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - m_phaseStart).count();
        update.secondsLeft = elapsed * (1 - update.fraction) / update.fraction;
    }
    if (update.secondsLeft) *update.secondsLeft += later;
    m_job.report(update);
}

} // namespace lathe::engine
