#include <core/formats/lookup_operators.h>

#include <map>
#include <numeric>

#include <core/graph/editor.h>
#include <core/graph/operators/conversion.h>
#include <core/graph/operators/lookup.h>
#include <core/graph/operators/names.h>
#include <core/quantization/shared_weight.h>

namespace lathe::formats {

namespace {

using graph::Literal;
using graph::Node;
using graph::Operand;
using graph::ValueId;
using tensor::DType;

Operand integer(std::int64_t value) { return Literal(value); }
Operand integers(std::vector<std::int64_t> values) { return Literal(std::move(values)); }

/// Bytes that hold a whole number of integers: 3 bytes hold 8 of 3 bits.
struct Word {
    std::int64_t bytes = 1, integers = 1;
};

Word wordOf(std::int64_t bits) {
    const std::int64_t common = std::gcd(bits, std::int64_t{8});
    return {bits / common, 8 / common};
}

std::vector<std::int64_t> powers(std::int64_t base, std::int64_t count) {
    std::vector<std::int64_t> powers{1};
    while (std::ssize(powers) < count)
        powers.push_back(powers.back() * base);
    return powers;
}

class Expansion {
public:
    Expansion(graph::Graph& graph, std::int64_t largestWordBytes) : m_graph(graph), m_editor(graph), m_largestWordBytes(largestWordBytes) {}

    void expand(const std::string& name) {
        Node& node = *m_editor.findNode(name);
        const auto shared = quantization::sharedWeightOf(m_graph, node);
        if (!shared) return; // which the writer says
        m_place = &node;
        const graph::Lookup lookup(node);
        ValueId indices = *lookup.indices();
        Word word = wordOf(shared->bits);
        if (word.bytes > m_largestWordBytes) {
            const std::vector<std::uint8_t>& bytes = shared->indices;
            indices = m_editor.addWeight(name + "_indices", tensor::Tensor::of({std::ssize(bytes)}, bytes), false);
            word = {};
        }
        const std::int64_t count = std::ssize(shared->indices), words = (count + word.integers - 1) / word.integers;
        padIndices(indices, words, word.bytes);

        ValueId made = add(graph::op::toDtype, "integers", graph::conversionOperands(indices, DType::Int64), {words, word.bytes});
        if (word.bytes > 1) {
            made = add("aten::mul.Tensor", "scaled", {made, constant("lookup_bytes", powers(256, word.bytes))}, {words, word.bytes});
            made = add("aten::sum.dim_IntList", "words", {made, integers({1}), Literal(true), Literal()}, {words, 1});
        }
        if (word.integers > 1) {
            const std::int64_t base = std::int64_t{1} << shared->bits;
            made =
                add("aten::div.Tensor_mode", "shifted",
                    {made, constant("lookup_shifts", powers(base, word.integers)), Literal(std::string("trunc"))}, {words, word.integers});
            made = add("aten::remainder.Scalar", "lowest", {made, integer(base)}, {words, word.integers});
        }
        if (words * word.integers != count) {
            made = add(graph::op::reshape, "flat", {made, integers({words * word.integers})}, {words * word.integers});
            made = add("aten::slice.Tensor", "used", {made, integer(0), integer(0), integer(count), integer(1)}, {count});
        }
        const std::int64_t groups = shared->codebooks.shape().front();
        made = add(graph::op::reshape, "rows", {made, integers({groups, count / groups})}, {groups, count / groups});
        const DType dtype = shared->codebooks.dtype();
        made = add("aten::gather", "gathered", {*lookup.codebooks(), integer(1), made, Literal(false)}, {groups, count / groups}, dtype);
        const ValueId result = node.results.front();
        Node last = m_editor.makeNode(graph::op::reshape, name, {made, integers(shared->shape)}, 0);
        last.scope = node.scope;
        last.source = node.source;
        m_editor.setResults(node, {});
        last.results = {result};
        m_editor.insertBefore(node, std::move(last));
        m_graph.value(result).dtype = dtype;
        m_graph.value(result).shape = graph::dims(shared->shape);
        m_editor.erase(node);
    }

    void finish() { m_editor.finish(); }

private:
    ValueId add(std::string_view op, const std::string& what, std::vector<Operand> operands, const tensor::Shape& shape,
                DType dtype = DType::Int64) {
        Node made = m_editor.makeNode(op, m_place->name + "_" + what, std::move(operands));
        made.scope = m_place->scope;
        made.source = m_place->source;
        const ValueId result = made.results.front();
        m_graph.value(result).dtype = dtype;
        m_graph.value(result).shape = graph::dims(shape);
        m_editor.insertBefore(*m_place, std::move(made));
        return result;
    }

    /// The bytes as [words, bytes of a word], with zeros behind the last index. Packed indices are read by one lookup, or by several alike.
    void padIndices(ValueId id, std::int64_t words, std::int64_t bytes) {
        graph::Value& value = m_graph.value(id);
        const tensor::Tensor packed = value.data.contiguous();
        const auto stored = packed.values<std::uint8_t>();
        std::vector<std::uint8_t> padded(stored.begin(), stored.end());
        padded.resize(static_cast<std::size_t>(words * bytes), 0);
        value.data = tensor::Tensor::of({words, bytes}, padded);
        value.shape = graph::dims(value.data.shape());
    }

    /// One weight for all that need the same numbers.
    ValueId constant(const std::string& name, const std::vector<std::int64_t>& numbers) {
        const auto [known, isNew] = m_constants.try_emplace(numbers);
        if (isNew) known->second = m_editor.addWeight(name, tensor::Tensor::of({std::ssize(numbers)}, numbers), false);
        return known->second;
    }

    graph::Graph& m_graph;
    graph::Editor m_editor;
    std::int64_t m_largestWordBytes;
    const Node* m_place = nullptr;
    std::map<std::vector<std::int64_t>, ValueId> m_constants;
};

} // namespace

graph::Graph withLookupsInAten(graph::Graph graph, std::int64_t largestWordBytes) {
    std::vector<std::string> lookups;
    graph::forEachNode(std::as_const(graph), [&](const Node& node) {
        if (node.op == graph::op::lookup) lookups.push_back(node.name);
    });
    if (lookups.empty()) return graph;
    Expansion expansion(graph, largestWordBytes);
    for (const std::string& name : lookups)
        expansion.expand(name);
    expansion.finish();
    graph::compact(graph);
    return graph;
}

} // namespace lathe::formats
