#include <core/engine/export_notes.h>

#include <algorithm>

#include <core/formats/format_table.h>
#include <core/graph/operators/call.h>
#include <core/graph/operators/names.h>

namespace lathe::engine {

namespace {

using formats::IntegerKernels;

/// Input and weight come from dequantize nodes, the result goes into an addition. ONNX Runtime has integer products with float results, but
/// no such convolutions.
bool isAddedAsFloat(const graph::UseIndex& uses, const graph::Node& layer, IntegerKernels kernels) {
    if (!graph::isWeighted(layer.op) || layer.results.size() != 1) return false;
    if (kernels == IntegerKernels::LayersAndProducts && graph::isLinear(layer.op)) return false;
    for (const std::string_view role : {"input", "weight"}) {
        const auto value = graph::Call(layer).value(role);
        const graph::Node* producer = value ? uses.producer(*value) : nullptr;
        if (producer == nullptr || (producer->op != graph::op::dequantizePerTensor && producer->op != graph::op::dequantizePerChannel))
            return false;
    }
    return std::ranges::any_of(uses.uses(layer.results.front()),
                               [](const graph::UseIndex::Use& use) { return use.node != nullptr && use.node->op == graph::op::add; });
}

} // namespace

std::vector<base::Message> exportNotes(const graph::Graph& graph, std::string_view format) {
    const IntegerKernels kernels = formats::formatSpec(format).integerKernels;
    if (kernels == IntegerKernels::None) return {}; // PyTorch runs the QDQ of these in float anyway
    const graph::UseIndex uses(graph);
    const auto count =
        std::ranges::count_if(graph.main.nodes, [&](const graph::Node& node) { return isAddedAsFloat(uses, node, kernels); });
    if (count == 0) return {};
    return {base::Message("export.addedAsFloat", {{"layers", count}})};
}

} // namespace lathe::engine
