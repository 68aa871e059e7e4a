#include <core/engine/plan_latency_torch.h>

#include <limits>

namespace lathe::engine {

namespace {

measure::Candidate candidate(const TimedPlan& timed, runtime::Device device) {
    const auto call = [plan = timed.plan, device, inputs = timed.inputs]() -> base::Result<> {
        const auto outputs = plan->run(inputs);
        if (!outputs) return forward(outputs);
        return runtime::synchronize(device);
    };
    // LibTorch forgets what it prepared for another number of threads: the first call after a change is not of the model. What is wrong
    // with it shows in the next one.
    const auto useThreads = [call, threads = timed.threads] {
        if (runtime::threads() == threads) return;
        runtime::setThreads(threads);
        (void)call();
    };
    return {.name = timed.name, .call = call, .deviceMs = {}, .threads = timed.threads, .beforeBlock = useThreads};
}

} // namespace

int fasterThreads(const measure::Latency& withAll, const measure::Latency& withOne) {
    return withOne.p50 < withAll.p50 ? withOne.threads : withAll.threads;
}

base::Result<> chooseThreads(std::vector<TimedPlan>& plans, runtime::Device device, int threads, std::uint64_t seed, const base::Job& job) {
    for (TimedPlan& plan : plans)
        plan.threads = threads;
    if (threads == 1 || device.kind != runtime::Device::Kind::Cpu) return {};
    std::vector<TimedPlan> tried = plans;
    for (TimedPlan plan : plans) {
        plan.threads = 1;
        tried.push_back(std::move(plan));
    }
    measure::LatencyOptions trial;
    trial.minCalls = 10;
    trial.minSeconds = 0.1;
    trial.maxSeconds = 1;
    trial.maxWarmupSeconds = 0.3;
    trial.targetHalfWidth = std::numeric_limits<double>::infinity();
    trial.seed = seed;
    const auto latencies = measurePlans(tried, device, trial, job);
    if (!latencies) return forward(latencies);
    for (std::size_t i = 0; i < plans.size(); ++i)
        plans[i].threads = fasterThreads((*latencies)[i], (*latencies)[plans.size() + i]);
    return {};
}

base::Result<std::vector<measure::Latency>> measurePlans(const std::vector<TimedPlan>& plans, runtime::Device device,
                                                         const measure::LatencyOptions& options, const base::Job& job) {
    const ThreadsScope unchanged(runtime::threads());
    std::vector<measure::Candidate> candidates;
    candidates.reserve(plans.size());
    for (const TimedPlan& plan : plans)
        candidates.push_back(candidate(plan, device));
    return measure::measureInterleaved(candidates, options, job);
}

} // namespace lathe::engine
