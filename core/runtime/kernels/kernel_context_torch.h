#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

#include <core/runtime/instruction_torch.h>
#include <core/runtime/kernels/kernel.h>
#include <core/runtime/lowering/lower.h>
#include <core/runtime/plan_torch.h>

namespace lathe::runtime {

class KernelChoices;

/// What kernels depend on of the machine that a plan is made for.
struct Machine {
    bool hasVnni = false; ///< cpuHasVnni()
    int threads = 1;      ///< that kernels will use

    [[nodiscard]] static Machine here() { return {cpuHasVnni(), runtime::threads()}; }
};

/// What a kernel may know of the plan that it is asked for.
struct KernelContext {
    const Lowered& lowered;
    const PlanOptions& options;
    at::Device device;
    const Slots& slots; ///< weights are loaded
    Machine machine = Machine::here();
    KernelChoices* choices = nullptr;                ///< times of kernels; nullptr: the cheapest is taken, unmeasured
    const std::vector<bool>* channelsLast = nullptr; ///< of plans that choose by time: channelsLastValues()

    /// May this image in floats lie in channels-last order?
    [[nodiscard]] bool mayBeChannelsLast(graph::ValueId id) const {
        return channelsLast != nullptr && (*channelsLast)[static_cast<std::size_t>(id)];
    }
    [[nodiscard]] const at::Tensor& weight(graph::ValueId id) const { return slots[static_cast<std::size_t>(id)].toTensor(); }
};

/// For kernels that compute every node of their operators.
[[nodiscard]] inline Verdict acceptsAll(const KernelContext&, const graph::Node&) { return Verdict::accepted(1); }

namespace detail {
template<class Function>
class FunctionInstruction final : public Instruction {
public:
    FunctionInstruction(Function function, std::vector<graph::ValueId> held) : m_function(std::move(function)), m_held(std::move(held)) {}
    void run(Execution& execution) override { m_function(execution); }
    [[nodiscard]] std::vector<graph::ValueId> heldWeights() const override { return m_held; }

private:
    Function m_function;
    std::vector<graph::ValueId> m_held;
};
} // namespace detail

/// An instruction from a function object `void(Execution&)`. `held`: Instruction::heldWeights().
template<class Function>
[[nodiscard]] std::unique_ptr<Instruction> makeInstruction(Function function, std::vector<graph::ValueId> held = {}) {
    return std::make_unique<detail::FunctionInstruction<Function>>(std::move(function), std::move(held));
}

} // namespace lathe::runtime
