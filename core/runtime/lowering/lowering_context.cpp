#include <core/runtime/lowering/lowering_context.h>

#include <algorithm>

#include <core/graph/operands.h>
#include <core/graph/operators/call.h>
#include <core/runtime/lowering/byte_operators.h>
#include <core/runtime/lowering/patterns/dequantized.h>
#include <core/runtime/lowering/qdq_nodes.h>

namespace lathe::runtime {

using graph::Node;
using graph::ValueId;

LoweringContext::LoweringContext(const graph::Graph& original, bool fusesFloatLayers)
    : m_original(original), m_uses(original), m_fusesFloatLayers(fusesFloatLayers) {
    m_lowered.graph = original;
    m_lowered.graph.main.nodes.clear();
}

namespace {

template<class Map>
auto* found(Map& map, const typename Map::key_type& key) {
    const auto entry = map.find(key);
    return entry == map.end() ? nullptr : &entry->second;
}

} // namespace

const Twin* LoweringContext::twin(ValueId floats) const { return found(m_twins, floats); }
const Twin* LoweringContext::bytesOf(ValueId integers) const { return found(m_bytes, integers); }

bool LoweringContext::onlyDequantized(ValueId integers, const ActivationGrid& grid) const {
    return std::ranges::all_of(m_uses.uses(integers), [&](const graph::UseIndex::Use& use) {
        return use.node && isInMain(*use.node) && use.node->op == op::dequantizePerTensor &&
               graph::isRole(*use.node, use.operand, "input") && activationGrid(*use.node) == grid;
    });
}

std::optional<ActivationGrid> LoweringContext::quantizedOn(ValueId value) const {
    std::optional<ActivationGrid> common;
    for (const graph::UseIndex::Use& use : m_uses.uses(value)) {
        if (!use.node || use.node->op != op::quantizePerTensor || !graph::isRole(*use.node, use.operand, "input")) return std::nullopt;
        const auto grid = activationGrid(*use.node);
        if (!grid || !onlyDequantized(use.node->results[0], *grid) || (common && *common != *grid)) return std::nullopt;
        common = grid;
    }
    return common;
}

std::optional<ActivationGrid> LoweringContext::gridAhead(ValueId value) const {
    for (;;) {
        if (const auto grid = quantizedOn(value)) return grid;
        const Node* reader = onlyReader(value);
        if (!reader || byteOperator(*reader) != ByteOperator::Exact) return std::nullopt;
        value = reader->results[0];
    }
}

const Node* LoweringContext::onlyReader(ValueId value) const {
    const auto& uses = m_uses.uses(value);
    return uses.size() == 1 && uses[0].node && uses[0].operand == 0 && isInMain(*uses[0].node) ? uses[0].node : nullptr;
}

const Node* LoweringContext::onlyReader(ValueId value, std::string_view op) const {
    const Node* reader = onlyReader(value);
    return reader && reader->op == op ? reader : nullptr;
}

bool LoweringContext::isInMain(const Node& node) const {
    const auto& nodes = m_original.main.nodes;
    return !nodes.empty() && &node >= nodes.data() && &node < nodes.data() + nodes.size();
}

Node& LoweringContext::emit(const Node& node, LoweredNode known, bool isPure) {
    m_lowered.nodes[node.name] = std::move(known);
    if (isPure) m_pure.insert(node.name);
    m_placeOf[node.name] = m_lowered.graph.main.nodes.size();
    m_lowered.graph.main.nodes.push_back(node);
    return m_lowered.graph.main.nodes.back();
}

void LoweringContext::keep(const Node& node) {
    if (graph::isOfFamily(node.op, graph::Family::Quantization)) m_pure.insert(node.name);
    m_lowered.graph.main.nodes.push_back(node);
}

void LoweringContext::addTwin(ValueId floats, const Twin& twin, const std::string& name) {
    m_twins[floats] = twin;
    m_lowered.graph.value(twin.bytes).shape = m_original.value(floats).shape;
    m_lowered.graph.value(twin.bytes).dtype = tensor::DType::UInt8;
    Node dequantize;
    dequantize.op = op::dequantizeBytes;
    dequantize.name = name;
    dequantize.operands = {twin.bytes};
    dequantize.results = {floats};
    emit(dequantize, {std::string(op::dequantizePerTensor), {name}, {}, false, Dequantized{}}, true);
}

ValueId LoweringContext::addFloats(ValueId like) {
    const graph::Value& value = m_original.value(like);
    const ValueId added = m_lowered.graph.addResult(value.name + ".floats");
    m_lowered.graph.value(added).shape = value.shape;
    m_lowered.graph.value(added).dtype = value.dtype;
    return added;
}

void LoweringContext::coverBy(ValueId bytes, const std::string& name) {
    if (const std::string* maker = found(m_maker, bytes)) m_lowered.nodes[*maker].covers.push_back(name);
}

void LoweringContext::addProducer(ValueId floats, std::vector<std::string>& covers) const {
    const Node* producer = m_uses.producer(floats);
    if (producer && producer->op == op::dequantizePerTensor) covers.push_back(producer->name);
}

std::vector<std::string> LoweringContext::coversWithInput(const Node& node) const {
    std::vector<std::string> covers = {node.name};
    if (const ValueId input = *graph::mainInput(node); m_twins.contains(input)) addProducer(input, covers);
    return covers;
}

std::optional<std::size_t> LoweringContext::floatLayerAt(ValueId result) const {
    const std::string* name = found(m_floatLayers, result);
    return name ? std::optional(m_placeOf.at(*name)) : std::nullopt;
}

std::pair<Node, LoweredNode> LoweringContext::takeFloatLayer(ValueId result) {
    const std::size_t place = m_placeOf.at(m_floatLayers.at(result));
    m_floatLayers.erase(result);
    Node node = std::exchange(m_lowered.graph.main.nodes[place], Node{}); // an empty place, until removeUnused()
    LoweredNode known = std::move(m_lowered.nodes.at(node.name));
    return {std::move(node), std::move(known)};
}

Lowered LoweringContext::finish() {
    removeUnused();
    return std::move(m_lowered);
}

/// Removes emitted nodes that nobody reads, last first, and empty places.
void LoweringContext::removeUnused() {
    auto& nodes = m_lowered.graph.main.nodes;
    std::unordered_map<ValueId, int> readers;
    const auto count = [&](const graph::Operand& operand, int by) { graph::forEachValue(operand, [&](ValueId id) { readers[id] += by; }); };
    graph::forEachNode(m_lowered.graph, [&](const Node& node) {
        for (const graph::Operand& operand : node.operands)
            count(operand, 1);
        for (const graph::Block& block : node.blocks) {
            for (const graph::Operand& output : block.outputs)
                count(output, 1);
        }
    });
    for (const graph::Operand& output : m_lowered.graph.main.outputs)
        count(output, 1);
    std::vector<Node> kept;
    for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
        if (node->op.empty()) continue;
        const bool isRead = std::ranges::any_of(node->results, [&](ValueId id) { return readers[id] > 0; });
        if (isRead || !m_pure.contains(node->name)) {
            kept.push_back(std::move(*node));
            continue;
        }
        m_lowered.nodes.erase(node->name);
        for (const graph::Operand& operand : node->operands)
            count(operand, -1);
    }
    std::ranges::reverse(kept);
    nodes = std::move(kept);
}

} // namespace lathe::runtime
