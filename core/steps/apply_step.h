#pragma once

#include <core/graph/graph.h>
#include <core/steps/step.h>
#include <core/steps/step_context.h>
#include <core/steps/step_outcome.h>

namespace lathe::steps {

/// Applies one enabled step. The input graph is left as it is; the result passes verify(). Errors name the step and the layer.
/// InvalidArgument: a step that needs data where there is none.
[[nodiscard]] base::Result<StepOutcome> applyStep(const graph::Graph& graph, const Step& step, StepContext& context);

/// The same without data: what the window shows while the recipe is edited. quantize.static uses no activation ranges: only weights are
/// quantized, so figures and layers hold the weights' loss, bits and sizes. `cpuHasVnni`: of
/// the CPU that the recipe will run on, which the bits of weights may depend on.
[[nodiscard]] base::Result<StepOutcome> previewStep(const graph::Graph& graph, const Step& step, const base::Job& job = {},
                                                    bool cpuHasVnni = true);

/// The short, untranslated form of a step: "prune L1 50 %".
[[nodiscard]] std::string briefText(const Step& step);

} // namespace lathe::steps
