#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <core/formats/exported_program/symbolic_size.h>

namespace lathe::formats {

/// The sizes of an exported program while it is written: those of its tensors, and numbers that are sizes, as expressions of symbols.
class ProgramSizes {
public:
    /// The graph must outlive this.
    explicit ProgramSizes(const graph::Graph& graph) : m_graph(graph) {}

    /// A shape as sizes. Free dimensions without a name get a symbol that no size of the graph names: "s0", "s1", … as export calls its
    /// own. Errors: Unsupported for a symbol that is no expression.
    [[nodiscard]] base::Result<std::vector<SymbolicSize>> sizesOf(const std::vector<graph::Dim>& shape);
    /// All symbols that sizes were made of so far.
    [[nodiscard]] const std::set<std::string>& symbols() const { return m_symbols; }

    void setTensor(graph::ValueId tensor, std::vector<SymbolicSize> sizes) { m_tensors[tensor] = std::move(sizes); }
    /// nullptr: not set.
    [[nodiscard]] const std::vector<SymbolicSize>* ofTensor(graph::ValueId tensor) const;
    /// Of one dimension, negative ones from the end; nullptr where there is none such.
    [[nodiscard]] const SymbolicSize* ofDimension(graph::ValueId tensor, std::int64_t axis) const;
    /// The same where it is a number; nothing where it is free.
    [[nodiscard]] std::optional<std::int64_t> knownSize(graph::ValueId tensor, std::int64_t axis) const;

    void setNumber(graph::ValueId number, const SymbolicSize& size) { m_numbers[number] = size; }
    [[nodiscard]] bool hasNumber(graph::ValueId number) const { return m_numbers.contains(number); }
    /// A literal, or a number that was set.
    [[nodiscard]] std::optional<SymbolicSize> ofNumber(const graph::Operand& operand) const;
    /// What aten::add.int, sub.int, mul.int or floordiv.int gives for two sizes; nothing for other operators and a division by zero.
    [[nodiscard]] static std::optional<SymbolicSize> computed(std::string_view op, const SymbolicSize& a, const SymbolicSize& b);

private:
    [[nodiscard]] std::string unusedSymbol();

    const graph::Graph& m_graph;
    std::set<std::string> m_symbols;
    std::optional<std::set<std::string>> m_graphSymbols; ///< texts of all sizes of the graph, once they are asked for
    int m_nextSymbol = 0;
    std::map<graph::ValueId, std::vector<SymbolicSize>> m_tensors;
    std::map<graph::ValueId, SymbolicSize> m_numbers;
};

} // namespace lathe::formats
