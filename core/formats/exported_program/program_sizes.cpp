#include <core/formats/exported_program/program_sizes.h>

#include <algorithm>

namespace lathe::formats {

using graph::ValueId;

std::string ProgramSizes::unusedSymbol() {
    if (!m_graphSymbols) {
        m_graphSymbols.emplace();
        for (const graph::Value& value : m_graph.values) {
            for (const graph::Dim& dim : value.shape.value_or(std::vector<graph::Dim>{})) {
                if (dim.size < 0) m_graphSymbols->insert(dim.symbol);
            }
        }
    }
    const auto isTaken = [this](const std::string& name) {
        return m_symbols.contains(name) ||
               std::ranges::any_of(*m_graphSymbols, [&](const std::string& symbol) { return symbol.find(name) != std::string::npos; });
    };
    std::string name;
    do {
        name = "s" + std::to_string(m_nextSymbol++);
    } while (isTaken(name));
    return name;
}

base::Result<std::vector<SymbolicSize>> ProgramSizes::sizesOf(const std::vector<graph::Dim>& shape) {
    std::vector<SymbolicSize> sizes;
    for (const graph::Dim& dim : shape) {
        auto size = sizeOf(dim.size < 0 && dim.symbol.empty() ? graph::Dim{-1, unusedSymbol()} : dim, m_symbols);
        if (!size) return base::forward(size);
        sizes.push_back(std::move(*size));
    }
    return sizes;
}

const std::vector<SymbolicSize>* ProgramSizes::ofTensor(ValueId tensor) const {
    const auto known = m_tensors.find(tensor);
    return known == m_tensors.end() ? nullptr : &known->second;
}

const SymbolicSize* ProgramSizes::ofDimension(ValueId tensor, std::int64_t axis) const {
    const auto* sizes = ofTensor(tensor);
    const auto rank = sizes == nullptr ? 0 : static_cast<std::int64_t>(sizes->size());
    if (axis < -rank || axis >= rank) return nullptr;
    return &(*sizes)[static_cast<std::size_t>(axis < 0 ? axis + rank : axis)];
}

std::optional<std::int64_t> ProgramSizes::knownSize(ValueId tensor, std::int64_t axis) const {
    const SymbolicSize* size = ofDimension(tensor, axis);
    return size != nullptr && size->expression.empty() ? std::optional(size->value) : std::nullopt;
}

std::optional<SymbolicSize> ProgramSizes::ofNumber(const graph::Operand& operand) const {
    if (const auto number = operand.literal<std::int64_t>()) return SymbolicSize{*number, ""};
    const auto known = operand.isValue() ? m_numbers.find(operand.value()) : m_numbers.end();
    return known == m_numbers.end() ? std::nullopt : std::optional(known->second);
}

std::optional<SymbolicSize> ProgramSizes::computed(std::string_view op, const SymbolicSize& a, const SymbolicSize& b) {
    if (op == "aten::add.int") return combine("Add", a, b);
    if (op == "aten::sub.int") return combine("Add", a, combine("Mul", {-1, ""}, b));
    if (op == "aten::mul.int") return combine("Mul", a, b);
    if (op == "aten::floordiv.int" && b.value != 0) return combine("FloorDiv", a, b);
    return std::nullopt;
}

} // namespace lathe::formats
