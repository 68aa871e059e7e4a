#include <core/formats/signature_names.h>

#include <algorithm>

#include <core/graph/operators/names.h>

namespace lathe::formats {

namespace {

void rename(graph::Graph& graph, graph::ValueId id, const std::string& name) {
    if (name.empty() || graph.value(id).name == name) return;
    graph.value(id).name.clear();
    graph.value(id).name = graph.freeValueName(name);
}

} // namespace

void nameInputs(graph::Graph& graph, const std::vector<std::string>& names) {
    if (names.size() != graph.main.inputs.size()) return;
    for (std::size_t index = 0; index < names.size(); ++index)
        rename(graph, graph.main.inputs[index], names[index]);
}

void nameOutputs(graph::Graph& graph, const std::vector<std::string>& names) {
    std::vector<graph::Operand> outputs = graph.main.outputs;
    if (outputs.size() == 1 && outputs.front().isValue()) {
        const graph::Node* producer = graph::UseIndex(graph).producer(outputs.front().value());
        if (producer != nullptr && producer->op == graph::op::tupleConstruct) outputs = producer->operands;
    }
    if (names.size() != outputs.size()) return;
    for (std::size_t index = 0; index < names.size(); ++index) {
        const graph::Operand& output = outputs[index];
        const bool isMade = output.isValue() && graph.value(output.value()).kind == graph::ValueKind::Result;
        if (isMade && std::ranges::count(outputs, output) == 1) rename(graph, output.value(), names[index]);
    }
}

} // namespace lathe::formats
