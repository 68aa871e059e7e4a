#include <core/graph/parameters.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include <core/graph/operands.h>
#include <core/graph/operators/lookup.h>
#include <core/graph/operators/names.h>

namespace lathe::graph {

namespace {

bool isFloatingPoint(const Value& value) {
    using tensor::DType;
    const DType dtype = value.data.dtype();
    return dtype == DType::Float32 || dtype == DType::Float64 || dtype == DType::Float16 || dtype == DType::BFloat16;
}

/// Walks from the operands that hold weights back to the constants.
class Collector {
public:
    explicit Collector(const Graph& graph)
        : m_graph(graph), m_producers(graph.values.size(), nullptr), m_isParameter(graph.values.size(), false) {
        forEachNode(graph, [this](const Node& node) {
            for (const ValueId id : node.results)
                m_producers[static_cast<std::size_t>(id)] = &node;
        });
    }

    std::vector<bool> collect() {
        for (std::size_t id = 0; id < m_graph.values.size(); ++id) {
            const Value& value = m_graph.values[id];
            m_isParameter[id] = value.kind == ValueKind::Weight && value.isParameter;
        }
        forEachNode(m_graph, [this](const Node& node) {
            if (node.op == op::lookup) return takeIndices(Lookup(node));
            const Operator* known = findOperator(node.op);
            if (known == nullptr) return;
            for (const std::string_view role : known->weights) {
                if (!role.empty()) take(Call(node).operand(role), false);
            }
        });
        return std::move(m_isParameter);
    }

private:
    void takeIndices(const Lookup& lookup) {
        if (const auto codebooks = lookup.codebooks()) m_isParameter[static_cast<std::size_t>(*codebooks)] = false;
        if (const auto indices = lookup.indices()) m_isParameter[static_cast<std::size_t>(*indices)] = true;
    }

    void take(const Operand& operand, bool isDequantized) {
        forEachValue(operand, [&](ValueId id) { take(id, isDequantized); });
    }

    void take(ValueId id, bool isDequantized) {
        const Value& value = m_graph.value(id);
        if (value.kind == ValueKind::Weight) {
            if (isDequantized || isFloatingPoint(value)) m_isParameter[static_cast<std::size_t>(id)] = true;
            return;
        }
        const Node* producer = m_producers[static_cast<std::size_t>(id)];
        if (producer == nullptr || !m_seen.insert(id).second) return;
        if (producer->op == op::ifElse) {
            const auto at = static_cast<std::size_t>(std::ranges::find(producer->results, id) - producer->results.begin());
            for (const Block& block : producer->blocks) {
                if (at < block.outputs.size()) take(block.outputs[at], isDequantized);
            }
        } else if (const Operator* known = findOperator(producer->op); known != nullptr && known->handsOn) {
            const std::size_t count = known->isVariadic ? producer->operands.size() : std::min<std::size_t>(1, producer->operands.size());
            for (std::size_t operand = 0; operand < count; ++operand)
                take(producer->operands[operand], isDequantized || known->qdq == Qdq::Dequantizes);
        }
    }

    const Graph& m_graph;
    std::vector<const Node*> m_producers;
    std::vector<bool> m_isParameter;
    std::set<ValueId> m_seen; ///< results that were walked through
};

} // namespace

std::vector<bool> parameters(const Graph& graph) { return Collector(graph).collect(); }

std::int64_t parameterCount(const Graph& graph) {
    const std::vector<bool> isParameter = parameters(graph);
    std::map<ValueId, std::int64_t> weightsOf; // of packed indices
    forEachNode(graph, [&](const Node& node) {
        if (node.op != op::lookup) return;
        const auto indices = Lookup(node).indices();
        if (const auto shape = Lookup(node).shape(); indices && shape) weightsOf[*indices] = tensor::elementCount(*shape);
    });
    std::int64_t count = 0;
    std::set<std::pair<const tensor::Storage*, std::int64_t>> seen;
    for (std::size_t id = 0; id < graph.values.size(); ++id) {
        const Value& value = graph.values[id];
        if (!isParameter[id]) continue;
        if (!seen.emplace(value.data.storage().get(), value.data.byteOffset()).second) continue;
        const auto packed = weightsOf.find(static_cast<ValueId>(id));
        count += packed == weightsOf.end() ? value.data.elementCount() : packed->second;
    }
    return count;
}

} // namespace lathe::graph
