#include <core/formats/lookup_recognition.h>

#include <algorithm>
#include <bit>
#include <set>
#include <string_view>

#include <core/formats/evaluated_operator.h>
#include <core/graph/editor.h>
#include <core/graph/operands.h>
#include <core/graph/operators/conversion.h>
#include <core/graph/operators/lookup.h>
#include <core/graph/operators/names.h>
#include <core/graph/state.h>
#include <core/quantization/shared_weight.h>

namespace lathe::formats {

namespace {

using graph::Node;
using graph::ValueId;
using tensor::DType;

constexpr std::int64_t mostElements = std::int64_t{1} << 30;

/// What packed integers are taken out of bytes with.
const std::set<std::string_view> unpacking{
    "aten::to.dtype",          "aten::reshape",          "aten::view",       "aten::mul.Tensor",   "aten::sum.dim_IntList",
    "aten::div.Tensor_mode",   "aten::remainder.Scalar", "aten::sub.Tensor", "aten::slice.Tensor", "aten::remainder.Tensor",
    "aten::unsqueeze",         "aten::where.self",       "aten::lt.Scalar",  "aten::lt.Tensor",    "aten::add.Tensor",
    "aten::flatten.using_ints"};

class Recognition {
public:
    explicit Recognition(graph::Graph& graph) : m_graph(graph), m_editor(graph) {
        graph::forEachNode(std::as_const(graph), [this](const Node& node) {
            if (!graph::hasSideEffects(node) && node.op != graph::keepState) return;
            for (const graph::Operand& operand : node.operands)
                graph::forEachValue(operand, [this](ValueId id) { m_changing.insert(id); });
        });
    }

    void run() {
        for (Node& node : m_graph.main.nodes) {
            if (node.op == "aten::gather") recognize(node);
        }
        m_editor.finish();
    }

private:
    bool isWeight(ValueId id) const { return m_graph.value(id).kind == graph::ValueKind::Weight && !m_changing.contains(id); }

    void recognize(Node& gather) {
        if (gather.operands.size() < 3 || !gather.operands[0].isValue() || !gather.operands[2].isValue()) return;
        const ValueId table = gather.operands[0].value();
        const tensor::Tensor& codebooks = m_graph.value(table).data;
        if (!isWeight(table) || !graph::isFloatingPoint(codebooks.dtype()) || codebooks.shape().size() != 2) return;
        const std::int64_t groups = codebooks.shape()[0], numbers = codebooks.shape()[1];
        const auto axis = gather.operands[1].literal<std::int64_t>();
        if (groups < 1 || numbers < 1 || numbers > 256 || (axis != 1 && axis != -1)) return;

        // The weight's own shape follows, by one reader behind the other.
        Node* last = &gather;
        while (Node* reader = onlyReader(last->results.front())) {
            if (reader->op != graph::op::reshape && reader->op != graph::op::view) break;
            last = reader;
        }
        m_chain.clear();
        const auto indices = evaluate(gather.operands[2].value());
        for (Node* node : m_chain) { // back to what is computed
            graph::Value& value = m_graph.value(node->results.front());
            value.kind = graph::ValueKind::Result;
            value.data = {};
        }
        if (!indices || indices->shape().size() != 2 || indices->shape()[0] != groups) return;
        auto shape = last == &gather ? std::optional(indices->shape()) : last->operands[1].literal<std::vector<std::int64_t>>();
        if (!shape || tensor::elementCount(*shape) != indices->elementCount() || shape->empty() || shape->front() % groups != 0) return;
        const tensor::Tensor whole = indices->to(DType::Int64);
        quantization::SharedWeight shared{bitsFor(numbers), {}, codebooks, *shape};
        for (const std::int64_t index : whole.values<std::int64_t>()) {
            if (index < 0 || index >= numbers) return;
            shared.indices.push_back(static_cast<std::uint8_t>(index));
        }
        replace(gather, *last, table, shared);
    }

    static int bitsFor(std::int64_t numbers) {
        return std::max(2, static_cast<int>(std::bit_width(static_cast<std::uint64_t>(numbers - 1))));
    }

