#pragma once

#include <vector>

#include <core/runtime/instruction_torch.h>
#include <core/runtime/lowering/lower.h>
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
};

/// Lowers (or not, as the options say) and compiles a graph.
[[nodiscard]] base::Result<Program> compileProgram(const graph::Graph& graph, const PlanOptions& options);

/// What a kernel's factory may know. `info` comes with node, op, covers and reason; the factory fills in kernel, and corrects isReal and
/// reason.
struct KernelContext {
    const Lowered& lowered;
    const PlanOptions& options;
    at::Device device;
    const Slots& slots; ///< weights are loaded
};
using KernelFactory = base::Result<std::unique_ptr<Instruction>> (*)(const KernelContext& context, const graph::Node& node,
                                                                     InstructionInfo& info);

namespace detail {
template<class Function>
class FunctionInstruction final : public Instruction {
public:
    explicit FunctionInstruction(Function function) : m_function(std::move(function)) {}
    void run(Execution& execution) override { m_function(execution); }

private:
    Function m_function;
};
} // namespace detail

/// An instruction from a function object `void(Execution&)`.
template<class Function>
[[nodiscard]] std::unique_ptr<Instruction> makeInstruction(Function function) {
    return std::make_unique<detail::FunctionInstruction<Function>>(std::move(function));
}

/// Any operator of PyTorch by name: through the dispatcher, or TorchScript's own operators ("prim::NumToTensor", "aten::len").
[[nodiscard]] base::Result<std::unique_ptr<Instruction>> makeOperator(const KernelContext& context, const graph::Node& node,
                                                                      InstructionInfo& info);
/// The factory of an operator that Lathe implements itself; nullptr for all others.
[[nodiscard]] KernelFactory findQdqKernel(const std::string& op);
[[nodiscard]] KernelFactory findFusedKernel(const std::string& op);
[[nodiscard]] KernelFactory findStructuralKernel(const std::string& op);
[[nodiscard]] KernelFactory findInt8Kernel(const std::string& op);

/// The schema of an operator node; nullptr for ours and for prim:: operators without one.
[[nodiscard]] const c10::FunctionSchema* findSchema(const graph::Node& node);

} // namespace lathe::runtime
