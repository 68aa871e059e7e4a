#include <core/measure/latency.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>

#include <core/measure/statistics.h>
#include <core/measure/surroundings.h>

namespace lathe::measure {
namespace {

constexpr int warmupMinCalls = 10;
constexpr int warmupCheckEvery = 5;
constexpr double warmupMaxMs = 5000;
constexpr double warmupMaxShift = 0.02;
/// Long enough that a block's first call, which finds the other candidate's data in the caches, does not weigh; short enough for many
/// blocks.
constexpr double blockMs = 20;
/// The kernel counts CPU time in ticks of 10 ms: over a shorter time the shares would be mostly rounding.
constexpr double noiseWindowMs = 100;

class RealSurroundings : public Surroundings {
public:
    double nowMs() override {
        return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
    }
    NoiseWatch::Reading noise() override { return m_watch.read(); }

private:
    NoiseWatch m_watch;
};

/// One candidate under measurement.
struct Series {
    const Candidate* candidate = nullptr;
    std::vector<double> samplesMs;
    double wallMs = 0; ///< of the calls after warm-up
    int warmupCalls = 0;
    std::int64_t callsPerBlock = 1;
    std::int64_t disturbed = 0;
    std::size_t judged = 0; ///< samples whose disturbance is already known
};

/// Marks samples by windows of noise, and keeps the mean over all windows.
class DisturbanceLog {
public:
    DisturbanceLog(Surroundings& surroundings, std::vector<Series>& all)
        : m_surroundings(surroundings), m_all(all), m_windowBegin(surroundings.nowMs()) {
        (void)surroundings.noise(); // from here on
    }
    /// True when a window ended.
    bool closeWindowIfDue() {
        if (m_surroundings.nowMs() - m_windowBegin < noiseWindowMs) return false;
        closeWindow();
        return true;
    }
    void closeWindow() {
        const double now = m_surroundings.nowMs();
        const NoiseWatch::Reading reading = m_surroundings.noise();
        const bool isDisturbed = std::string_view(NoiseWatch::level(reading)) == "high";
        for (Series& series : m_all) {
            if (isDisturbed) series.disturbed += static_cast<std::int64_t>(series.samplesMs.size() - series.judged);
            series.judged = series.samplesMs.size();
        }
        const double length = now - m_windowBegin;
        m_steal += reading.stealShare * length;
        m_others += reading.othersShare * length;
        m_throttled = m_throttled || reading.throttled;
        m_length += length;
        m_windowBegin = now;
    }
    [[nodiscard]] std::string level() const {
        NoiseWatch::Reading overall;
        overall.throttled = m_throttled;
        if (m_length > 0) {
            overall.stealShare = m_steal / m_length;
            overall.othersShare = m_others / m_length;
        }
        return NoiseWatch::level(overall);
    }

private:
    Surroundings& m_surroundings;
    std::vector<Series>& m_all;
    double m_windowBegin;
    double m_steal = 0, m_others = 0, m_length = 0;
    bool m_throttled = false;
};

/// Times one call; returns the wall time in milliseconds and appends the sample to `samplesMs`.
base::Result<double> timeCall(const Candidate& candidate, const base::Job& job, Surroundings& surroundings,
                              std::vector<double>& samplesMs) {
    if (job.isCancelled()) return base::Job::cancelled();
    const double begin = surroundings.nowMs();
    const auto called = candidate.call();
    const double wallMs = surroundings.nowMs() - begin;
    if (!called) return base::forward(called, "while timing " + candidate.name);
    samplesMs.push_back(candidate.deviceMs ? candidate.deviceMs() : wallMs);
    return wallMs;
}

base::Result<> warmUp(Series& series, const base::Job& job, Surroundings& surroundings) {
    const double begin = surroundings.nowMs();
    std::vector<double> samplesMs;
    double median = 0, wallMs = 0;
    do {
        const auto wall = timeCall(*series.candidate, job, surroundings, samplesMs);
        if (!wall) return base::forward(wall);
        wallMs += *wall;
        if (++series.warmupCalls % warmupCheckEvery != 0) continue;
        std::vector<double> copy = samplesMs;
        const double before = std::exchange(median, medianInPlace(copy));
        if (series.warmupCalls >= warmupMinCalls && std::abs(median - before) <= warmupMaxShift * before) break;
    } while (surroundings.nowMs() - begin < warmupMaxMs);
    const double callMs = wallMs / series.warmupCalls;
    series.callsPerBlock = callMs > 0 ? std::max<std::int64_t>(1, std::llround(std::min(blockMs / callMs, 1e6))) : 1;
    return {};
}

base::Result<> runBlock(Series& series, const base::Job& job, Surroundings& surroundings) {
    for (std::int64_t call = 0; call < series.callsPerBlock; ++call) {
        const auto wall = timeCall(*series.candidate, job, surroundings, series.samplesMs);
        if (!wall) return base::forward(wall);
        series.wallMs += *wall;
    }
    return {};
}

/// Ratio of medians a/b with its interval; empty when there is nothing to divide.
Speedup speedup(std::span<const double> a, std::span<const double> b, std::uint64_t seed) {
    Speedup result;
    if (a.empty() || b.empty()) return result;
    std::vector<double> copyA(a.begin(), a.end()), copyB(b.begin(), b.end());
    const double medianA = medianInPlace(copyA), medianB = medianInPlace(copyB);
    // A clock that does not resolve the calls tells nothing about them.
    if (!(medianA > 0) || !(medianB > 0)) return result;
    result.ratio = medianA / medianB;
    const Interval interval = bootstrapRatioOfMedians(a, b, seed);
    result.low = interval.low;
    result.high = interval.high;
    if (result.low > 1)
        result.verdict = Verdict::Faster;
    else if (result.high < 1)
        result.verdict = Verdict::Slower;
    return result;
}

/// When to stop. The intervals take time to compute, so they are looked at each time the samples have grown by a quarter.
class StopRule {
public:
    StopRule(const LatencyOptions& options, const std::vector<Series>& all) : m_options(options), m_all(all) {}

