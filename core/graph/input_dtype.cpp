#include <core/graph/input_dtype.h>

#include <set>

#include <core/graph/layer_weight.h>
#include <core/graph/operators/convolution.h>
#include <core/graph/operators/lookup.h>
#include <core/graph/operators/names.h>
#include <core/graph/operators/operator.h>

namespace lathe::graph {

namespace {

bool handsValuesOn(std::string_view name, AcrossTypes acrossTypes) {
    if (acrossTypes == AcrossTypes::No && isOfFamily(name, Family::Conversion)) return false;
    const Operator* known = findOperator(name);
    return known != nullptr && (known->handsOn || name == op::add || name == op::addScalar || name == op::where);
}

} // namespace

void forReaders(const UseIndex& uses, ValueId start, AcrossTypes acrossTypes, const std::function<void(const Node&, int operand)>& visit) {
    std::set<ValueId> seen{start};
    std::vector<ValueId> waiting{start};
    while (!waiting.empty()) {
        const ValueId id = waiting.back();
        waiting.pop_back();
        for (const UseIndex::Use& use : uses.uses(id)) {
            if (use.node == nullptr) continue;
            visit(*use.node, use.operand);
            if (!handsValuesOn(use.node->op, acrossTypes)) continue;
            for (const ValueId result : use.node->results) {
                if (seen.insert(result).second) waiting.push_back(result);
            }
        }
    }
}

std::optional<tensor::DType> inputDType(const Graph& graph, const UseIndex& uses, ValueId input) {
    if (const auto declared = graph.value(input).dtype) return declared;
    std::optional<tensor::DType> found;
    forReaders(uses, input, AcrossTypes::No, [&](const Node& node, int operand) {
        if (node.op == op::embedding && isRole(node, operand, "indices")) found = tensor::DType::Int64;
        if (found || !isWeighted(node.op) || !isRole(node, operand, "input")) return;
        const auto info = layerWeightOf(graph, uses, node);
        // Of a quantized weight the stored type tells nothing of what the layer computes with.
        if (!info || info->dequantize != nullptr) return;
        const auto codebooks = info->lookup == nullptr ? std::nullopt : Lookup(*info->lookup).codebooks();
        found = graph.value(codebooks.value_or(info->weight)).data.dtype();
    });
    return found;
}

} // namespace lathe::graph
