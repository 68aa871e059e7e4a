#pragma once

#include <span>

#include <core/runtime/plan_torch.h>

namespace lathe::runtime {

/// A plan for calls with such inputs, of many samples maybe. Kernels that are chosen by time are chosen by the shapes of one sample, which
/// fit calls that are done in passes of few (batch_passes_torch.h), and by those of the whole call: of the two plans the one that is faster
/// here is returned. A few calls of each. Errors: as Plan::compile; what does not fit the model says so when it runs.
[[nodiscard]] base::Result<Plan> compileForCall(const graph::Graph& graph, const PlanOptions& options, std::span<const c10::IValue> inputs);

} // namespace lathe::runtime
