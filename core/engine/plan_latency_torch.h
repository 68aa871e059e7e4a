#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ATen/core/ivalue.h>

#include <core/base/job.h>
#include <core/measure/latency.h>
#include <core/runtime/plan_torch.h>

namespace lathe::engine {

/// Sets the number of threads of the process, and puts it back.
class ThreadsScope {
public:
    explicit ThreadsScope(int threads) { runtime::setThreads(threads); }
    ~ThreadsScope() { runtime::setThreads(m_before); }
    ThreadsScope(const ThreadsScope&) = delete;
    ThreadsScope& operator=(const ThreadsScope&) = delete;

private:
    int m_before = runtime::threads();
};

/// A plan to be timed, on inputs of its own. The plan must outlive the measurement.
struct TimedPlan {
    std::string name;
    runtime::Plan* plan = nullptr;
    std::vector<c10::IValue> inputs;
    int threads = 1;
};

/// One thread where a call takes less with it than with all of them, else all.
[[nodiscard]] int fasterThreads(const measure::Latency& withAll, const measure::Latency& withOne);

/// Gives each plan one thread or `threads`, whichever it is faster with, by a short interleaved trial. Small models are often faster with
/// one: a baseline that waits for its threads would flatter all that is compared with it. On a GPU all get `threads`. Takes about a second,
/// longer when single calls do. Errors as measureInterleaved.
[[nodiscard]] base::Result<> chooseThreads(std::vector<TimedPlan>& plans, runtime::Device device, int threads, std::uint64_t seed,
                                           const base::Job& job);

/// Interleaved latency, each plan with its number of threads; afterwards the process has as many as before. One Latency for each, in order.
[[nodiscard]] base::Result<std::vector<measure::Latency>> measurePlans(const std::vector<TimedPlan>& plans, runtime::Device device,
                                                                       const measure::LatencyOptions& options, const base::Job& job);

} // namespace lathe::engine
