#include <core/graph/graph.h>

#include <algorithm>
#include <map>

namespace lathe::graph {

namespace {

class Comparison {
public:
    Comparison(const Graph& a, const Graph& b) : m_a(a), m_b(b) {}

    bool blocks(const Block& a, const Block& b) {
        return std::ranges::equal(a.inputs, b.inputs, [this](ValueId x, ValueId y) { return values(x, y); }) &&
               std::ranges::equal(a.nodes, b.nodes, [this](const Node& x, const Node& y) { return nodes(x, y); }) &&
               std::ranges::equal(a.outputs, b.outputs, [this](const Operand& x, const Operand& y) { return operands(x, y); });
    }

private:
    bool nodes(const Node& a, const Node& b) {
        return a.op == b.op && a.name == b.name && a.scope == b.scope &&
               std::ranges::equal(a.operands, b.operands, [this](const Operand& x, const Operand& y) { return operands(x, y); }) &&
               std::ranges::equal(a.blocks, b.blocks, [this](const Block& x, const Block& y) { return blocks(x, y); }) &&
               std::ranges::equal(a.results, b.results, [this](ValueId x, ValueId y) { return values(x, y); });
    }

    bool operands(const Operand& a, const Operand& b) {
        if (a.content.index() != b.content.index()) return false;
        if (a.isValue()) return values(a.value(), b.value());
        if (a.isLiteral()) return a == b;
        return std::ranges::equal(std::get<std::vector<Operand>>(a.content), std::get<std::vector<Operand>>(b.content),
                                  [this](const Operand& x, const Operand& y) { return operands(x, y); });
    }

    /// The first meeting pairs two values; from then on they only equal each other.
    bool values(ValueId idA, ValueId idB) {
        const auto [known, isNew] = m_pairs.emplace(idA, idB);
        if (!isNew) return known->second == idB;
        if (!m_reverse.emplace(idB, idA).second) return false;
        const Value& a = m_a.value(idA);
        const Value& b = m_b.value(idB);
        return a.kind == b.kind && a.name == b.name && a.type == b.type && a.dtype == b.dtype && a.shape == b.shape &&
               a.isParameter == b.isParameter && a.data.sameContent(b.data);
    }

    const Graph& m_a;
    const Graph& m_b;
    std::map<ValueId, ValueId> m_pairs, m_reverse;
};

} // namespace

bool structurallyEqual(const Graph& a, const Graph& b) { return a.name == b.name && Comparison(a, b).blocks(a.main, b.main); }

} // namespace lathe::graph
