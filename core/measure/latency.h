#pragma once

#include <functional>
#include <string>
#include <vector>

#include <core/base/job.h>
#include <core/measure/result.h>

namespace lathe::measure {

/// One thing to time. `call` runs it once and blocks until it is done; it returns an error to end the measurement.
struct Candidate {
    std::string name;
    std::function<base::Result<>()> call;
    /// Device time of the last call in milliseconds (CUDA events); empty: the wall clock of `call`.
    std::function<double()> deviceMs;
    int threads = 1; ///< recorded
    /// Called before each block of calls, off the clock; empty: nothing to prepare.
    std::function<void()> beforeBlock = {};
};

struct LatencyOptions {
    std::int64_t batch = 1; ///< recorded
    std::int64_t minCalls = 100;
    double minSeconds = 1;         ///< for each candidate
    double maxSeconds = 10;        ///< for all together, warm-up excluded; half as long again when it was disturbed
    double maxWarmupSeconds = 5;   ///< for each candidate
    double targetHalfWidth = 0.02; ///< of the ratio's 95 % interval
    std::uint64_t seed = 0;        ///< order of blocks and bootstrap
};

/// The protocol of every latency figure: warm-up until the running median moves less than 2 % (10 calls to 5 s), then blocks of the
/// candidates in random order until each has `minCalls` and `minSeconds` and every ratio to the first candidate is known to
/// ±targetHalfWidth, or maxSeconds are over. Returns one Latency per candidate, in order.
/// A block lasts about 20 ms, at least one call; there is at least one block of each.
///
/// Samples taken in a window of 100 ms in which the noise was high are marked as disturbed, kept, and left out of figures and intervals,
/// and of all that has to be reached before the end. Figures are reliable where at least half of a candidate's calls were undisturbed, or
/// minCalls and a quarter; where maxSeconds do not bring these, measuring goes on for half as long again. A machine that was never
/// quiet for 5 s ends it at once. What is not reliable has figures of all samples, and the reason in Latency::whyNotReliable.
///
/// Progress: phase "latency". Errors: Cancelled (before the next call), or what a call returned.
[[nodiscard]] base::Result<std::vector<Latency>> measureInterleaved(const std::vector<Candidate>& candidates, const LatencyOptions& options,
                                                                    const base::Job& job);

/// Ratio of medians a/b with a percentile bootstrap interval (Efron & Tibshirani 1993; blocks keep neighbouring samples together), and the
/// verdict: faster when the whole interval is above 1, slower when below, otherwise no significant difference; not reliable, with the
/// reason, when one of them is not. Of the samples that the figures are of. Ratio 1 without verdict when one has none or a median of 0.
[[nodiscard]] Speedup compare(const Latency& a, const Latency& b, std::uint64_t seed = 0);

} // namespace lathe::measure
