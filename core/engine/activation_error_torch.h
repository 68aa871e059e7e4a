#pragma once

#include <map>
#include <span>
#include <string>

#include <core/graph/graph.h>
#include <core/runtime/plan_torch.h>

namespace lathe::engine {

/// How much the rounding of its input costs each layer that reads integers: 10·log₁₀(‖x‖² / ‖x−x̂‖²) in dB by layer name, over these
/// inputs. x is the value as the quantized model computes it, so it is the error of this rounding alone and not of those before it; where
/// the integers only moved since they were rounded (pooled, flattened), it is that rounding. Layers with float inputs, and those whose
/// input is exact, are not listed. `simulated`: the graph's plan in QuantizationMode::Simulated.
[[nodiscard]] base::Result<std::map<std::string, double>> activationSqnr(runtime::Plan& simulated, const graph::Graph& graph,
                                                                         std::span<const c10::IValue> inputs);

} // namespace lathe::engine
