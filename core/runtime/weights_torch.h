#pragma once

#include <map>
#include <string>
#include <vector>

#include <core/graph/graph.h>
#include <core/runtime/instruction_torch.h>
#include <core/runtime/plan_torch.h>

namespace lathe::runtime {

/// The weights of a plan on its device. Tied weights (same storage and view) stay one tensor.
class WeightSet {
public:
    /// Fills the slots of all weights. On the CPU the bytes are shared with the graph, unless the plan is for training or an operator of
    /// the graph may write into a weight: then they are copied, because the graph's storage is immutable.
    void load(const graph::Graph& graph, const PlanOptions& options, Slots& slots);

    /// Those of plans for training; others do not change, and keep them in their slots only.
    /// Parameters that require gradients, tied ones once, under the first name.
    [[nodiscard]] std::map<std::string, at::Tensor> parameters() const;
    void store(graph::Graph& graph) const;

private:
    std::vector<std::pair<std::string, at::Tensor>> m_weights;
};

/// Gives back the memory of a weight that is that of a mapped file, until it is read again: it has been packed, or will not be read for a
/// while. Other values stay.
void letGoOfWeight(const graph::Value& value);

} // namespace lathe::runtime
