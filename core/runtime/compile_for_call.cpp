#include <core/runtime/compile_for_call_torch.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

namespace lathe::runtime {

namespace {

/// Nothing where the call has only one, or not the same number in front of all inputs.
std::optional<std::vector<c10::IValue>> firstSample(std::span<const c10::IValue> inputs) {
    if (inputs.empty()) return std::nullopt;
    std::vector<c10::IValue> first;
    first.reserve(inputs.size());
    for (const c10::IValue& input : inputs) {
        if (!input.isTensor() || input.toTensor().dim() == 0 || input.toTensor().size(0) < 2) return std::nullopt;
        if (input.toTensor().size(0) != inputs.front().toTensor().size(0)) return std::nullopt;
        first.emplace_back(input.toTensor().narrow(0, 0, 1));
    }
    return first;
}

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
    const auto first = choosesByTime ? firstSample(inputs) : std::nullopt;
    if (!whole || !first) return whole;
    auto one = compileWith(graph, options, *first);
    if (!one) return whole;
    const auto ofWhole = secondsOf(*whole, inputs), ofOne = secondsOf(*one, inputs);
    return ofWhole && ofOne && *ofOne < *ofWhole ? std::move(one) : std::move(whole);
}

} // namespace lathe::runtime
