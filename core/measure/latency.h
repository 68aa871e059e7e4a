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
};

struct LatencyOptions {
    std::int64_t batch = 1; ///< recorded
    int threads = 1;        ///< recorded
    std::int64_t minCalls = 100;
    double minSeconds = 1;         ///< for each candidate
    double maxSeconds = 10;        ///< for all together, warm-up excluded
    double targetHalfWidth = 0.02; ///< of the ratio's 95 % interval
    std::uint64_t seed = 0;        ///< order of blocks and bootstrap
};

/// The protocol of every latency figure: warm-up until the running median moves less than 2 % (10 calls to 5 s), then blocks of the
/// candidates in random order until each has `minCalls` and `minSeconds` and every ratio to the first candidate is known to
/// ±targetHalfWidth, or maxSeconds are over. Returns one Latency per candidate, in order.
/// A block lasts about 20 ms, at least one call; there is at least one block of each. Samples taken in a window of 100 ms in which the
/// noise was high are counted as disturbed and kept. Progress: phase "latency". Errors: Cancelled (before the next call), or what a call
/// returned.
[[nodiscard]] base::Result<std::vector<Latency>> measureInterleaved(const std::vector<Candidate>& candidates, const LatencyOptions& options,
                                                                    const base::Job& job);

/// Ratio of medians a/b with a percentile bootstrap interval (Efron & Tibshirani 1993; blocks keep neighbouring samples together), and the
/// verdict: faster when the whole interval is above 1, slower when below, otherwise no significant difference.
/// Ratio 1 without verdict when one has no samples or a median of 0.
[[nodiscard]] Speedup compare(const Latency& a, const Latency& b, std::uint64_t seed = 0);

} // namespace lathe::measure
