#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include <core/base/message.h>
#include <core/base/result.h>
#include <core/graph/graph.h>

namespace lathe::runtime {

class Instruction;
struct InstructionInfo;
struct KernelContext;

/// An instruction, or the sentence why there is none; it names the node.
using Made = base::Result<std::unique_ptr<Instruction>>;

/// What a kernel says to a node.
class Verdict {
public:
    /// It computes such a node. `cost` is what it takes in comparison with others that could: 1 for a kernel that is made for this form, 2
    /// for one that is known to take about twice as long. `why` is told to people who ask for the reason; it may be empty.
    [[nodiscard]] static Verdict accepted(double cost, base::Message why = {}) { return {Kind::Accepted, cost, std::move(why)}; }
    /// It computes layers of this kind, but not this one.
    [[nodiscard]] static Verdict refused(base::Message reason) { return {Kind::Refused, 0, std::move(reason)}; }
    /// It is for something else, which nobody needs to be told.
    [[nodiscard]] static Verdict otherKind() { return {Kind::Other, 0, {}}; }

    [[nodiscard]] bool isAccepted() const { return m_kind == Kind::Accepted; }
    [[nodiscard]] bool isRefused() const { return m_kind == Kind::Refused; }
    [[nodiscard]] double cost() const { return m_cost; }
    /// Why it takes the node, or why not.
    [[nodiscard]] const base::Message& reason() const { return m_reason; }

private:
    enum class Kind { Accepted, Refused, Other };
    Verdict(Kind kind, double cost, base::Message reason) : m_kind(kind), m_cost(cost), m_reason(std::move(reason)) {}

    Kind m_kind;
    double m_cost;
    base::Message m_reason;
};

/// A kernel: one row of the table (kernel_table.cpp), made in the kernel's own file. All functions may be called from any thread.
struct KernelDefinition {
    std::string_view id;               ///< "fbgemm.int8_layer": whose it is, and what; stands in files of choices
    std::string_view words;            ///< its name for people, who also read it in reasons
    std::vector<std::string_view> ops; ///< operators of lowered graphs that it computes some nodes of
    Verdict (*accepts)(const KernelContext& context, const graph::Node& node);
    /// Only called for nodes that it accepts. `info` comes with node, op, covers and reason; fills in kernel and, where it only simulates
    /// integers, isReal.
    Made (*make)(const KernelContext& context, const graph::Node& node, InstructionInfo& info);
    /// Its results are not ATen's to the last bit: only for plans of mayRoundDifferently() (choose_kernel_torch.h).
    bool roundsDifferently = false;
};

} // namespace lathe::runtime
