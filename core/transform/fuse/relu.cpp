#include <core/transform/fuse/relu.h>

#include <core/graph/editor.h>
#include <core/graph/operators/call.h>
#include <core/graph/operators/names.h>

namespace lathe::transform {

int fuseRelu(graph::Graph& graph, std::string_view layerOp, std::string_view fusedOp) {
    int fused = 0;
    graph::Editor editor(graph);
    graph::forEachNode(graph, [&](graph::Node& node) {
        // In place or not makes no difference when nobody else sees the input.
        if (node.op != graph::op::relu && node.op != graph::op::reluInPlace) return;
        const auto input = graph::mainInput(node);
        graph::Node* layer = input ? editor.producer(*input) : nullptr;
        if (layer == nullptr || layer->op != layerOp || editor.useCount(*input) != 1) return;
        layer->op = fusedOp;
        editor.setResults(*layer, node.results);
        editor.erase(node);
        ++fused;
    });
    editor.finish();
    graph::compact(graph);
    return fused;
}

} // namespace lathe::transform
