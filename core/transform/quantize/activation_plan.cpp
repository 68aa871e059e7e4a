#include <core/transform/quantize/activation_plan.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include <core/graph/node_index.h>
#include <core/graph/operands.h>
#include <core/graph/operators/arithmetic.h>
#include <core/graph/operators/integers.h>
#include <core/graph/operators/names.h>
#include <core/transform/quantize/written_values.h>

namespace lathe::transform {

namespace {

using graph::Graph;
using graph::Node;
using graph::ValueId;

/// The result lies within the range of the input, and integers need no new scale; the lowering goes by the same. The mean of a whole image
/// lies in a much smaller range, which gets a scale of its own.
bool keepsRange(const Node& node) {
    const graph::Operator* known = graph::findOperator(node.op);
    return known != nullptr && known->runsOnBytes && known->grid != graph::GridRule::Cuts && !graph::mayTrain(node) &&
           !graph::meansOverImages(node);
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
    Plan(const Graph& graph, const std::vector<std::string>& layers)
        : m_graph(graph), m_uses(graph), m_layers(layers.begin(), layers.end()) {
        for (const ValueId input : graph.main.inputs)
            m_order.emplace(input, m_order.size());
        for (const Node& node : graph.main.nodes) {
            for (const ValueId result : node.results)
                m_order.emplace(result, m_order.size());
            if (node.results.size() == 1 && makesIntegers(node)) m_integers.insert(node.results[0]);
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
        if (isNew) addOperandsOf(root, layer);
        return m_classes[index];
    }

    /// Of two layers whose results are added and go nowhere else the later one does it; the other hands on bytes, a quarter of what floats
    /// would be to write and read.
    void addOtherLayersOfAdditions() {
        for (const Node& node : m_graph.main.nodes) {
            const auto pair = node.op == graph::op::add ? pairOf(node) : std::nullopt;
            const bool areLayers = pair && std::ranges::all_of(*pair, [&](ValueId side) {
                                       const Node* producer = m_uses.producer(side);
                                       return producer != nullptr && isLayer(*producer) && graph::hasIntegerLayer(producer->op) &&
                                              m_uses.uses(side).size() == 1;
                                   });
            if (!areLayers || (*pair)[0] == (*pair)[1]) continue;
            const ValueId other = std::ranges::min(*pair, {}, [&](ValueId side) { return m_order.at(side); });
            add(other, m_uses.producer(other)->name);
        }
    }

    void addOperandsOfAdditions() {
        for (const Node& node : m_graph.main.nodes) {
            const graph::Addition addition(node);
            if (node.op != graph::op::add || !isComputed(addition.left()) || !isComputed(addition.right())) continue;
            const std::array sides{addition.left().value(), addition.right().value()};
            std::string layer;
            for (const ValueId side : sides) {
                const Node* producer = m_uses.producer(side);
                if (producer != nullptr && isLayer(*producer) && layer.empty()) layer = producer->name;
            }
            if (layer.empty()) continue;
            for (const ValueId side : sides)
                add(side, layer);
        }
    }

    std::vector<ActivationClass> finish() {
        for (ActivationClass& same : m_classes) {
            std::ranges::sort(same.values, {}, [&](ValueId value) { return m_order.at(value); });
            same.limits = limitsOf(same);
        }
        return std::move(m_classes);
    }

private:
    [[nodiscard]] bool isLayer(const Node& node) const { return m_layers.contains(node.name); }

    /// The two values of a sum or product that the runtime has on integers; nothing for other nodes.
    [[nodiscard]] std::optional<std::array<ValueId, 2>> pairOf(const Node& node) const {
        if (node.op != graph::op::add && node.op != graph::op::mul) return std::nullopt;
        const graph::Addition pair(node); // a product calls its operands the same
        if (!isComputed(pair.left()) || !isComputed(pair.right()) || (node.op == graph::op::add && !pair.isPlain())) return std::nullopt;
        return std::array{pair.left().value(), pair.right().value()};
    }

    [[nodiscard]] static std::vector<ValueId> partsOf(const Node& concatenation) {
        std::vector<ValueId> parts;
        graph::forEachValue(graph::mainOperand(concatenation), [&](ValueId part) { parts.push_back(part); });
        return parts;
    }

    /// A layer whose result goes nowhere else adds the other value itself, without rounding its own before.
    [[nodiscard]] bool isTakenIn(const Node& addition, const std::array<ValueId, 2>& pair) const {
        return addition.op == graph::op::add && std::ranges::any_of(pair, [&](ValueId side) {
                   const Node* producer = m_uses.producer(side);
                   return producer != nullptr && isLayer(*producer) && m_uses.uses(side).size() == 1;
               });
    }

    /// A relu, relu6 or clamp that what is in front of it, a layer, sum or product, does as well.
    [[nodiscard]] bool isTakenLimit(const Node& node) const {
        constexpr std::array limits{graph::op::relu, graph::op::relu6, graph::op::hardtanh, graph::op::clamp, graph::op::clampMin};
        if (std::ranges::find(limits, node.op) == limits.end()) return false;
        const auto input = graph::mainInput(node);
        const Node* maker = input ? m_uses.producer(*input) : nullptr;
        return maker != nullptr && m_uses.uses(*input).size() == 1 && (isLayer(*maker) || pairOf(*maker));
    }

    /// Can the runtime give the result as integers, without floats in between? Asked in the order of the nodes.
    [[nodiscard]] bool makesIntegers(const Node& node) const {
        if (isLayer(node)) return graph::hasIntegerLayer(node.op);
        const auto areIntegers = [&](ValueId value) { return m_integers.contains(value); };
        if (const auto pair = pairOf(node)) {
            const bool isOfLayer = isTakenIn(node, *pair);
            return isOfLayer || std::ranges::all_of(*pair, areIntegers);
        }
        if (node.op == graph::op::cat) return std::ranges::all_of(partsOf(node), areIntegers);
        const graph::Operator* known = graph::findOperator(node.op);
        const auto input = graph::mainInput(node);
        return known != nullptr && input && areIntegers(*input) &&
               (graph::curveOf(node.op) || keepsRange(node) || graph::meansOverImages(node) || graph::keepsQuantization(node.op) ||
                isTakenLimit(node));
    }

    /// What the rounded value is made of, where that can be integers too.
    void addOperandsOf(ValueId rounded, const std::string& layer) {
        if (!m_integers.contains(rounded)) return;
        const Node* maker = m_uses.producer(rounded);
        if (maker->op == graph::op::cat) {
            for (const ValueId part : partsOf(*maker))
                addPart(part, m_classOf.at(rounded), layer);
            return;
        }
        if (isTakenLimit(*maker)) maker = m_uses.producer(*graph::mainInput(*maker));
        if (const auto pair = pairOf(*maker)) {
            if (isTakenIn(*maker, *pair)) return;
            for (const ValueId side : *pair)
                add(side, layer);
        } else if (graph::curveOf(maker->op) || graph::meansOverImages(*maker)) {
            add(*graph::mainInput(*maker), layer);
        }
    }

    /// What nobody else reads shares the grid of what it is put side by side with.
    void addPart(ValueId part, std::size_t whole, const std::string& layer) {
        const Node* maker = m_uses.producer(part);
        if (m_uses.uses(part).size() != 1 || m_classOf.contains(part) || maker == nullptr || keepsRange(*maker)) {
            add(part, layer);
            return;
        }
        std::vector<ValueId> values{part};
        if (isRelUOfLayer(m_uses, *maker)) values.push_back(*graph::mainInput(*maker));
        for (const ValueId value : values) {
            m_classOf.emplace(value, whole);
            m_classes[whole].values.push_back(value);
        }
        addOperandsOf(values.back(), layer);
    }

    /// What all readers of the class leave of its numbers: all of them, unless only functions read it.
    [[nodiscard]] graph::Curve limitsOf(const ActivationClass& same) const {
        if (same.values.size() != 1) return {};
        graph::Curve limits{std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()};
        for (const graph::UseIndex::Use& use : m_uses.uses(same.values[0])) {
            const auto curve = use.node != nullptr ? graph::curveOf(use.node->op) : std::nullopt;
            if (!curve) return {};
            limits = {std::min(limits.low, curve->low), std::max(limits.high, curve->high)};
        }
        return limits;
    }

    /// By a node of the main block, or an input: there is one rounding for each run, and a place for it.
    bool isComputed(const graph::Operand& operand) const { return operand.isValue() && m_order.contains(operand.value()); }

    const Graph& m_graph;
    graph::UseIndex m_uses;
    std::unordered_set<std::string_view> m_layers;    ///< names of those that are quantized
    std::unordered_set<ValueId> m_integers;           ///< values that can be there as integers
    std::unordered_map<ValueId, std::size_t> m_order; ///< inputs and results of the main block
    std::vector<ActivationClass> m_classes;
    std::unordered_map<ValueId, std::size_t> m_classOf; ///< of every value in a class
};

} // namespace

std::vector<ActivationClass> planActivations(const Graph& graph, const std::vector<std::string>& layers, Residuals residuals) {
    Plan plan(graph, layers);
    const graph::NodeIndex nodes(graph);
    for (const std::string& name : layers) {
        if (const auto input = graph::mainInput(*nodes.find(name))) plan.add(*input, name).readers.push_back(name);
    }
    if (residuals == Residuals::Quantized)
        plan.addOperandsOfAdditions();
    else
        plan.addOtherLayersOfAdditions();
    std::vector<ActivationClass> classes = plan.finish();
    const std::unordered_set<ValueId> written = writtenValues(graph);
    std::erase_if(classes, [&](const ActivationClass& same) {
        return std::ranges::any_of(same.values, [&](ValueId value) { return written.contains(value); });
    });
    return classes;
}

} // namespace lathe::transform
