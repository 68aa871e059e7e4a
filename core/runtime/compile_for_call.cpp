#include <core/runtime/compile_for_call_torch.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include <core/runtime/batch_passes_torch.h>

namespace lathe::runtime {

namespace {

/// With these shapes; those that the graph has where it does not run on them.
base::Result<Plan> compileWith(const graph::Graph& graph, const PlanOptions& options, std::span<const c10::IValue> inputs) {
    graph::Graph known = graph;
    return Plan::compile(annotateShapes(known, inputs) ? known : graph, options);
}

/// The least of some calls; nothing where they fail.
std::optional<double> secondsOf(Plan& plan, std::span<const c10::IValue> inputs) {
    constexpr int calls = 4; // the first packs weights and finds the passes, the second is the first in planned memory
    std::optional<double> least;
    for (int call = 0; call < calls; ++call) {
        const auto begin = std::chrono::steady_clock::now();
        if (!plan.run(inputs)) return std::nullopt;
        const double taken = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        if (call > 1) least = std::min(least.value_or(taken), taken);
    }
    return least;
}

} // namespace

base::Result<Plan> compileForCall(const graph::Graph& graph, const PlanOptions& options, std::span<const c10::IValue> inputs) {
    auto whole = compileWith(graph, options, inputs);
    const bool choosesByTime = options.choosesByTime && options.device.kind == Device::Kind::Cpu && !options.training;
    if (!whole || !choosesByTime || sampleCount(inputs).value_or(1) < 2) return whole;
    auto one = compileWith(graph, options, samplesOf(inputs, 0, 1));
    if (!one) return whole;
    const auto ofWhole = secondsOf(*whole, inputs), ofOne = secondsOf(*one, inputs);
    return ofWhole && ofOne && *ofOne < *ofWhole ? std::move(one) : std::move(whole);
}

} // namespace lathe::runtime
