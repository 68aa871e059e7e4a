#include <map>

#include <core/graph/operands.h>
#include <core/runtime/plan_torch.h>
#include <core/runtime/weights_torch.h>

namespace lathe::runtime {

base::Result<> annotateShapes(graph::Graph& graph, std::span<const c10::IValue> inputs) {
    PlanOptions options;
    options.quantization = QuantizationMode::Simulated;
    auto plan = Plan::compile(graph, options);
    if (!plan) return base::forward(plan, {"while.findingShapes", {{"model", graph.name}}});
    const graph::UseIndex uses(graph);
    const auto annotate = [&](graph::ValueId id, const at::Tensor& tensor) {
        if (const graph::Node* producer = uses.producer(id)) {
            for (const graph::Operand& operand : producer->operands)
                graph::forEachValue(operand, [&](graph::ValueId read) { letGoOfWeight(graph.value(read)); });
        }
        graph::Value& value = graph.value(id);
        value.dtype = dtypeOf(tensor.scalar_type());
        value.shape = graph::dims(tensor.sizes().vec());
    };
    auto outputs = plan->runObserved(inputs, annotate);
    if (!outputs) return base::forward(outputs, {"while.findingShapes", {{"model", graph.name}}});
    for (graph::Value& value : graph.values) {
        if (value.kind != graph::ValueKind::Weight) continue;
        value.dtype = value.data.dtype();
        value.shape = graph::dims(value.data.shape());
    }
    return {};
}

namespace {

/// Copies an operand into another graph; weights come along.
base::Result<graph::Operand> copyOperand(const graph::Graph& from, const graph::Operand& operand, graph::Graph& to,
                                         std::map<graph::ValueId, graph::ValueId>& ids) {
    if (operand.isLiteral()) return operand;
    if (operand.isValue()) {
        const graph::Value& value = from.value(operand.value());
        if (value.kind != graph::ValueKind::Weight)
            return base::failure(base::ErrorCode::InvalidArgument, "The value " + value.name + " is not constant.");
        auto [found, isNew] = ids.emplace(operand.value(), -1);
        if (isNew) found->second = to.addWeight(value.name, value.data, value.isParameter);
        return graph::Operand(found->second);
    }
    std::vector<graph::Operand> list;
    for (const graph::Operand& element : std::get<std::vector<graph::Operand>>(operand.content)) {
        auto copy = copyOperand(from, element, to, ids);
        if (!copy) return copy;
        list.push_back(std::move(*copy));
    }
    return graph::Operand(std::move(list));
}

} // namespace

base::Result<std::vector<tensor::Tensor>> evaluate(const graph::Graph& graph, const graph::Node& node) {
    if (!node.blocks.empty()) return base::failure(base::ErrorCode::Unsupported, node.name + ": control flow is not evaluated.");
    graph::Graph single;
    single.name = graph.name;
    std::map<graph::ValueId, graph::ValueId> ids;
    std::vector<graph::Operand> operands;
    for (const graph::Operand& operand : node.operands) {
        auto copy = copyOperand(graph, operand, single, ids);
        if (!copy) return base::forward(copy, {"while.evaluating", {{"node", node.name}}});
        operands.push_back(std::move(*copy));
    }
    std::vector<graph::ValueId> results;
    for (const graph::ValueId result : node.results)
        results.push_back(single.addResult(graph.value(result).name, graph.value(result).type));
    graph::Node& copy = single.addNode(node.op, node.name, std::move(operands), 0);
    copy.results = results;
    for (const graph::ValueId result : results)
        single.main.outputs.emplace_back(result);

    PlanOptions options;
    options.quantization = QuantizationMode::Simulated;
    auto plan = Plan::compile(single, options);
    if (!plan) return base::forward(plan, {"while.evaluating", {{"node", node.name}}});
    auto outputs = plan->run({});
    if (!outputs) return base::forward(outputs, {"while.evaluating", {{"node", node.name}}});
    std::vector<tensor::Tensor> tensors;
    for (const c10::IValue& output : *outputs) {
        if (!output.isTensor()) return base::failure(base::ErrorCode::Unsupported, node.name + ": its result is not a tensor.");
        if (!dtypeOf(output.toTensor().scalar_type()))
            return base::failure(base::ErrorCode::Unsupported, node.name + ": its result has an element type that Lathe does not keep.");
        tensors.push_back(fromAten(output.toTensor()));
    }
    return tensors;
}

} // namespace lathe::runtime
