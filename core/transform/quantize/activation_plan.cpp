#include <core/transform/quantize/activation_plan.h>

#include <algorithm>
#include <array>
#include <map>

#include <core/graph/ops.h>
#include <core/transform/rewrite.h>

namespace lathe::transform {

namespace {

using graph::Graph;
using graph::Node;
using graph::ValueId;

/// Operators whose results lie within the range of their input, and for which integers need no new scale.
constexpr std::array<std::string_view, 17> rangeKeeping{
    "max_pool1d", "max_pool2d", "max_pool3d", "avg_pool1d",          "avg_pool2d", "avg_pool3d",
    "flatten",    "view",       "reshape",    "adaptive_avg_pool2d", "permute",    "transpose",
    "squeeze",    "unsqueeze",  "contiguous", "adaptive_avg_pool1d", "dropout"};

bool keepsRange(const Node& node) {
    if (!node.op.starts_with("aten::") || std::ranges::find(rangeKeeping, baseName(node.op)) == rangeKeeping.end()) return false;
    if (baseName(node.op) != "dropout") return true;
    return node.operands.size() > 2 && node.operands[2].literal<bool>() == false;
}

/// A relu right behind a layer, which nobody else reads, can be quantized away: the layer's integers start at zero.
bool isRelUOfLayer(const graph::UseIndex& uses, const Node& node) {
    if (baseName(node.op) != "relu" || !node.op.starts_with("aten::") || !node.operands[0].isValue()) return false;
    const ValueId input = node.operands[0].value();
    const Node* layer = uses.producer(input);
    return layer != nullptr && graph::isWeighted(layer->op) && uses.uses(input).size() == 1;
}

} // namespace

std::vector<ActivationClass> planActivations(const Graph& graph, const std::vector<std::string>& layers) {
    const graph::UseIndex uses(graph);
    std::map<ValueId, std::size_t> order; // inputs and results of the main block
    for (const ValueId input : graph.main.inputs)
        order.emplace(input, order.size());
    for (const Node& node : graph.main.nodes) {
        for (const ValueId result : node.results)
            order.emplace(result, order.size());
    }

    std::vector<ActivationClass> classes;
    std::map<ValueId, std::size_t> classOfRoot;
    for (const std::string& name : layers) {
        const graph::Operand& input = graph.findNode(name)->operands[0];
        if (!input.isValue()) continue;
        std::vector<ValueId> chain{input.value()};
        ValueId observed = -1;
        while (const Node* producer = uses.producer(chain.back())) {
            const bool isRelu = isRelUOfLayer(uses, *producer);
            if (isRelu) observed = chain.back(); // what it cuts off does not count
            if (!isRelu && !keepsRange(*producer)) break;
            if (!producer->operands[0].isValue() || !order.contains(producer->operands[0].value())) break;
            chain.push_back(producer->operands[0].value());
        }
        const ValueId root = chain.back();
        const auto [found, isNew] = classOfRoot.try_emplace(root, classes.size());
        if (isNew) classes.push_back({{}, observed < 0 ? root : observed, {}});
        ActivationClass& same = classes[found->second];
        same.readers.push_back(name);
        for (const ValueId value : chain) {
            if (std::ranges::find(same.values, value) == same.values.end()) same.values.push_back(value);
        }
    }
    for (ActivationClass& same : classes)
        std::ranges::sort(same.values, {}, [&](ValueId value) { return order.at(value); });
    return classes;
}

} // namespace lathe::transform
