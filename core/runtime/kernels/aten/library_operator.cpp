#include <core/runtime/kernels/aten/library_operator_torch.h>

#include <algorithm>

#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/jit/runtime/operator.h>

#include <core/graph/operands.h>
#include <core/graph/operators/names.h>
#include <core/graph/operators/outside_operators.h>
#include <core/runtime/kernels/kernel_context_torch.h>
#include <core/runtime/operand_torch.h>

namespace lathe::runtime {

namespace {

c10::OperatorName operatorName(const std::string& op) {
    const std::size_t space = op.find("::");
    const std::size_t dot = op.find('.', space == std::string::npos ? 0 : space);
    if (dot == std::string::npos) return {op, ""};
    return {op.substr(0, dot), op.substr(dot + 1)};
}

/// TorchScript's operators of that name: with the overload asked for, or all when none is named.
std::vector<std::shared_ptr<torch::jit::Operator>> jitOperators(const c10::OperatorName& name) {
    std::vector<std::shared_ptr<torch::jit::Operator>> operators;
    if (name.name.find("::") == std::string::npos) return operators;
    for (const auto& candidate : torch::jit::getAllOperatorsFor(c10::Symbol::fromQualString(name.name))) {
        if (name.overload_name.empty() || candidate->schema().overload_name() == name.overload_name) operators.push_back(candidate);
    }
    return operators;
}

bool readsTensors(const graph::Graph& graph, const graph::Node& node) {
    return std::ranges::any_of(node.operands, [&](const graph::Operand& operand) {
        bool found = false;
        graph::forEachValue(operand, [&](graph::ValueId id) { found = found || graph.value(id).type == graph::TypeKind::Tensor; });
        return found;
    });
}

/// A call whose operands and results travel on a stack that is kept between runs.
template<class Call>
class StackInstruction final : public Instruction {
public:
    StackInstruction(Call call, OperandList operands, std::vector<graph::ValueId> results)
        : m_call(std::move(call)), m_operands(std::move(operands)), m_results(std::move(results)) {
        m_stack.reserve(std::max(m_operands.size(), m_results.size()) + 1);
    }

    void run(Execution& execution) override {
        m_stack.clear(); // a call that threw leaves its operands behind
        m_operands.push(execution.slots(), m_stack);
        m_call(m_stack);
        for (std::size_t index = 0; index < m_results.size(); ++index)
            execution.slot(m_results[index]) = std::move(m_stack[index]);
        m_stack.clear();
    }

private:
    Call m_call;
    OperandList m_operands;
    std::vector<graph::ValueId> m_results;
    torch::jit::Stack m_stack;
};

template<class Call>
std::unique_ptr<Instruction> makeStackInstruction(Call call, OperandList operands, const graph::Node& node) {
    return std::make_unique<StackInstruction<Call>>(std::move(call), std::move(operands), node.results);
}

std::string_view shortName(std::string_view op) {
    const std::size_t space = op.find("::");
    return space == std::string_view::npos ? op : op.substr(space + 2);
}

bool returnsFit(const c10::FunctionSchema& schema, const graph::Node& node) {
    return schema.is_varret() || schema.returns().size() == node.results.size();
}

Made unknown(const graph::Node& node) {
    if (node.source.line <= 0)
        return base::failure(base::ErrorCode::Unsupported, {"operator.nodeHasNoKernel", {{"node", node.name}, {"op", node.op}}});
    const std::string place = node.source.file + ":" + std::to_string(node.source.line);
    return base::failure(base::ErrorCode::Unsupported,
                         {"operator.nodeAtHasNoKernel", {{"node", node.name}, {"op", node.op}, {"place", place}}});
}

} // namespace

const c10::FunctionSchema* findSchema(const graph::Node& node) {
    const c10::OperatorName name = operatorName(node.op);
    if (const auto handle = c10::Dispatcher::singleton().findSchema(name)) return &handle->schema();
    const auto operators = jitOperators(name);
    return operators.empty() ? nullptr : &operators.front()->schema();
}

Made makeOperator(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    if (graph::reachesOutside(node.op)) {
        return base::failure(base::ErrorCode::Unsupported, {"operator.nodeReachesOutside", {{"node", node.name}, {"op", node.op}}});
    }
    const c10::OperatorName name = operatorName(node.op);
    std::optional<base::Error> reason;
    const auto tryBind = [&](const c10::FunctionSchema& schema) -> std::optional<OperandList> {
        if (!returnsFit(schema, node)) {
            reason = base::Error{base::ErrorCode::Rejected,
                                 schema.name() + " has " + std::to_string(schema.returns().size()) + " results, not " +
                                     std::to_string(node.results.size()) + ".",
                                 {}};
            return std::nullopt;
        }
        auto operands = bindOperands(context.lowered.graph, node.operands, schema, context.device);
        if (!operands) {
            reason = operands.error();
            return std::nullopt;
        }
        return std::move(*operands);
    };

    if (const auto handle = c10::Dispatcher::singleton().findSchema(name)) {
        if (auto operands = tryBind(handle->schema())) {
            info.kernel = std::string("ATen ").append(shortName(node.op));
            return makeStackInstruction([op = *handle](torch::jit::Stack& stack) { op.callBoxed(stack); }, std::move(*operands), node);
        }
    }
    auto operators = jitOperators(name);
    // Of numbers the one that has no name, "div" of a float and an int: others take their operands, too. Of tensors it is none.
    if (!readsTensors(context.lowered.graph, node))
        std::ranges::stable_partition(operators, [&](const auto& each) { return each->schema().overload_name() == name.overload_name; });
    for (const auto& candidate : operators) {
        if (candidate->schema().is_vararg()) continue;
        if (auto operands = tryBind(candidate->schema())) {
            info.kernel = std::string(candidate->isC10Op() ? "ATen " : "TorchScript ").append(shortName(node.op));
            return makeStackInstruction([operation = candidate->getOperation()](torch::jit::Stack& stack) mutable { operation(stack); },
                                        std::move(*operands), node);
        }
    }
    if (!reason) return unknown(node);
    return base::failure(reason->code, {"model.atNode", {{"node", node.name}, {"problem", reason->message}}});
}

KernelDefinition libraryOperator() {
    // Besides all that no kernel names: what others compute as well.
    return {
        .id = "aten.operator", .words = "ATen", .ops = {graph::op::conv2d, graph::op::linear}, .accepts = acceptsAll, .make = makeOperator};
}

} // namespace lathe::runtime
