#include <core/formats/plain_inputs.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <core/base/message.h>
#include <core/graph/operators/list_names.h>
#include <core/graph/operators/names.h>

namespace lathe::formats {

namespace {

using graph::Node;
using graph::Operand;
using graph::TypeKind;
using graph::ValueId;

constexpr std::string_view entryOfDictionary = "aten::__getitem__.Dict_str";
/// An input of more elements is no signature that people call.
constexpr std::int64_t mostElements = 1024;

/// The nodes that read a value; nothing when it is also returned, or handed on in a list.
std::optional<std::vector<const Node*>> readersOf(const graph::UseIndex& uses, ValueId id) {
    std::vector<const Node*> nodes;
    for (const graph::UseIndex::Use& use : uses.uses(id)) {
        if (use.node == nullptr || use.operand != 0) return std::nullopt;
        nodes.push_back(use.node);
    }
    return nodes;
}

/// The keys of the only entries that are read, in the order of their first use; nothing when the dictionary is used in another way.
std::optional<std::vector<std::string>> keysRead(const graph::UseIndex& uses, ValueId id) {
    const auto readers = readersOf(uses, id);
    if (!readers) return std::nullopt;
    std::vector<std::string> keys;
    for (const Node* node : *readers) {
        const auto key =
            node->op == entryOfDictionary && node->operands.size() == 2 ? node->operands[1].literal<std::string>() : std::nullopt;
        if (!key) return std::nullopt;
        if (std::ranges::find(keys, *key) == keys.end()) keys.push_back(*key);
    }
    return keys;
}

bool takesApart(const Node& node) { return node.op == graph::op::listUnpack || node.op == graph::op::tupleUnpack; }

std::optional<std::int64_t> elementRead(const Node& node) {
    const bool readsOne = (node.op == graph::op::element || node.op == graph::op::tupleIndex) && node.operands.size() == 2;
    const auto index = readsOne ? node.operands[1].literal<std::int64_t>() : std::nullopt;
    return index && *index >= 0 && *index < mostElements ? index : std::nullopt;
}

/// How many elements the list has; nothing when that is not fixed.
std::optional<std::int64_t> elementsRead(const graph::UseIndex& uses, ValueId id) {
    const auto readers = readersOf(uses, id);
    if (!readers || readers->empty()) return std::nullopt;
    std::int64_t count = 0;
    std::optional<std::int64_t> whole;
    for (const Node* node : *readers) {
        const auto parts = static_cast<std::int64_t>(node->results.size());
        if (takesApart(*node)) {
            if (whole && *whole != parts) return std::nullopt;
            whole = parts;
        } else if (const auto index = elementRead(*node)) {
            count = std::max(count, *index + 1);
        } else {
            return std::nullopt;
        }
    }
    const std::int64_t all = whole.value_or(count);
    return all < count || all == 0 || all > mostElements ? std::nullopt : std::optional(all);
}

/// Removes the nodes that `replaced` gives new results for, wherever they stand.
template<class Replace>
void replaceNodes(graph::Graph& graph, graph::Block& block, ValueId input, const Replace& replace) {
    for (Node& node : block.nodes) {
        for (graph::Block& inner : node.blocks)
            replaceNodes(graph, inner, input, replace);
    }
    const auto reads = [&](const Node& node) { return !node.operands.empty() && node.operands[0] == Operand(input); };
    for (const Node& node : block.nodes) {
        if (reads(node)) replace(node);
    }
    std::erase_if(block.nodes, reads);
}

class PlainInputs {
public:
    explicit PlainInputs(graph::Graph& graph) : m_graph(graph) {}

    std::vector<base::Message> run() {
        const std::vector<ValueId> inputs = std::exchange(m_graph.main.inputs, {});
        for (const ValueId id : inputs) {
            const graph::UseIndex uses(m_graph);
            const TypeKind type = m_graph.value(id).type;
            const bool isSequence = type == TypeKind::TensorList || type == TypeKind::List || type == TypeKind::Tuple;
            if (const auto keys = type == TypeKind::Dict ? keysRead(uses, id) : std::nullopt; keys && !keys->empty())
                spreadDictionary(id, *keys);
            else if (const auto count = isSequence ? elementsRead(uses, id) : std::nullopt)
                spreadSequence(id, *count);
            else if (type == TypeKind::TensorList)
                giveOneSample(id);
            else
                m_graph.main.inputs.push_back(id);
        }
        if (!m_notes.empty()) graph::compact(m_graph);
        return std::move(m_notes);
    }

private:
    ValueId addInput(const std::string& name) { return m_graph.addInput(m_graph.freeValueName(name)); }

