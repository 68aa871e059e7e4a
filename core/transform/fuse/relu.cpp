#include <core/transform/fuse/relu.h>

#include <map>
#include <set>

#include <core/transform/rewrite.h>

namespace lathe::transform {

int fuseRelu(graph::Graph& graph, std::string_view layerOp, std::string_view fusedOp) {
    std::map<std::string, std::vector<graph::ValueId>> fused; // layer → results of its relu
    std::set<std::string> relus;
    {
        const graph::UseIndex uses(graph);
        graph::forEachNode(std::as_const(graph), [&](const graph::Node& node) {
            // In place or not makes no difference when nobody else sees the input.
            if (node.op != "aten::relu" && node.op != "aten::relu_") return;
            if (node.operands.empty() || !node.operands[0].isValue()) return;
            const graph::ValueId input = node.operands[0].value();
            const graph::Node* layer = uses.producer(input);
            if (layer == nullptr || layer->op != layerOp || uses.uses(input).size() != 1) return;
            fused[layer->name] = node.results;
            relus.insert(node.name);
        });
    }
    graph::forEachNode(graph, [&](graph::Node& node) {
        const auto found = fused.find(node.name);
        if (found == fused.end()) return;
        node.op = fusedOp;
        node.results = found->second;
    });
    eraseNodes(graph, relus);
    graph::compact(graph);
    return static_cast<int>(fused.size());
}

} // namespace lathe::transform
