#include <core/measure/latency.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <core/measure/statistics.h>
#include <core/measure/surroundings.h>

namespace lathe::measure {
namespace {

constexpr int warmupMinCalls = 10;
constexpr int warmupCheckEvery = 5;
constexpr double warmupMaxShift = 0.02;
/// Long enough that a block's first call, which finds the other candidate's data in the caches, does not weigh; short enough for many
/// blocks.
constexpr double blockMs = 20;
/// The kernel counts CPU time in ticks of 10 ms: over a shorter time the shares would be mostly rounding.
constexpr double noiseWindowMs = 100;
/// After so long without one quiet window nothing more is hoped for.
constexpr double patienceMs = 5000;
/// How much longer than maxSeconds a disturbed measurement may last.
constexpr double extension = 1.5;

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
    std::vector<std::uint8_t> marks; ///< of the samples whose window is over: 1 disturbed
    double wallMs = 0;               ///< of the calls after warm-up
    double disturbedWallMs = 0;      ///< of that, in disturbed windows
    double judgedWallMs = 0;         ///< of that, in windows that are over
    int warmupCalls = 0;
    std::int64_t callsPerBlock = 1;
    std::int64_t disturbed = 0;

    [[nodiscard]] std::int64_t calls() const { return static_cast<std::int64_t>(samplesMs.size()); }
    [[nodiscard]] std::int64_t quiet() const { return calls() - disturbed; }
    /// Samples of the window that lasts still count as quiet.
    [[nodiscard]] std::vector<double> quietMs() const {
        std::vector<double> kept;
        kept.reserve(samplesMs.size());
        for (std::size_t i = 0; i < samplesMs.size(); ++i)
            if (i >= marks.size() || marks[i] == 0) kept.push_back(samplesMs[i]);
        return kept;
    }
    /// Can figures of the quiet samples stand for the candidate?
    [[nodiscard]] bool hasEnoughQuiet(std::int64_t minCalls) const {
        return quiet() > 0 && (quiet() * 2 >= calls() || (quiet() >= minCalls && quiet() * 4 >= calls()));
    }
};

std::string withCommas(std::int64_t number) {
    std::string text = std::to_string(number);
    for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
        text.insert(static_cast<std::size_t>(at), ",");
    return text;
}

/// In the C locale, which std::to_string does not promise.
std::string oneDecimal(double value) {
    const auto tenths = static_cast<std::int64_t>(std::llround(value * 10));
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

/// Marks samples by windows of noise, and keeps the means over all windows and over the disturbed ones.
class DisturbanceLog {
public:
    DisturbanceLog(Surroundings& surroundings, std::vector<Series>& all)
        : m_surroundings(surroundings), m_all(all), m_windowBegin(surroundings.nowMs()), m_lastQuiet(m_windowBegin) {
        (void)surroundings.noise(); // from here on
    }
    /// True when a window ended.
    bool closeWindowIfDue() {
        if (m_surroundings.nowMs() - m_windowBegin < noiseWindowMs) return false;
        readWindow();
        return true;
    }
    /// A rest shorter than a window is what the window before it was.
    void closeLastWindow() {
        if (m_whole.length > 0 && m_surroundings.nowMs() - m_windowBegin < noiseWindowMs)
            judge(m_isDisturbed);
        else
            readWindow();
    }
    [[nodiscard]] std::string level() const { return NoiseWatch::level(m_whole.mean()); }
    [[nodiscard]] bool wasLongDisturbed() const { return m_surroundings.nowMs() - m_lastQuiet >= patienceMs; }
    /// One sentence on what disturbed `series`.
    [[nodiscard]] std::string sentence(const Series& series) const {
        const NoiseWatch::Reading cause = m_disturbed.mean();
        const std::string calls = withCommas(series.disturbed) + " of " + withCommas(series.calls()) + " calls were disturbed";
        if (cause.throttled) return calls + " by heat: the processor was slowed down.";
        if (cause.othersShare / NoiseWatch::highOthersShare >= cause.stealShare / NoiseWatch::highStealShare)
            return calls + " by other programs (" + oneDecimal(cause.othersShare) + " cores busy).";
        return calls + " by other machines on the same host (" + oneDecimal(cause.stealShare * 100) + " % of the CPU time was stolen).";
    }

private:
    /// Readings weighted by how long they are.
    struct Sum {
        double steal = 0, others = 0, length = 0;
        bool throttled = false;
        void add(const NoiseWatch::Reading& reading, double ms) {
            steal += reading.stealShare * ms;
            others += reading.othersShare * ms;
            throttled = throttled || reading.throttled;
            length += ms;
        }
        [[nodiscard]] NoiseWatch::Reading mean() const {
            NoiseWatch::Reading reading;
            reading.throttled = throttled;
            if (length > 0) {
                reading.stealShare = steal / length;
                reading.othersShare = others / length;
            }
            return reading;
        }
    };
    void readWindow() {
        const double now = m_surroundings.nowMs();
        const NoiseWatch::Reading reading = m_surroundings.noise();
        m_isDisturbed = std::string_view(NoiseWatch::level(reading)) == "high";
        judge(m_isDisturbed);
        m_whole.add(reading, now - m_windowBegin);
        if (m_isDisturbed)
            m_disturbed.add(reading, now - m_windowBegin);
        else
            m_lastQuiet = now;
        m_windowBegin = now;
    }
    void judge(bool isDisturbed) {
        for (Series& series : m_all) {
            if (isDisturbed) {
                series.disturbed += static_cast<std::int64_t>(series.samplesMs.size() - series.marks.size());
                series.disturbedWallMs += series.wallMs - series.judgedWallMs;
            }
            series.judgedWallMs = series.wallMs;
            series.marks.resize(series.samplesMs.size(), isDisturbed ? 1 : 0);
        }
    }

    Surroundings& m_surroundings;
    std::vector<Series>& m_all;
    double m_windowBegin, m_lastQuiet;
    Sum m_whole, m_disturbed;
    bool m_isDisturbed = false; ///< the last window
};

/// Times one call; returns the wall time in milliseconds and appends the sample to `samplesMs`.
base::Result<double> timeCall(const Candidate& candidate, const base::Job& job, Surroundings& surroundings,
                              std::vector<double>& samplesMs) {
    if (job.isCancelled()) return base::Job::cancelled();
    const double begin = surroundings.nowMs();
    const auto called = candidate.call();
    const double wallMs = surroundings.nowMs() - begin;
    if (!called) return base::forward(called, {"while.timing", {{"what", candidate.name}}});
    samplesMs.push_back(candidate.deviceMs ? candidate.deviceMs() : wallMs);
    return wallMs;
}

base::Result<> warmUp(Series& series, double maxMs, const base::Job& job, Surroundings& surroundings) {
    if (series.candidate->beforeBlock) series.candidate->beforeBlock();
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
    } while (surroundings.nowMs() - begin < maxMs);
    const double callMs = wallMs / series.warmupCalls;
    series.callsPerBlock = callMs > 0 ? std::max<std::int64_t>(1, std::llround(std::min(blockMs / callMs, 1e6))) : 1;
    return {};
}

base::Result<> runBlock(Series& series, const base::Job& job, Surroundings& surroundings) {
    if (series.candidate->beforeBlock) series.candidate->beforeBlock();
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

/// When to stop. Only quiet samples bring the end nearer. The intervals take time to compute, so they are looked at each time the samples
/// have grown by a quarter.
class StopRule {
public:
    StopRule(const LatencyOptions& options, const std::vector<Series>& all) : m_options(options), m_all(all) {}

    [[nodiscard]] double minimumShare() const {
        double share = 1;
        for (const Series& series : m_all) {
            share =
                std::min(share, static_cast<double>(series.quiet()) / static_cast<double>(std::max<std::int64_t>(1, m_options.minCalls)));
            if (m_options.minSeconds > 0) share = std::min(share, (series.wallMs - series.disturbedWallMs) / 1000 / m_options.minSeconds);
        }
        return share;
    }
    [[nodiscard]] bool hasEnoughQuiet() const {
        return std::all_of(m_all.begin(), m_all.end(), [&](const Series& series) { return series.hasEnoughQuiet(m_options.minCalls); });
    }
    [[nodiscard]] bool isSatisfied() {
        if (minimumShare() < 1 || !hasEnoughQuiet()) return false;
        const std::int64_t samples = std::accumulate(m_all.begin(), m_all.end(), std::int64_t{0},
                                                     [](std::int64_t sum, const Series& series) { return sum + series.quiet(); });
        if (samples < m_nextLook) return false;
        m_nextLook = samples + samples / 4;
        const std::vector<double> first = m_all.front().quietMs();
        return std::all_of(m_all.begin() + 1, m_all.end(), [&](const Series& series) {
            const Speedup known = speedup(first, series.quietMs(), m_options.seed);
            return (known.high - known.low) / 2 <= m_options.targetHalfWidth * known.ratio;
        });
    }

private:
    const LatencyOptions& m_options;
    const std::vector<Series>& m_all;
    std::int64_t m_nextLook = 0;
};

Latency summarize(Series& series, const LatencyOptions& options, const DisturbanceLog& disturbance) {
    Latency latency;
    if (!series.hasEnoughQuiet(options.minCalls)) latency.whyNotReliable = disturbance.sentence(series);
    latency.calls = series.calls();
    latency.batch = options.batch;
    latency.threads = series.candidate->threads;
    latency.warmupCalls = series.warmupCalls;
    latency.noise = disturbance.level();
    latency.disturbed = series.disturbed;
    latency.samplesMs = std::move(series.samplesMs);
    latency.marks = std::move(series.marks);
    std::vector<double> sorted = countedSamplesMs(latency);
    std::sort(sorted.begin(), sorted.end());
    latency.p50 = percentile(sorted, 0.5);
    latency.p90 = percentile(sorted, 0.9);
    latency.p95 = percentile(sorted, 0.95);
    latency.p99 = percentile(sorted, 0.99);
    latency.p999 = percentile(sorted, 0.999);
    latency.mean = mean(sorted);
    latency.stddev = standardDeviation(sorted);
    return latency;
}

} // namespace

base::Result<std::vector<Latency>> measureInterleaved(const std::vector<Candidate>& candidates, const LatencyOptions& options,
                                                      const base::Job& job, Surroundings& surroundings) {
    if (candidates.empty()) return std::vector<Latency>{};
    std::vector<Series> all(candidates.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i].candidate = &candidates[i];
        if (const auto warm = warmUp(all[i], options.maxWarmupSeconds * 1000, job, surroundings); !warm) return base::forward(warm);
    }

