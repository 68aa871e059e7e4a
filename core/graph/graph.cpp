#include <core/graph/graph.h>

#include <algorithm>
#include <set>

#include <core/graph/operands.h>

namespace lathe::graph {

namespace {

template<class BlockType, class Visit>
void forEachNodeIn(BlockType& block, const Visit& visit) {
    for (auto& node : block.nodes) {
        visit(node);
        for (auto& inner : node.blocks)
            forEachNodeIn(inner, visit);
    }
}

template<class BlockType, class Visit>
void forEachBlock(BlockType& block, const Visit& visit) {
    visit(block);
    for (auto& node : block.nodes) {
        for (auto& inner : node.blocks)
            forEachBlock(inner, visit);
    }
}

/// Every value id that a block holds: inputs, operands, results, outputs.
template<class BlockType, class Visit>
void forEachId(BlockType& block, const Visit& visit) {
    forEachBlock(block, [&](auto& inner) {
        for (auto& id : inner.inputs)
            visit(id);
        for (auto& node : inner.nodes) {
            for (auto& operand : node.operands)
                forEachValue(operand, visit);
            for (auto& id : node.results)
                visit(id);
        }
        for (auto& output : inner.outputs)
            forEachValue(output, visit);
    });
}

template<class Taken>
std::string firstFree(const std::string& wanted, const Taken& isTaken) {
    if (!isTaken(wanted)) return wanted;
    for (int number = 1;; ++number) {
        std::string candidate = wanted + "_" + std::to_string(number);
        if (!isTaken(candidate)) return candidate;
    }
}

} // namespace

ValueId Graph::addInput(std::string valueName, TypeKind type) {
    Value added;
    added.kind = ValueKind::Input;
    added.name = std::move(valueName);
    added.type = type;
    values.push_back(std::move(added));
    main.inputs.push_back(static_cast<ValueId>(values.size() - 1));
    return main.inputs.back();
}

ValueId Graph::addWeight(std::string valueName, tensor::Tensor data, bool isParameter) {
    Value added;
    added.kind = ValueKind::Weight;
    added.name = std::move(valueName);
    added.dtype = data.dtype();
    added.shape = dims(data.shape());
    added.data = std::move(data);
    added.isParameter = isParameter;
    values.push_back(std::move(added));
    return static_cast<ValueId>(values.size() - 1);
}

ValueId Graph::addResult(std::string valueName, TypeKind type) {
    Value added;
    added.name = std::move(valueName);
    added.type = type;
    values.push_back(std::move(added));
    return static_cast<ValueId>(values.size() - 1);
}

Node& Graph::addNode(std::string op, std::string nodeName, std::vector<Operand> operands, int resultCount) {
    Node node;
    node.op = std::move(op);
    node.name = std::move(nodeName);
    node.operands = std::move(operands);
    for (int i = 0; i < resultCount; ++i) {
        const std::string suffix = resultCount == 1 ? "_out" : "_out" + std::to_string(i);
        node.results.push_back(addResult(freeValueName(node.name + suffix)));
    }
    main.nodes.push_back(std::move(node));
    return main.nodes.back();
}

Node* Graph::findNode(std::string_view nodeName) {
    Node* found = nullptr;
    forEachNodeIn(main, [&](Node& node) {
        if (node.name == nodeName) found = &node;
    });
    return found;
}

const Node* Graph::findNode(std::string_view nodeName) const {
    const Node* found = nullptr;
    forEachNodeIn(main, [&](const Node& node) {
        if (node.name == nodeName) found = &node;
    });
    return found;
}

std::optional<ValueId> Graph::findValue(std::string_view valueName) const {
    const auto found = std::find_if(values.begin(), values.end(), [=](const Value& entry) { return entry.name == valueName; });
    if (found == values.end()) return std::nullopt;
    return static_cast<ValueId>(found - values.begin());
}

std::string Graph::freeValueName(const std::string& wanted) const {
    return firstFree(wanted, [this](const std::string& candidate) { return findValue(candidate).has_value(); });
}

std::string Graph::freeNodeName(const std::string& wanted) const {
    return firstFree(wanted, [this](const std::string& candidate) { return findNode(candidate) != nullptr; });
}

UseIndex::UseIndex(const Graph& graph) : m_producers(graph.values.size(), nullptr), m_uses(graph.values.size()) {
    const auto addUses = [this](const Node* node, const std::vector<Operand>& operands) {
        for (std::size_t i = 0; i < operands.size(); ++i) {
            forEachValue(operands[i], [&](const ValueId id) {
                m_uses[static_cast<std::size_t>(id)].push_back({node, static_cast<int>(i)});
            });
        }
    };
    forEachBlock(graph.main, [&](const Block& block) {
        for (const Node& node : block.nodes) {
            for (const ValueId id : node.results)
                m_producers[static_cast<std::size_t>(id)] = &node;
            addUses(&node, node.operands);
        }
        addUses(nullptr, block.outputs);
    });
}

void compact(Graph& graph) {
    std::vector<bool> isUsed(graph.values.size(), false);
    forEachId(graph.main, [&](const ValueId id) { isUsed[static_cast<std::size_t>(id)] = true; });
    const auto firstUnused = std::ranges::find(isUsed, false);
    if (firstUnused == isUsed.end()) return;
    // Within the vector: a second one is more memory than the caches hold.
    std::vector<ValueId> renumbered(graph.values.size(), -1);
    std::size_t kept = 0;
    for (std::size_t old = 0; old < graph.values.size(); ++old) {
        if (!isUsed[old]) continue;
        renumbered[old] = static_cast<ValueId>(kept);
        if (kept != old) graph.values[kept] = std::move(graph.values[old]);
        ++kept;
    }
    graph.values.resize(kept);
    forEachId(graph.main, [&](ValueId& id) { id = renumbered[static_cast<std::size_t>(id)]; });
}

void replaceUses(Graph& graph, ValueId from, ValueId to) {
    const auto replace = [=](ValueId& id) {
        if (id == from) id = to;
    };
    forEachBlock(graph.main, [&](Block& block) {
        for (Node& node : block.nodes) {
            for (Operand& operand : node.operands)
                forEachValue(operand, replace);
        }
        for (Operand& output : block.outputs)
            forEachValue(output, replace);
    });
}

void forEachNode(const Graph& graph, const std::function<void(const Node&)>& visit) { forEachNodeIn(graph.main, visit); }
void forEachNode(Graph& graph, const std::function<void(Node&)>& visit) { forEachNodeIn(graph.main, visit); }

std::optional<tensor::Shape> staticShape(const Value& value) {
    if (!value.shape) return std::nullopt;
    tensor::Shape shape;
    for (const Dim& dim : *value.shape) {
        if (dim.size < 0) return std::nullopt;
        shape.push_back(dim.size);
    }
    return shape;
}

std::vector<Dim> dims(const tensor::Shape& shape) {
    std::vector<Dim> result;
    for (const std::int64_t size : shape)
        result.push_back(Dim{size, {}});
    return result;
}

} // namespace lathe::graph