    Node* onlyReader(ValueId id) const {
        const auto uses = m_editor.uses(id);
        return uses.size() == 1 && uses.front().operand == 0 ? uses.front().node : nullptr;
    }

    /// The value, when all that it depends on are weights; its nodes are remembered, and their results hold what was computed.
    std::optional<tensor::Tensor> evaluate(ValueId id) {
        if (isWeight(id)) return m_graph.value(id).data;
        Node* node = m_editor.producer(id);
        if (node == nullptr || !unpacking.contains(node->op) || node->results.size() != 1 || m_chain.size() > 64) return std::nullopt;
        for (const graph::Operand& operand : node->operands) {
            bool isConstant = true;
            graph::forEachValue(operand, [&](ValueId read) { isConstant = isConstant && evaluate(read).has_value(); });
            if (!isConstant) return std::nullopt;
        }
        auto result = evaluatedOperator(m_graph, node->op, node->operands, mostElements);
        if (!result) return std::nullopt;
        graph::Value& value = m_graph.value(id);
        value.kind = graph::ValueKind::Weight;
        value.data = *result;
        m_chain.push_back(node);
        return result;
    }

    /// The packed bytes keep their value where it has the weight's name; elsewhere (constants of ONNX lose theirs) they get it.
    void replace(Node& gather, Node& last, ValueId table, const quantization::SharedWeight& shared) {
        constexpr std::string_view ending = "_codebook";
        std::string name = m_graph.value(table).name;
        if (name.ends_with(ending)) name.resize(name.size() - ending.size());
        const ValueId result = last.results.front();
        const tensor::Tensor bytes = quantization::packedIndices(shared);
        ValueId indices = -1;
        for (const Node* node : m_chain) {
            for (const graph::Operand& operand : node->operands) {
                graph::forEachValue(operand, [&](ValueId id) {
                    if (isWeight(id) && m_graph.value(id).name == name && m_editor.useCount(id) == 1) indices = id;
                });
            }
        }
        if (indices < 0) indices = m_editor.addWeight(name, bytes, false);
        graph::Value& stored = m_graph.value(indices);
        stored.data = bytes;
        stored.dtype = bytes.dtype();
        stored.shape = graph::dims(bytes.shape());
        stored.isParameter = false;
        m_graph.value(table).isParameter = true;
        Node made = m_editor.makeNode(graph::op::lookup, name + "_lookup", quantization::lookupOperands(indices, table, shared), 0);
        made.scope = last.scope;
        made.source = last.source;
        const ValueId dead = m_editor.addResult(last.name + "_before");
        m_editor.setResults(last, {dead});
        made.results = {result};
        m_editor.insertBefore(gather, std::move(made));
        m_graph.value(result).dtype = shared.codebooks.dtype();
        m_graph.value(result).shape = graph::dims(shared.shape);
        removeUnused(last);
    }

    /// The node and what only it read.
    void removeUnused(Node& node) {
        if (std::ranges::any_of(node.results, [&](ValueId id) { return m_editor.useCount(id) > 0; })) return;
        std::vector<Node*> makers;
        for (const graph::Operand& operand : node.operands) {
            graph::forEachValue(operand, [&](ValueId id) {
                Node* maker = m_editor.producer(id);
                if (maker != nullptr && std::ranges::find(makers, maker) == makers.end()) makers.push_back(maker);
            });
        }
        m_editor.erase(node);
        for (Node* maker : makers) {
            if (unpacking.contains(maker->op) || maker->op == "aten::gather") removeUnused(*maker);
        }
    }

    graph::Graph& m_graph;
    graph::Editor m_editor;
    std::set<ValueId> m_changing; ///< what the model writes into, or is another number in each call
    std::vector<Node*> m_chain;
};

} // namespace

void recognizeLookups(graph::Graph& graph) {
    if (std::ranges::none_of(graph.main.nodes, [](const Node& node) { return node.op == "aten::gather"; })) return;
    Recognition(graph).run();
    graph::compact(graph);
}

} // namespace lathe::formats