    [[nodiscard]] double minimumShare() const {
        double share = 1;
        for (const Series& series : m_all) {
            share = std::min(share, static_cast<double>(series.samplesMs.size()) /
                                        static_cast<double>(std::max<std::int64_t>(1, m_options.minCalls)));
            if (m_options.minSeconds > 0) share = std::min(share, series.wallMs / 1000 / m_options.minSeconds);
        }
        return share;
    }
    [[nodiscard]] bool isSatisfied() {
        if (minimumShare() < 1) return false;
        const std::size_t samples = std::accumulate(m_all.begin(), m_all.end(), std::size_t{0},
                                                    [](std::size_t sum, const Series& series) { return sum + series.samplesMs.size(); });
        if (samples < m_nextLook) return false;
        m_nextLook = samples + samples / 4;
        return std::all_of(m_all.begin() + 1, m_all.end(), [&](const Series& series) {
            const Speedup known = speedup(m_all.front().samplesMs, series.samplesMs, m_options.seed);
            return (known.high - known.low) / 2 <= m_options.targetHalfWidth * known.ratio;
        });
    }

private:
    const LatencyOptions& m_options;
    const std::vector<Series>& m_all;
    std::size_t m_nextLook = 0;
};

Latency summarize(Series& series, const LatencyOptions& options, const std::string& noise) {
    Latency latency;
    std::vector<double> sorted = series.samplesMs;
    std::sort(sorted.begin(), sorted.end());
    latency.p50 = percentile(sorted, 0.5);
    latency.p90 = percentile(sorted, 0.9);
    latency.p95 = percentile(sorted, 0.95);
    latency.p99 = percentile(sorted, 0.99);
    latency.p999 = percentile(sorted, 0.999);
    latency.mean = mean(sorted);
    latency.stddev = standardDeviation(sorted);
    latency.calls = static_cast<std::int64_t>(sorted.size());
    latency.batch = options.batch;
    latency.threads = options.threads;
    latency.warmupCalls = series.warmupCalls;
    latency.noise = noise;
    latency.disturbed = series.disturbed;
    latency.samplesMs = std::move(series.samplesMs);
    return latency;
}

} // namespace

base::Result<std::vector<Latency>> measureInterleaved(const std::vector<Candidate>& candidates, const LatencyOptions& options,
                                                      const base::Job& job, Surroundings& surroundings) {
    if (candidates.empty()) return std::vector<Latency>{};
    std::vector<Series> all(candidates.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i].candidate = &candidates[i];
        if (const auto warm = warmUp(all[i], job, surroundings); !warm) return base::forward(warm);
    }

    DisturbanceLog disturbance(surroundings, all);
    StopRule rule(options, all);
    Random random(options.seed);
    std::vector<std::size_t> order(all.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const double begin = surroundings.nowMs();
    const auto elapsedShare = [&] { return options.maxSeconds > 0 ? (surroundings.nowMs() - begin) / 1000 / options.maxSeconds : 1.0; };
    do {
        // A round is one block of each in random order (Fisher & Yates), so that a drift of the machine meets all alike.
        for (std::size_t i = order.size(); i > 1; --i)
            std::swap(order[i - 1], order[random.below(i)]);
        for (const std::size_t index : order) {
            if (const auto ran = runBlock(all[index], job, surroundings); !ran) return base::forward(ran);
            if (disturbance.closeWindowIfDue())
                job.report({.phase = "latency",
                            .fraction = std::min(1.0, std::max(elapsedShare(), rule.minimumShare())),
                            .secondsLeft = {},
                            .values = {}});
        }
    } while (elapsedShare() < 1 && !rule.isSatisfied());
    disturbance.closeWindow();

    std::vector<Latency> latencies;
    for (Series& series : all)
        latencies.push_back(summarize(series, options, disturbance.level()));
    return latencies;
}

base::Result<std::vector<Latency>> measureInterleaved(const std::vector<Candidate>& candidates, const LatencyOptions& options,
                                                      const base::Job& job) {
    RealSurroundings surroundings;
    return measureInterleaved(candidates, options, job, surroundings);
}

Speedup compare(const Latency& a, const Latency& b, std::uint64_t seed) { return speedup(a.samplesMs, b.samplesMs, seed); }

} // namespace lathe::measure