    DisturbanceLog disturbance(surroundings, all);
    StopRule rule(options, all);
    Random random(options.seed);
    std::vector<std::size_t> order(all.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const double begin = surroundings.nowMs();
    const auto elapsedShare = [&] {
        return options.maxSeconds > 0 ? (surroundings.nowMs() - begin) / 1000 / options.maxSeconds : extension;
    };
    const auto isOver = [&] {
        if (rule.isSatisfied() || disturbance.wasLongDisturbed()) return true;
        return elapsedShare() >= (rule.hasEnoughQuiet() ? 1 : extension);
    };
    double reported = 0;
    do {
        // A round is one block of each in random order (Fisher & Yates), so that a drift of the machine meets all alike.
        for (std::size_t i = order.size(); i > 1; --i)
            std::swap(order[i - 1], order[random.below(i)]);
        for (const std::size_t index : order) {
            if (const auto ran = runBlock(all[index], job, surroundings); !ran) return base::forward(ran);
            if (!disturbance.closeWindowIfDue()) continue;
            // A window that turns out to be disturbed takes back what seemed to be done.
            reported = std::max(reported, std::min(1.0, std::max(elapsedShare() / extension, rule.minimumShare())));
            job.report({.phase = "latency", .fraction = reported, .secondsLeft = {}, .values = {}});
        }
    } while (!isOver());
    disturbance.closeLastWindow();

    std::vector<Latency> latencies;
    for (Series& series : all)
        latencies.push_back(summarize(series, options, disturbance));
    return latencies;
}

base::Result<std::vector<Latency>> measureInterleaved(const std::vector<Candidate>& candidates, const LatencyOptions& options,
                                                      const base::Job& job) {
    RealSurroundings surroundings;
    return measureInterleaved(candidates, options, job, surroundings);
}

Speedup compare(const Latency& a, const Latency& b, std::uint64_t seed) {
    Speedup result = speedup(countedSamplesMs(a), countedSamplesMs(b), seed);
    if (isReliable(a) && isReliable(b)) return result;
    result.verdict = Verdict::NotReliable;
    result.reason = isReliable(a) ? b.whyNotReliable : a.whyNotReliable;
    return result;
}

} // namespace lathe::measure