    /// All inputs that one became, for a sentence.
    static void list(std::string& names, const std::string& name) { names += (names.empty() ? "\"" : ", \"") + name + "\""; }

    void spreadDictionary(ValueId id, const std::vector<std::string>& keys) {
        const std::string dictionary = std::exchange(m_graph.value(id).name, "");
        std::map<std::string, ValueId> inputs;
        std::string names;
        for (const std::string& key : keys) {
            inputs[key] = addInput(key);
            list(names, m_graph.value(inputs[key]).name);
        }
        replaceNodes(m_graph, m_graph.main, id,
                     [&](const Node& node) { rename(node.results[0], inputs[*node.operands[1].literal<std::string>()]); });
        replaceAll();
        m_notes.push_back({"file.dictionaryInput", {{"input", dictionary}, {"inputs", names}}});
    }

    void spreadSequence(ValueId id, std::int64_t count) {
        std::vector<ValueId> inputs;
        std::string names;
        for (std::int64_t index = 0; index < count; ++index) {
            inputs.push_back(addInput(m_graph.value(id).name + "_" + std::to_string(index)));
            list(names, m_graph.value(inputs.back()).name);
        }
        replaceNodes(m_graph, m_graph.main, id, [&](const Node& node) {
            if (!takesApart(node)) return rename(node.results[0], inputs[static_cast<std::size_t>(*elementRead(node))]);
            for (std::size_t index = 0; index < node.results.size(); ++index)
                rename(node.results[index], inputs[index]);
        });
        replaceAll();
        m_notes.push_back({"file.sequenceInput", {{"input", m_graph.value(id).name}, {"inputs", names}}});
    }

    void giveOneSample(ValueId id) {
        const std::string name = m_graph.value(id).name;
        const ValueId samples = m_graph.addResult(m_graph.freeValueName(name + "_list"), TypeKind::TensorList);
        graph::replaceUses(m_graph, id, samples);
        m_graph.value(id).type = TypeKind::Tensor;
        m_graph.main.inputs.push_back(id);
        const ValueId apart = m_graph.addResult(m_graph.freeValueName(name + "_apart"), TypeKind::TensorList);
        const ValueId sample = m_graph.addResult(m_graph.freeValueName(name + "_sample"));
        // Of two samples it would fail: each call has one.
        std::vector<Node> nodes(3);
        nodes[0].op = "aten::unbind.int";
        nodes[0].operands = {Operand(id), graph::Literal(std::int64_t{0})};
        nodes[0].results = {apart};
        nodes[1].op = graph::op::listUnpack;
        nodes[1].operands = {Operand(apart)};
        nodes[1].results = {sample};
        nodes[2].op = graph::op::listConstruct;
        nodes[2].operands = {Operand(sample)};
        nodes[2].results = {samples};
        for (std::size_t at = nodes.size(); at-- > 0;) {
            nodes[at].name = m_graph.freeNodeName(m_graph.value(nodes[at].results[0]).name);
            m_graph.main.nodes.insert(m_graph.main.nodes.begin(), std::move(nodes[at]));
        }
        m_notes.push_back({"file.listInput", {{"input", name}}});
    }

    void rename(ValueId from, ValueId to) { m_replaced.emplace_back(from, to); }
    void replaceAll() {
        for (const auto& [from, to] : m_replaced)
            graph::replaceUses(m_graph, from, to);
        m_replaced.clear();
    }

    graph::Graph& m_graph;
    std::vector<base::Message> m_notes;
    std::vector<std::pair<ValueId, ValueId>> m_replaced;
};

} // namespace

std::vector<base::Message> makeInputsPlain(graph::Graph& graph) { return PlainInputs(graph).run(); }

} // namespace lathe::formats
