#include <core/graph/parameters.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>

#include <core/graph/operands.h>
#include <core/graph/operator_name.h>
#include <core/graph/ops.h>

namespace lathe::graph {

namespace {

/// Positions of the operands that hold weights and biases; none for operators without.
std::vector<std::size_t> weightOperands(const Node& node) {
    if (isWeighted(node.op)) return {1, 2};
    static const std::map<std::string_view, std::vector<std::size_t>> known = {{"embedding", {0}},
                                                                               {"embedding_bag", {0}},
                                                                               {"batch_norm", {1, 2}},
                                                                               {"instance_norm", {1, 2}},
                                                                               {"layer_norm", {2, 3}},
                                                                               {"native_layer_norm", {2, 3}},
                                                                               {"group_norm", {2, 3}},
                                                                               {"rms_norm", {2}},
                                                                               {"prelu", {1}},
                                                                               {"bilinear", {2, 3}},
                                                                               {"lstm", {2, 3}}, // the latter of packed sequences
                                                                               {"gru", {2, 3}},
                                                                               {"rnn_tanh", {2, 3}},
                                                                               {"rnn_relu", {2, 3}},
                                                                               {"lstm_cell", {2, 3, 4, 5}},
                                                                               {"gru_cell", {2, 3, 4, 5}},
                                                                               {"rnn_tanh_cell", {2, 3, 4, 5}},
                                                                               {"rnn_relu_cell", {2, 3, 4, 5}},
                                                                               {"matmul", {0, 1}},
                                                                               {"mm", {0, 1}},
                                                                               {"bmm", {0, 1}},
                                                                               {"addmm", {0, 1, 2}},
                                                                               {"baddbmm", {0, 1, 2}},
                                                                               {"einsum", {1}}};
    const auto found = known.find(shortName(node.op));
    return found == known.end() ? std::vector<std::size_t>{} : found->second;
}

/// Gives the numbers of its first operand, in another order, form or type.
bool movesValues(const Node& node) {
    static constexpr std::array<std::string_view, 28> operators = {
        "view",      "reshape", "permute", "transpose", "t",       "numpy_T", "contiguous", "unsqueeze", "squeeze", "flatten",
        "unflatten", "expand",  "to",      "_to_copy",  "type_as", "detach",  "clone",      "alias",     "slice",   "select",
        "narrow",    "split",   "chunk",   "cat",       "stack",   "flip",    "swapaxes",   "lift_fresh"};
    static constexpr std::array<std::string_view, 4> constructors = {"prim::ListConstruct", "prim::TupleConstruct", "prim::ListUnpack",
                                                                     "prim::TupleUnpack"};
    return isDequantize(node.op) || std::ranges::find(operators, shortName(node.op)) != operators.end() ||
           std::ranges::find(constructors, node.op) != constructors.end();
}

bool isFloatingPoint(const Value& value) {
    using tensor::DType;
    const DType dtype = value.data.dtype();
    return dtype == DType::Float32 || dtype == DType::Float64 || dtype == DType::Float16 || dtype == DType::BFloat16;
}

/// Walks from the operands that hold weights back to the constants.
class Collector {
public:
    explicit Collector(const Graph& graph) : m_graph(graph), m_uses(graph), m_isParameter(graph.values.size(), false) {}

    std::vector<bool> collect() {
        for (std::size_t id = 0; id < m_graph.values.size(); ++id) {
            const Value& value = m_graph.values[id];
            m_isParameter[id] = value.kind == ValueKind::Weight && value.isParameter;
        }
        forEachNode(m_graph, [this](const Node& node) {
            for (const std::size_t operand : weightOperands(node)) {
                if (operand < node.operands.size()) take(node.operands[operand], false);
            }
        });
        return std::move(m_isParameter);
    }

private:
    void take(const Operand& operand, bool isDequantized) {
        forEachValue(operand, [&](ValueId id) { take(id, isDequantized); });
    }

    void take(ValueId id, bool isDequantized) {
        const Value& value = m_graph.value(id);
        if (value.kind == ValueKind::Weight) {
            if (isDequantized || isFloatingPoint(value)) m_isParameter[static_cast<std::size_t>(id)] = true;
            return;
        }
        const Node* producer = m_uses.producer(id);
        if (producer == nullptr || !m_seen.insert(id).second) return;
        if (producer->op == "prim::If") {
            const auto at = static_cast<std::size_t>(std::ranges::find(producer->results, id) - producer->results.begin());
            for (const Block& block : producer->blocks) {
                if (at < block.outputs.size()) take(block.outputs[at], isDequantized);
            }
        } else if (movesValues(*producer)) {
            const bool takesAll = producer->op == "prim::ListConstruct" || producer->op == "prim::TupleConstruct";
            for (std::size_t operand = 0;
                 operand < (takesAll ? producer->operands.size() : std::min<std::size_t>(1, producer->operands.size())); ++operand)
                take(producer->operands[operand], isDequantized || isDequantize(producer->op));
        }
    }

    const Graph& m_graph;
    UseIndex m_uses;
    std::vector<bool> m_isParameter;
    std::set<ValueId> m_seen; ///< results that were walked through
};

} // namespace

std::vector<bool> parameters(const Graph& graph) { return Collector(graph).collect(); }

std::int64_t parameterCount(const Graph& graph) {
    const std::vector<bool> isParameter = parameters(graph);
    std::int64_t count = 0;
    std::set<std::pair<const tensor::Storage*, std::int64_t>> seen;
    for (std::size_t id = 0; id < graph.values.size(); ++id) {
        const Value& value = graph.values[id];
        if (!isParameter[id]) continue;
        if (seen.emplace(value.data.storage().get(), value.data.byteOffset()).second) count += value.data.elementCount();
    }
    return count;
}

} // namespace lathe::graph
