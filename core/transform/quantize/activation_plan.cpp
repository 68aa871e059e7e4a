#include <core/transform/quantize/activation_plan.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include <core/graph/node_index.h>
#include <core/graph/operators/arithmetic.h>
#include <core/graph/operators/names.h>

namespace lathe::transform {

namespace {

using graph::Graph;
using graph::Node;
using graph::ValueId;

/// The result lies within the range of the input, and integers need no new scale; the lowering goes by the same.
bool keepsRange(const Node& node) {
    const graph::Operator* known = graph::findOperator(node.op);
    return known != nullptr && known->runsOnBytes && known->grid != graph::GridRule::Cuts && !graph::mayTrain(node);
}

/// A relu right behind a layer, which nobody else reads, can be quantized away: the layer's integers start at zero.
bool isRelUOfLayer(const graph::UseIndex& uses, const Node& node) {
    const auto input = node.op == graph::op::relu || node.op == graph::op::reluInPlace ? graph::mainInput(node) : std::nullopt;
    const Node* layer = input ? uses.producer(*input) : nullptr;
    return layer != nullptr && graph::isWeighted(layer->op) && uses.uses(*input).size() == 1;
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
            const auto input = graph::mainInput(*producer);
            if (!input || !m_order.contains(*input)) break;
            chain.push_back(*input);
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
            const graph::Addition addition(node);
            if (node.op != graph::op::add || !isComputed(addition.left()) || !isComputed(addition.right())) continue;
            const std::array sides{addition.left().value(), addition.right().value()};
            std::string layer;
            for (const ValueId side : sides) {
                const Node* producer = m_uses.producer(side);
                const bool isLayer = producer != nullptr && layers.contains(producer->name);
                if (isLayer && layer.empty()) layer = producer->name;
            }
            if (layer.empty()) continue;
            for (const ValueId side : sides)
                add(side, layer);
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
        if (const auto input = graph::mainInput(*nodes.find(name))) plan.add(*input, name).readers.push_back(name);
    }
    if (residuals == Residuals::Quantized) plan.addOperandsOfAdditions(layers);
    return plan.finish();
}

} // namespace lathe::transform
