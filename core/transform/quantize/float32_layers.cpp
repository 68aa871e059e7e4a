#include <core/transform/quantize/float32_layers.h>

#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include <core/graph/editor.h>
#include <core/graph/layer_weight.h>
#include <core/graph/operators/arithmetic.h>
#include <core/graph/operators/conversion.h>
#include <core/graph/operators/names.h>
#include <core/transform/rewrite.h>

namespace lathe::transform {

namespace {

using graph::Node;
using graph::ValueId;
using tensor::DType;

class Conversion {
public:
    Conversion(graph::Graph& graph, const std::vector<std::string>& layers)
        : m_graph(graph), m_layers(layers.begin(), layers.end()), m_editor(graph) {}

    void run() {
        for (Node& node : m_graph.main.nodes) {
            if (m_layers.contains(node.name))
                convertLayer(node);
            else if (!m_sources.empty() && node.results.size() == 1)
                follow(node);
        }
        for (Node* lowering : m_lowerings) {
            if (m_editor.useCount(lowering->results.front()) == 0) m_editor.erase(*lowering);
        }
        m_editor.finish();
    }

private:
    void convertLayer(Node& layer) {
        const graph::Call call(layer);
        const auto weight = call.value("weight");
        const auto input = graph::mainInput(layer);
        if (!weight || !input || m_graph.value(*weight).kind != graph::ValueKind::Weight) return;
        const DType dtype = m_graph.value(*weight).data.dtype();
        if (dtype == DType::Float32 || !graph::isFloatingPoint(dtype)) return;
        m_editor.setOperand(layer, 0, raised(layer, *input));
        const graph::Operator& row = *call.op();
        for (const std::string_view role : {"weight", "bias"}) {
            if (const auto given = call.value(role)) m_editor.setOperand(layer, *row.position(role), raisedConstant(layer, *given));
        }
        lower(layer, dtype);
    }

    /// Operators that give the same in either width.
    void follow(Node& node) {
        const auto input = graph::mainInput(node);
        const auto source = input ? m_sources.find(*input) : m_sources.end();
        if (source == m_sources.end()) return;
        const DType dtype = *m_graph.value(*input).dtype;
        if (node.op == graph::op::add) {
            const graph::Operand& right = graph::Addition(node).right();
            const auto other = right.isValue() ? m_sources.find(right.value()) : m_sources.end();
            if (other == m_sources.end()) return;
            m_editor.setOperand(node, 1, other->second);
        } else if (!graph::keepsQuantization(node.op)) {
            return;
        }
        m_editor.setOperand(node, 0, source->second);
        lower(node, dtype);
    }

    /// The value as float32: where it was made of one, that.
    ValueId raised(const Node& reader, ValueId value) {
        if (const auto known = m_sources.find(value); known != m_sources.end()) return known->second;
        if (m_graph.value(value).dtype == DType::Float32) return value;
        if (const auto known = m_raised.find(value); known != m_raised.end()) return known->second;
        const auto shape = m_graph.value(value).shape;
        const Node& made = m_editor.insertBefore(reader, m_editor.makeNode(graph::op::toDtype, reader.name + "_input_float32",
                                                                           graph::conversionOperands(value, DType::Float32)));
        const ValueId result = made.results.front();
        m_graph.value(result).dtype = DType::Float32;
        m_graph.value(result).shape = shape;
        m_raised.emplace(value, result);
        return result;
    }

    /// Weights that others read too keep their own width for those.
    ValueId raisedConstant(const Node& layer, ValueId value) {
        if (m_graph.value(value).kind != graph::ValueKind::Weight) return raised(layer, value);
        if (m_graph.value(value).data.dtype() == DType::Float32) return value;
        if (const auto known = m_raised.find(value); known != m_raised.end()) return known->second;
        tensor::Tensor data = m_graph.value(value).data.to(DType::Float32);
        if (m_editor.useCount(value) == 1) {
            setWeight(m_graph, value, std::move(data));
            return value;
        }
        const std::string name = m_graph.value(value).name + "_float32";
        return m_raised.emplace(value, m_editor.addWeight(name, std::move(data), m_graph.value(value).isParameter)).first->second;
    }

    /// What reads the node's result gets it as `dtype`, under the name that it had.
    void lower(Node& node, DType dtype) {
        const ValueId result = node.results.front();
        const ValueId wide = m_editor.addResult(m_graph.value(result).name + "_float32");
        m_graph.value(wide).dtype = DType::Float32;
        m_graph.value(wide).shape = m_graph.value(result).shape;
        m_editor.setResults(node, {wide});
        Node& lowering =
            m_editor.insertBehind(node, m_editor.makeNode(graph::op::toDtype, node.name + "_" + std::string(tensor::name(dtype)),
                                                          graph::conversionOperands(wide, dtype)));
        m_editor.setResults(lowering, {result});
        m_graph.value(result).dtype = dtype;
        m_sources.emplace(result, wide);
        m_lowerings.push_back(&lowering);
    }

    graph::Graph& m_graph;
    std::unordered_set<std::string_view> m_layers;
    graph::Editor m_editor;
    std::unordered_map<ValueId, ValueId> m_sources; ///< of a result in its own width: the same in float32
    std::unordered_map<ValueId, ValueId> m_raised;  ///< of other values
    std::vector<Node*> m_lowerings;
};

bool isWide(const graph::Graph& graph, const Node& node) {
    const auto weight = graph::isWeighted(node.op) ? graph::Call(node).value("weight") : std::nullopt;
    if (!weight || graph.value(*weight).kind != graph::ValueKind::Weight) return false;
    const DType dtype = graph.value(*weight).data.dtype();
    return dtype != DType::Float32 && graph::isFloatingPoint(dtype);
}

} // namespace

void computeInFloat32(graph::Graph& graph, const std::vector<std::string>& layers) {
    const std::unordered_set<std::string_view> wanted(layers.begin(), layers.end());
    bool isNeeded = false;
    for (const Node& node : graph.main.nodes)
        isNeeded = isNeeded || (wanted.contains(node.name) && isWide(graph, node));
    if (isNeeded) Conversion(graph, layers).run();
}

} // namespace lathe::transform
