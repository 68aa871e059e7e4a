#include <core/formats/returned_tuple.h>

#include <algorithm>

namespace lathe::formats {

void returnElements(graph::Graph& graph) {
    if (graph.main.outputs.size() != 1 || !graph.main.outputs.front().isValue()) return;
    const graph::ValueId returned = graph.main.outputs.front().value();
    auto& nodes = graph.main.nodes;
    const auto tuple = std::ranges::find_if(nodes, [returned](const graph::Node& node) {
        return node.op == "prim::TupleConstruct" && node.results.size() == 1 && node.results.front() == returned;
    });
    if (tuple == nodes.end() || tuple->operands.size() < 2) return;
    const bool holdsTensors = std::ranges::all_of(tuple->operands, [&](const graph::Operand& element) {
        return element.isValue() && graph.value(element.value()).type == graph::TypeKind::Tensor;
    });
    if (!holdsTensors) return;
    graph.main.outputs = tuple->operands;
    if (graph::UseIndex(graph).uses(returned).empty()) nodes.erase(tuple);
}

} // namespace lathe::formats
