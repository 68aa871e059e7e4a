#include <core/graph/model_outputs.h>

#include <core/graph/operators/names.h>

namespace lathe::graph {

namespace {

void collect(const UseIndex& uses, const std::string& key, const Operand& operand, std::vector<ModelOutput>& outputs) {
    const auto collectAll = [&](const std::vector<Operand>& elements) {
        for (std::size_t index = 0; index < elements.size(); ++index)
            collect(uses, key.empty() ? "" : key + "." + std::to_string(index), elements[index], outputs);
    };
    if (const auto* list = std::get_if<std::vector<Operand>>(&operand.content)) return collectAll(*list);
    const Node* producer = operand.isValue() ? uses.producer(operand.value()) : nullptr;
    if (producer != nullptr && producer->operands.empty()) producer = nullptr; // what begins empty is filled while the model runs
    if (producer != nullptr && (producer->op == op::tupleConstruct || producer->op == op::listConstruct)) {
        collectAll(producer->operands);
    } else if (producer != nullptr && producer->op == op::dictConstruct) {
        for (std::size_t index = 0; index + 1 < producer->operands.size(); index += 2) {
            const std::string name = producer->operands[index].literal<std::string>().value_or(std::to_string(index / 2));
            collect(uses, key.empty() ? name : key + "." + name, producer->operands[index + 1], outputs);
        }
    } else if (!operand.isNone()) {
        outputs.push_back({key, operand});
    }
}

} // namespace

std::vector<ModelOutput> modelOutputs(const Graph& graph, const UseIndex& uses) {
    std::vector<ModelOutput> outputs;
    for (const Operand& output : graph.main.outputs)
        collect(uses, "", output, outputs);
    return outputs;
}

std::vector<std::string> outputNames(const Graph& graph) {
    std::vector<std::string> names;
    for (const ModelOutput& output : modelOutputs(graph, UseIndex(graph)))
        names.push_back(!output.key.empty() || !output.operand.isValue() ? output.key : graph.value(output.operand.value()).name);
    return names;
}

} // namespace lathe::graph
