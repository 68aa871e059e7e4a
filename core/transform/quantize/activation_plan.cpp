#include <core/transform/quantize/activation_plan.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include <core/graph/node_index.h>
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

/// Collects classes; values that are the same numbers in other places meet in one.
class Plan {
public:
    explicit Plan(const Graph& graph) : m_graph(graph), m_uses(graph) {
        for (const ValueId input : graph.main.inputs)
            m_order.emplace(input, m_order.size());
        for (const Node& node : graph.main.nodes) {
            for (const ValueId result : node.results)
                m_order.emplace(result, m_order.size());
        }
    }

    /// The value is read as integers; `layer` tells the settings if nobody has before.
    ActivationClass& add(ValueId value, const std::string& layer) {
        if (const auto known = m_classOf.find(value); known != m_classOf.end()) return m_classes[known->second];
        std::vector<ValueId> chain{value};
        ValueId observed = -1;
        // Up to the root of the class, or to a value that another reader has led to already: no value is walked over twice.
        while (const Node* producer = m_uses.producer(chain.back())) {
            const bool isRelu = isRelUOfLayer(m_uses, *producer);
            if (isRelu) observed = chain.back(); // what it cuts off does not count
            if (!isRelu && !keepsRange(*producer)) break;
            if (!producer->operands[0].isValue() || !m_order.contains(producer->operands[0].value())) break;
            chain.push_back(producer->operands[0].value());
            if (m_classOf.contains(chain.back())) break;
        }
        const ValueId root = chain.back();
        const auto [found, isNew] = m_classOf.try_emplace(root, m_classes.size());
        const std::size_t index = found->second;
        if (isNew) m_classes.push_back({{root}, observed < 0 ? root : observed, {}, layer});
        chain.pop_back();
        for (const ValueId each : chain) {
            m_classOf.emplace(each, index);
            m_classes[index].values.push_back(each);
        }
        return m_classes[index];
    }

    void addOperandsOfAdditions(const std::vector<std::string>& names) {
        const std::unordered_set<std::string_view> layers(names.begin(), names.end());
        for (const Node& node : m_graph.main.nodes) {
            if (node.op != "aten::add.Tensor" || !isComputed(node.operands[0]) || !isComputed(node.operands[1])) continue;
            std::string layer;
            for (const std::size_t side : {0U, 1U}) {
                const Node* producer = m_uses.producer(node.operands[side].value());
                const bool isLayer = producer != nullptr && layers.contains(producer->name);
                if (isLayer && layer.empty()) layer = producer->name;
            }
            if (layer.empty()) continue;
            for (const std::size_t side : {0U, 1U})
                add(node.operands[side].value(), layer);
        }
    }

    std::vector<ActivationClass> finish() {
        for (ActivationClass& same : m_classes)
            std::ranges::sort(same.values, {}, [&](ValueId value) { return m_order.at(value); });
        return std::move(m_classes);
    }

private:
    /// By a node of the main block, or an input: there is one rounding for each run, and a place for it.
    bool isComputed(const graph::Operand& operand) const { return operand.isValue() && m_order.contains(operand.value()); }

    const Graph& m_graph;
    graph::UseIndex m_uses;
    std::unordered_map<ValueId, std::size_t> m_order; ///< inputs and results of the main block
    std::vector<ActivationClass> m_classes;
    std::unordered_map<ValueId, std::size_t> m_classOf; ///< of every value in a class
};

} // namespace

std::vector<ActivationClass> planActivations(const Graph& graph, const std::vector<std::string>& layers, Residuals residuals) {
    Plan plan(graph);
    const graph::NodeIndex nodes(graph);
    for (const std::string& name : layers) {
        const graph::Operand& input = nodes.find(name)->operands[0];
        if (input.isValue()) plan.add(input.value(), name).readers.push_back(name);
    }
    if (residuals == Residuals::Quantized) plan.addOperandsOfAdditions(layers);
    return plan.finish();
}

} // namespace lathe::transform
