#include <core/runtime/compile_for_call_torch.h>

#include <algorithm>
#include <chrono>

#include <core/runtime/batch_passes_torch.h>

namespace lathe::runtime {

namespace {

constexpr double longestSeconds = 0.1;

/// What a kernel takes for each sample changes no more beyond so many; finding the shapes of more takes memory.
constexpr std::int64_t mostSamples = 256;

/// With these shapes; those that the graph has where it does not run on them.
base::Result<Plan> compileWith(const graph::Graph& graph, const PlanOptions& options, std::span<const c10::IValue> inputs) {
    graph::Graph known = graph;
    return Plan::compile(annotateShapes(known, inputs) ? known : graph, options);
}

/// The least of some calls; nothing where they fail. A call that a stall cannot explain ends it.
std::optional<double> secondsOf(Plan& plan, std::span<const c10::IValue> inputs) {
    constexpr int calls = 4; // the first packs weights and finds the passes, the second is the first in planned memory
    std::optional<double> least;
    for (int call = 0; call < calls; ++call) {
        const auto begin = std::chrono::steady_clock::now();
        if (!plan.run(inputs)) return std::nullopt;
        const double taken = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        if (call > 0) least = std::min(least.value_or(taken), taken);
        if (least > 4 * longestSeconds) break;
    }
    return least;
}

bool choosesByCalls(const PlanOptions& options, std::span<const c10::IValue> inputs) {
    return options.choosesByTime && options.device.kind == Device::Kind::Cpu && !options.training && sampleCount(inputs).value_or(1) > 1;
}

} // namespace

base::Result<Plan> compileForCall(const graph::Graph& graph, const PlanOptions& options, std::span<const c10::IValue> inputs) {
    if (!choosesByCalls(options, inputs)) return compileWith(graph, options, inputs);
    auto byOneSample = compileWith(graph, options, samplesOf(inputs, 0, 1));
    if (!byOneSample) return byOneSample;
    auto faster = fasterForCall(*byOneSample, graph, options, inputs);
    return faster ? std::move(*faster) : std::move(byOneSample);
}

std::optional<Plan> fasterForCall(Plan& byOneSample, const graph::Graph& graph, const PlanOptions& options,
                                  std::span<const c10::IValue> inputs) {
    if (!choosesByCalls(options, inputs)) return std::nullopt;
    const auto ofOne = secondsOf(byOneSample, inputs);
    if (!ofOne || *ofOne > longestSeconds) return std::nullopt;
    auto byCall = compileWith(graph, options, samplesOf(inputs, 0, std::min(mostSamples, *sampleCount(inputs))));
    if (!byCall) return std::nullopt;
    const auto ofCall = secondsOf(*byCall, inputs);
    return ofCall && *ofCall < *ofOne ? std::optional(std::move(*byCall)) : std::nullopt;
}

} // namespace lathe::runtime
