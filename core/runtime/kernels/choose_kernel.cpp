#include <core/runtime/kernels/choose_kernel_torch.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include <core/runtime/kernels/kernel_table.h>
#include <core/runtime/kernels/time_kernels_torch.h>

namespace lathe::runtime {

namespace {

struct Candidate {
    const KernelDefinition* kernel;
    Verdict verdict;
    bool isClose = false;            ///< its cost does not say that it is slower
    std::optional<double> time = {}; ///< microseconds, of those that are close
};

/// Whose kernel it is: "fbgemm" of "fbgemm.int8".
std::string_view libraryOf(const KernelDefinition& kernel) { return kernel.id.substr(0, kernel.id.find('.')); }

bool isOfLibrary(const KernelDefinition& kernel, std::string_view library) { return kernel.id == library || libraryOf(kernel) == library; }

std::vector<Candidate> candidatesFor(const KernelContext& context, const graph::Node& node) {
    std::vector<Candidate> candidates;
    double cheapest = std::numeric_limits<double>::infinity();
    for (const KernelDefinition* kernel : kernelsFor(node.op)) {
        if (kernel->roundsDifferently && !mayRoundDifferently(context.options, context.choices)) continue;
        Verdict verdict = kernel->accepts(context, node);
        if (verdict.isAccepted()) cheapest = std::min(cheapest, verdict.cost());
        if (verdict.isAccepted() || verdict.isRefused()) candidates.push_back({kernel, std::move(verdict)});
    }
    // A kernel that is known to take twice as long needs no measurement.
    constexpr double decisive = 2;
    for (Candidate& candidate : candidates)
        candidate.isClose = candidate.verdict.isAccepted() && candidate.verdict.cost() < decisive * cheapest;
    return candidates;
}

/// Fills in the times of kernels whose costs are close, where they are known or may be taken.
void addTimes(const KernelContext& context, const graph::Node& node, std::vector<Candidate>& candidates) {
    std::vector<const KernelDefinition*> close;
    for (const Candidate& candidate : candidates) {
        if (candidate.isClose) close.push_back(candidate.kernel);
    }
    if (context.choices == nullptr || close.size() < 2) return;
    const auto form = formOf(context, node);
    if (!form) return;
    const KernelTimes* times = context.choices->find(*form);
    const bool isComplete =
        times != nullptr && std::ranges::all_of(close, [&](const KernelDefinition* kernel) { return times->contains(kernel->id); });
    if (!isComplete && context.choices->measures()) {
        context.choices->set(*form, timeKernels(context, node, close));
        times = context.choices->find(*form);
    }
    if (times == nullptr) return;
    for (Candidate& candidate : candidates) {
        const auto found = times->find(candidate.kernel->id);
        if (candidate.isClose && found != times->end()) candidate.time = found->second;
    }
}

const Candidate* best(const std::vector<Candidate>& candidates, const PlanOptions& options) {
    const Candidate* best = nullptr;
    const auto rank = [&](const Candidate& candidate) {
        const KernelDefinition& kernel = *candidate.kernel;
        return std::tuple(!isOfLibrary(kernel, options.library), !candidate.isClose,
                          candidate.time.value_or(std::numeric_limits<double>::infinity()), candidate.verdict.cost());
    };
    for (const Candidate& candidate : candidates) {
        if (candidate.verdict.isAccepted() && (best == nullptr || rank(candidate) < rank(*best))) best = &candidate;
    }
    return best;
}

base::Message against(const Candidate& candidate, const Candidate& chosen) {
    if (candidate.verdict.isRefused()) return candidate.verdict.reason();
    const auto rounded = [](double microseconds) { return static_cast<std::int64_t>(std::ceil(microseconds)); };
    if (candidate.time && chosen.time)
        return base::Message("kernel.measuredSlower", {{"microseconds", rounded(*candidate.time)}, {"best", rounded(*chosen.time)}});
    return candidate.isClose ? base::Message("kernel.notMeasured", {}) : base::Message("kernel.slowerAsARule", {});
}

/// The reason for one kernel, and what spoke against the others.
base::Message why(const std::vector<Candidate>& candidates, const Candidate& chosen, base::Message soFar) {
    if (soFar.empty()) soFar = chosen.verdict.reason();
    for (const Candidate& candidate : candidates) {
        if (&candidate == &chosen) continue;
        const std::string words(candidate.kernel->words);
        const base::Message reason = against(candidate, chosen);
        soFar = soFar.empty() ? base::Message("kernel.insteadOf", {{"kernel", words}, {"reason", reason}})
                              : base::Message("kernel.alsoInsteadOf", {{"before", soFar}, {"kernel", words}, {"reason", reason}});
    }
    return soFar;
}

} // namespace

bool mayRoundDifferently(const PlanOptions& options, const KernelChoices* choices) {
    if (options.device.kind != Device::Kind::Cpu || options.training) return false;
    return choices != nullptr || std::ranges::any_of(kernels(), [&](const KernelDefinition& kernel) {
               return kernel.roundsDifferently && isOfLibrary(kernel, options.library);
           });
}

Made makeByBestKernel(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    // Most operators have one kernel, which takes whatever comes.
    const auto kernels = kernelsFor(node.op);
    if (kernels.size() == 1 && kernels.front()->accepts == acceptsAll) return kernels.front()->make(context, node, info);
    std::vector<Candidate> candidates = candidatesFor(context, node);
    addTimes(context, node, candidates);
    const Candidate* chosen = best(candidates, context.options);
    if (chosen == nullptr) return base::failure(base::ErrorCode::Unsupported, node.name + ": no kernel computes " + node.op + ".");
    if (candidates.size() > 1 || !chosen->verdict.reason().empty()) info.reason = why(candidates, *chosen, info.reason).text();
    return chosen->kernel->make(context, node, info);
}

} // namespace lathe::runtime
