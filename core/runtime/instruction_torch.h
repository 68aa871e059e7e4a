#pragma once

#include <memory>
#include <string>
#include <vector>

#include <ATen/core/ivalue.h>

#include <core/graph/graph.h>

namespace lathe::runtime {

/// The values of a running plan: one for each value of the graph, indexed by ValueId. Blocks of control flow share it, because ids are
/// unique.
using Slots = std::vector<c10::IValue>;

class Execution;

/// One bound call: operands and results are slots and constants fixed at compile time. Throws what its kernel throws.
class Instruction {
public:
    virtual ~Instruction() = default;
    virtual void run(Execution& execution) = 0;
    /// Weights that it holds itself, packed or not: it reads their slots no more, so that a plan has them once.
    [[nodiscard]] virtual std::vector<graph::ValueId> heldWeights() const { return {}; }
};

/// An instruction in its sequence.
struct Step {
    std::unique_ptr<Instruction> instruction;
    int info = 0;                        ///< index into Plan::instructions()
    std::vector<graph::ValueId> results; ///< slots that it fills
    std::vector<graph::ValueId> release; ///< slots that nobody reads after it
};

/// The compiled form of a block. Outputs are stored in the owner, which knows what to do with them.
using Sequence = std::vector<Step>;

/// Told about every step; only paid for when somebody watches.
class Watcher {
public:
    virtual ~Watcher() = default;
    virtual void before(const Step& step) = 0;
    virtual void after(const Step& step, const Slots& slots) = 0;
};

/// One run of a plan: the slots, and who watches.
class Execution {
public:
    Execution(Slots& slots, Watcher* watcher) : m_slots(slots), m_watcher(watcher) {}

    void run(const Sequence& sequence);
    [[nodiscard]] Slots& slots() { return m_slots; }
    [[nodiscard]] c10::IValue& slot(graph::ValueId id) { return m_slots[static_cast<std::size_t>(id)]; }
    [[nodiscard]] const at::Tensor& tensor(graph::ValueId id) const { return m_slots[static_cast<std::size_t>(id)].toTensor(); }
    /// The step that runs or has just failed; nullptr before the first.
    [[nodiscard]] const Step* current() const { return m_current; }

private:
    Slots& m_slots;
    Watcher* m_watcher;
    const Step* m_current = nullptr;
};

} // namespace lathe::runtime
