#pragma once

#include <optional>
#include <vector>

#include <core/runtime/batch_passes_torch.h>
#include <core/runtime/instruction_torch.h>
#include <core/runtime/operand_torch.h>
#include <core/runtime/plan_torch.h>
#include <core/runtime/weights_torch.h>

namespace lathe::runtime {

/// A compiled graph: everything that a plan runs.
struct Program {
    std::vector<graph::ValueId> inputs;
    std::vector<graph::TypeKind> inputTypes;
    WeightSet weights;
    Slots slots;                         ///< weights are filled in, all others are empty between runs
    std::vector<graph::ValueId> cleared; ///< slots to empty when a run ends or fails
    Sequence main;
    OperandList outputs;
    std::vector<InstructionInfo> infos;
    std::optional<BatchPasses> passes; ///< where calls may be done in several
};

/// Lowers (or not, as the options say) and compiles a graph.
[[nodiscard]] base::Result<Program> compileProgram(const graph::Graph& graph, const PlanOptions& options);

} // namespace lathe::runtime
