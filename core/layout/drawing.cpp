#include <core/layout/drawing.h>

#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <core/base/unique_names.h>
#include <core/graph/layer_weight.h>
#include <core/graph/operands.h>
#include <core/graph/operators/lookup.h>
#include <core/graph/operators/macs.h>
#include <core/graph/operators/names.h>
#include <core/graph/parameters.h>
#include <core/layout/node_detail.h>

namespace lathe::layout {

namespace {

using graph::Block;
using graph::Graph;
using graph::Node;
using graph::Operand;
using graph::ValueId;

/// Beyond this many readers a value's edges are drawn as stubs, and where a reader stands more than this many drawn nodes further down.
constexpr std::size_t maxFanOut = 16, nearNodes = 48;
/// Of a label, in characters; the full name is the id.
constexpr std::size_t maxLabelLength = 80;

std::string elided(const std::string& text) {
    std::size_t characters = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool isStart = (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80; // not inside a UTF-8 sequence
        if (isStart && ++characters > maxLabelLength) return text.substr(0, i) + "…";
    }
    return text;
}

std::string sourceText(const graph::SourceLocation& source) {
    if (source.file.empty() || source.line <= 0) return source.file;
    return source.file + ":" + std::to_string(source.line);
}

class Drawer {
public:
    explicit Drawer(const Graph& graph)
        : m_graph(graph), m_uses(graph), m_isParameter(graph::parameters(graph)), m_sources(graph.values.size()) {
        graph::forEachNode(graph, [this](const Node& node) { m_ids.insert(node.name); });
    }

    Drawing draw() {
        m_drawing.name = m_graph.name;
        for (const ValueId input : m_graph.main.inputs) {
            const graph::Value& value = m_graph.value(input);
            DrawNode& node = addNode(m_ids.take("input:" + value.name), value.name, "input");
            node.shape = shapeText(value);
            node.dtype = dtypeText(value);
            m_sources[index(input)] = {node.id};
        }
        drawBlock(m_graph.main, nullptr);
        for (std::size_t i = 0; i < m_graph.main.outputs.size(); ++i) {
            const std::string label = m_graph.main.outputs.size() == 1 ? "output" : "output " + std::to_string(i);
            DrawNode& node = addNode(m_ids.take("output:" + std::to_string(i)), label, "output");
            const std::string id = node.id;
            if (m_graph.main.outputs[i].isValue()) {
                const graph::Value& value = m_graph.value(m_graph.main.outputs[i].value());
                node.shape = shapeText(value);
                node.dtype = dtypeText(value);
            }
            connect(m_graph.main.outputs[i], id);
        }
        return std::move(m_drawing);
    }

private:
    static std::size_t index(ValueId id) { return static_cast<std::size_t>(id); }

    DrawNode& addNode(std::string id, const std::string& label, std::string op) {
        DrawNode& node = m_drawing.nodes.emplace_back();
        m_places.emplace(id, m_drawing.nodes.size());
        node.id = std::move(id);
        node.label = elided(label);
        node.op = std::move(op);
        return node;
    }

    bool isFoldedIntoLayer(const Node& node) const { return node.op == graph::op::lookup || graph::restoresWeight(m_graph, node); }

    void drawBlock(const Block& block, const Node* owner) {
        if (owner != nullptr) {
            for (const ValueId input : block.inputs) {
                m_sources[index(input)] = {owner->name};
            }
        }
        for (const Node& node : block.nodes) {
            if (isFoldedIntoLayer(node)) continue;
            drawNode(node);
            const std::size_t edgesBefore = m_drawing.edges.size();
            for (const Operand& operand : node.operands) {
                connect(operand, node.name);
            }
            // A node that reads nothing from its block would float beside the node that owns it.
            if (owner != nullptr && m_drawing.edges.size() == edgesBefore) addEdge(owner->name, node.name, {});
            for (const ValueId result : node.results) {
                m_sources[index(result)] = {node.name};
            }
            drawBlocksOf(node);
        }
    }

    void drawBlocksOf(const Node& node) {
        // A loop's first output says whether it goes on; the others are its results.
        const std::size_t skipped = node.op == graph::op::loop ? 1 : 0;
        std::vector<std::set<std::string>> sources(node.results.size());
        for (const Block& block : node.blocks) {
            const std::size_t nodesBefore = m_drawing.nodes.size();
            drawBlock(block, &node);
            std::unordered_set<std::string> inside;
            for (std::size_t i = nodesBefore; i < m_drawing.nodes.size(); ++i) {
                inside.insert(m_drawing.nodes[i].id);
            }
            for (std::size_t i = 0; i < node.results.size() && i + skipped < block.outputs.size(); ++i) {
                std::vector<ValueId> outputs;
                forEachValue(block.outputs[i + skipped], [&](ValueId id) { outputs.push_back(id); });
                for (const ValueId output : outputs) {
                    for (const std::string& source : m_sources[index(output)]) {
                        // What a block only hands through comes from the node: an edge past it would hide the decision.
                        sources[i].insert(inside.contains(source) ? source : node.name);
                    }
                }
            }
        }
        for (std::size_t i = 0; i < sources.size(); ++i) {
            if (!sources[i].empty()) m_sources[index(node.results[i])] = std::move(sources[i]);
        }
    }

