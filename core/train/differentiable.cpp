#include <core/data/model_fit.h>
#include <core/graph/operators/operator.h>
#include <core/train/differentiable_torch.h>

namespace lathe::train {

base::Result<> checkDifferentiable(const graph::Graph& graph, const data::Dataset& dataset, const char* code) {
    std::string quantized;
    graph::forEachNode(graph, [&](const graph::Node& node) {
        if (quantized.empty() && (graph::isQuantize(node.op) || graph::isDequantize(node.op))) quantized = node.name;
    });
    if (!quantized.empty()) {
        return base::failure(base::ErrorCode::Unsupported, base::Message(code, {{"node", quantized}}));
    }
    return data::checkFit(dataset, graph);
}

} // namespace lathe::train
