#pragma once

#include <optional>
#include <span>

#include <core/runtime/plan_torch.h>

namespace lathe::runtime {

/// A plan for calls with such inputs, of many samples maybe: by the shapes of one sample, or fasterForCall. Errors: as Plan::compile; what
/// does not fit the model says so when it runs.
[[nodiscard]] base::Result<Plan> compileForCall(const graph::Graph& graph, const PlanOptions& options, std::span<const c10::IValue> inputs);

/// Kernels that are chosen by time are chosen by the shapes of one sample, which fits calls of one and calls that are done in passes of few
/// (batch_passes_torch.h). Here they are chosen by those of a call of many samples too, and the plan with these is given where it is
/// faster than `byOneSample`, which is a plan of the same graph. Nothing otherwise, and where a call of `byOneSample` takes longer than
/// 100 ms: layers of so much work know their fastest kernels by one sample, and choosing again would take long. Runs a few calls of each.
[[nodiscard]] std::optional<Plan> fasterForCall(Plan& byOneSample, const graph::Graph& graph, const PlanOptions& options,
                                                std::span<const c10::IValue> inputs);

} // namespace lathe::runtime
