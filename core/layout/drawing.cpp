#include <core/layout/drawing.h>

#include <map>
#include <optional>
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
    Drawer(const Graph& graph, const graph::OpenModules& open)
        : m_graph(graph), m_uses(graph), m_isParameter(graph::parameters(graph)), m_sources(graph.values.size()),
          m_modules(entriesOf(graph)), m_isOpen(m_modules.open(open, maxFittingNodes)), m_boxes(m_isOpen.size()) {
        graph::forEachNode(graph, [this](const Node& node) { m_ids.insert(node.name); });
    }

    Drawing draw() {
        m_drawing.name = m_graph.name;
        for (std::size_t i = 0; i < m_isOpen.size(); ++i)
            if (m_isOpen[i]) m_drawing.open.push_back(m_modules.modules()[i].path);
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
        m_numbers.emplace(id, m_drawing.nodes.size() - 1);
        node.id = std::move(id);
        node.label = elided(label);
        node.op = std::move(op);
        return node;
    }

    static bool isFoldedIntoLayer(const Graph& graph, const Node& node) {
        return node.op == graph::op::lookup || graph::restoresWeight(graph, node);
    }

    static bool isLayer(const Node& node) {
        return graph::isWeighted(node.op) || node.op == graph::op::embedding || graph::channelRule(node.op) == graph::ChannelRule::Recurs;
    }

    /// What makes a path a module. Quantize and dequantize nodes do not: they would make one of every layer.
    static std::vector<graph::ScopeTree::Entry> entriesOf(const Graph& graph) {
        std::vector<graph::ScopeTree::Entry> entries;
        graph::forEachNode(graph, [&](const Node& node) {
            if (!isFoldedIntoLayer(graph, node) && !graph::isOfFamily(node.op, graph::Family::Quantization))
                entries.push_back({node.name, node.scope, isLayer(node)});
        });
        return entries;
    }

    /// The name that tells where the node stands.
    std::string placeOf(const Node& node) const {
        if (!node.scope.empty() || !graph::isOfFamily(node.op, graph::Family::Quantization)) return node.name;
        const auto input = graph::mainInput(node);
        const Node* producer = input ? m_uses.producer(*input) : nullptr;
        if (producer == nullptr) return node.name;
        const auto found = m_places.find(producer->name); // drawn before, where it stands
        return found == m_places.end() ? producer->name : found->second;
    }

    /// The closed module around a node, drawn when the first node inside of it comes; empty: the node itself is drawn.
    std::string boxAround(const Node& node) {
        const std::string place = placeOf(node);
        if (place != node.name) m_places.emplace(node.name, place);
        const int closed = m_modules.closedAround(place, m_isOpen);
        if (closed < 0) return {};
        std::optional<std::size_t>& box = m_boxes[static_cast<std::size_t>(closed)];
        if (!box) {
            const graph::ScopeTree::Module& module = m_modules.modules()[static_cast<std::size_t>(closed)];
            box = m_drawing.nodes.size();
            DrawNode& drawn = addNode(m_ids.take("module:" + module.path), module.path, std::string(moduleOp));
            drawn.scope = module.path;
            drawn.nodesInside = module.nodes;
            drawn.layersInside = module.layers;
        }
        DrawNode& drawn = m_drawing.nodes[*box];
        drawn.macs += graph::macs(m_graph, node).value_or(0);
        drawn.parameters += parametersOf(node);
        return drawn.id;
    }

    /// The drawn node that a node or input is, or stands in.
    const std::string& shown(const std::string& name) const {
        const auto found = m_hidden.find(name);
        return found == m_hidden.end() ? name : found->second;
    }
    bool isBox(const std::string& id) const { return m_drawing.nodes[m_numbers.at(id)].op == moduleOp; }
    std::string nameOf(const std::string& id) const { return isBox(id) ? m_drawing.nodes[m_numbers.at(id)].scope : id; }

    void drawBlock(const Block& block, const Node* owner) {
        if (owner != nullptr) {
            for (const ValueId input : block.inputs) {
                m_sources[index(input)] = {owner->name};
            }
        }
        for (const Node& node : block.nodes) {
            if (isFoldedIntoLayer(m_graph, node)) continue;
            m_names.push_back(node.name);
            const std::string box = boxAround(node);
            if (!box.empty()) {
                m_hidden.emplace(node.name, box);
                (void)keptDtype(node); // for those behind it
            } else {
                drawNode(node);
            }
            const std::size_t edgesBefore = m_drawing.edges.size();
            for (const Operand& operand : node.operands) {
                connect(operand, node.name);
            }
            // A node that reads nothing from its block would float beside the node that owns it.
            if (owner != nullptr && m_drawing.edges.size() == edgesBefore && box.empty()) addEdge(shown(owner->name), node.name, {});
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
            const std::size_t namesBefore = m_names.size();
            drawBlock(block, &node);
            const std::unordered_set<std::string> inside(m_names.begin() + static_cast<std::ptrdiff_t>(namesBefore), m_names.end());
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
        drawn.isLayer = isLayer(node);
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

    void connect(const Operand& operand, const std::string& name) {
        const std::string to = shown(name);
        if (to != m_connectedTo) { // all operands of a node come one after the other
            m_connected.clear();
            m_connectedTo = to;
        }
        std::vector<ValueId> values;
        forEachValue(operand, [&](ValueId id) { values.push_back(id); });
        for (const ValueId value : values) {
            for (const std::string& source : m_sources[index(value)]) {
                const std::string& from = shown(source);
                if (from == to || !m_connected.insert({from, value}).second) continue;
                if ((isBox(from) || isBox(to)) && joinEdge(from, to, shapeText(m_graph.value(value)))) continue;
                const std::size_t reader = ++m_readers[value][from];
                const bool isFar = m_drawing.nodes.size() > m_numbers.at(from) + 1 + nearNodes;
                const bool isReadByMany = m_uses.uses(value).size() > maxFanOut;
                if (reader > maxFanOut || (reader > 1 && isFar && isReadByMany)) {
                    addStub(from, to, value);
                } else {
                    addEdge(from, to, shapeText(m_graph.value(value)));
                }
            }
        }
    }

    /// Is there an edge between these two, one of which is a closed module? It stands for all values that go the same way: it has a shape
    /// only when they have it in common. Stubs count as edges.
    bool joinEdge(const std::string& from, const std::string& to, const std::string& label) {
        const auto [found, isNew] = m_joined.try_emplace({from, to}, m_drawing.edges.size());
        if (isNew) return false;
        DrawEdge& edge = m_drawing.edges[found->second];
        if (edge.label != label) edge.label.clear();
        return true;
    }

    void addEdge(const std::string& from, const std::string& to, std::string label) {
        m_drawing.edges.push_back({from, to, std::move(label)});
    }

    void addStub(const std::string& from, const std::string& to, ValueId value) {
        DrawNode& stub = addNode(m_ids.take("stub:" + std::to_string(m_drawing.nodes.size())), nameOf(from), "stub");
        stub.shape = shapeText(m_graph.value(value));
        addEdge(stub.id, to, stub.shape);
    }

    const Graph& m_graph;
    graph::UseIndex m_uses;
    std::vector<bool> m_isParameter; ///< by value
    Drawing m_drawing;
    base::UniqueNames m_ids; ///< names of nodes as they are; inputs, outputs, stubs and modules give way when a node has theirs
    std::vector<std::set<std::string>> m_sources; ///< by value: the inputs and nodes that it comes from, drawn or not
    graph::ScopeTree m_modules;
    std::vector<bool> m_isOpen;                            ///< by module
    std::vector<std::optional<std::size_t>> m_boxes;       ///< by closed module: its number in the drawing
    std::unordered_map<std::string, std::string> m_places; ///< by node: the name that tells its module, where that is another's
    std::unordered_map<std::string, std::string> m_hidden; ///< by node in a closed module: what is drawn for it
    std::vector<std::string> m_names;                      ///< of all nodes that have come, drawn or not
    std::map<std::pair<std::string, std::string>, std::size_t> m_joined; ///< edges of closed modules
    std::string m_connectedTo;
    std::set<std::pair<std::string, ValueId>> m_connected;                     ///< with that node: from where, by which value
    std::unordered_map<const Node*, std::string> m_keptDtypes;                 ///< of nodes that run on integers
    std::unordered_map<ValueId, std::map<std::string, std::size_t>> m_readers; ///< so far, by source
    std::unordered_map<std::string, std::size_t> m_numbers;                    ///< of drawn nodes in the drawing
};

} // namespace

Drawing drawing(const Graph& graph, const graph::OpenModules& open) { return Drawer(graph, open).draw(); }

} // namespace lathe::layout