    void drawNode(const Node& node) {
        DrawNode& drawn = addNode(node.name, node.name.empty() ? node.op : node.name, node.op);
        drawn.scope = node.scope;
        drawn.source = sourceText(node.source);
        drawn.detail = nodeDetail(m_graph, m_uses, node);
        drawn.isLayer =
            graph::isWeighted(node.op) || node.op == graph::op::embedding || graph::channelRule(node.op) == graph::ChannelRule::Recurs;
        drawn.macs = graph::macs(m_graph, node).value_or(0);
        drawn.parameters = parametersOf(node);
        if (node.results.empty()) return;
        const graph::Value& result = m_graph.value(node.results.front());
        drawn.shape = shapeText(result);
        drawn.dtype = dtypeText(result);
        for (const std::optional<std::string>& integers : {weightDtype(node), keptDtype(node), quantizedDtype(node.results.front())}) {
            if (integers) drawn.dtype = *integers;
        }
    }

    /// Of a layer with integer or half weights: how it computes is told by them, also before its activations are quantized.
    std::optional<std::string> weightDtype(const Node& node) const {
        const auto weight = graph::layerWeightOf(m_graph, m_uses, node);
        if (!weight || weight->dequantize == nullptr) return std::nullopt;
        return dtypeText(m_graph.value(weight->weight));
    }

    /// Of a node that only moves or compares dequantized values: it runs on the integers. What it reads was drawn before.
    std::optional<std::string> keptDtype(const Node& node) {
        const auto input = graph::keepsQuantization(node.op) ? graph::mainInput(node) : std::nullopt;
        const Node* producer = input ? m_uses.producer(*input) : nullptr;
        if (producer == nullptr) return std::nullopt;
        std::optional<std::string> dtype;
        if (const auto integers = graph::isDequantize(producer->op) ? graph::mainInput(*producer) : std::nullopt)
            dtype = dtypeText(m_graph.value(*integers));
        else if (const auto kept = m_keptDtypes.find(producer); kept != m_keptDtypes.end())
            dtype = kept->second;
        if (dtype) m_keptDtypes.emplace(&node, *dtype);
        return dtype;
    }

    std::int64_t parametersOf(const Node& node) const {
        if (const auto weight = graph::layerWeightOf(m_graph, m_uses, node)) {
            const std::int64_t bias = weight->bias ? m_graph.value(*weight->bias).data.elementCount() : 0;
            return tensor::elementCount(weight->shape) + bias;
        }
        std::int64_t count = 0;
        for (const Operand& operand : node.operands) {
            if (!operand.isValue()) continue;
            if (m_isParameter[index(operand.value())]) count += m_graph.value(operand.value()).data.elementCount();
        }
        return count;
    }

    /// The integer type that a value becomes at once: a layer whose only readers are quantize nodes gives integers when it is lowered.
    std::optional<std::string> quantizedDtype(ValueId value) const {
        std::optional<std::string> dtype;
        for (const graph::UseIndex::Use& use : m_uses.uses(value)) {
            if (use.node == nullptr || !graph::isQuantize(use.node->op) || use.node->results.empty()) return std::nullopt;
            dtype = dtypeText(m_graph.value(use.node->results.front()));
        }
        return dtype && !dtype->empty() ? dtype : std::nullopt;
    }

    void connect(const Operand& operand, const std::string& to) {
        if (to != m_connectedTo) { // all operands of a node come one after the other
            m_connected.clear();
            m_connectedTo = to;
        }
        std::vector<ValueId> values;
        forEachValue(operand, [&](ValueId id) { values.push_back(id); });
        for (const ValueId value : values) {
            for (const std::string& from : m_sources[index(value)]) {
                if (!m_connected.insert({from, value}).second) continue;
                const std::size_t reader = ++m_readers[value][from];
                const bool isFar = m_drawing.nodes.size() > m_places.at(from) + nearNodes;
                const bool isReadByMany = m_uses.uses(value).size() > maxFanOut;
                if (reader > maxFanOut || (reader > 1 && isFar && isReadByMany)) {
                    addStub(from, to, value);
                } else {
                    addEdge(from, to, shapeText(m_graph.value(value)));
                }
            }
        }
    }

    void addEdge(const std::string& from, const std::string& to, std::string label) {
        m_drawing.edges.push_back({from, to, std::move(label)});
    }

    void addStub(const std::string& from, const std::string& to, ValueId value) {
        DrawNode& stub = addNode(m_ids.take("stub:" + std::to_string(m_drawing.nodes.size())), from, "stub");
        stub.shape = shapeText(m_graph.value(value));
        addEdge(stub.id, to, stub.shape);
    }

    const Graph& m_graph;
    graph::UseIndex m_uses;
    std::vector<bool> m_isParameter; ///< by value
    Drawing m_drawing;
    base::UniqueNames m_ids;                      ///< names of nodes as they are; inputs, outputs and stubs give way when a node has theirs
    std::vector<std::set<std::string>> m_sources; ///< by value: the drawn nodes that it comes from
    std::string m_connectedTo;
    std::set<std::pair<std::string, ValueId>> m_connected;                     ///< with that node: from where, by which value
    std::unordered_map<const Node*, std::string> m_keptDtypes;                 ///< of nodes that run on integers
    std::unordered_map<ValueId, std::map<std::string, std::size_t>> m_readers; ///< so far, by source
    std::unordered_map<std::string, std::size_t> m_places;                     ///< of drawn nodes in the drawing
};

} // namespace

Drawing drawing(const Graph& graph) { return Drawer(graph).draw(); }

} // namespace lathe::layout
