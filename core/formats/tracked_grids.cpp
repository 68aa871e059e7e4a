#include <core/formats/tracked_grids.h>

#include <algorithm>

namespace lathe::formats {

using graph::Operand;
using graph::ValueId;

const TrackedGrids::Grid* TrackedGrids::of(const Operand& operand) const {
    if (!operand.isValue()) return nullptr;
    const auto found = m_grids.find(operand.value());
    return found == m_grids.end() ? nullptr : &found->second;
}

const TrackedGrids::Grid* TrackedGrids::ofFirst(const Operand& operand) const {
    const auto* list = std::get_if<std::vector<Operand>>(&operand.content);
    return list == nullptr ? of(operand) : list->empty() ? nullptr : of(list->front());
}

bool TrackedGrids::holdsQuantized(const Operand& operand) const {
    const auto* list = std::get_if<std::vector<Operand>>(&operand.content);
    return list == nullptr ? of(operand) != nullptr
                           : std::ranges::any_of(*list, [this](const Operand& element) { return holdsQuantized(element); });
}

bool TrackedGrids::areOnOneGrid(const Operand& list) const {
    if (const auto* elements = std::get_if<std::vector<Operand>>(&list.content)) {
        return std::ranges::all_of(
            *elements, [&](const Operand& element) { return of(element) != nullptr && *of(element) == *of(elements->front()); });
    }
    const auto known = list.isValue() ? m_elements.find(list.value()) : m_elements.end();
    return known == m_elements.end() ||
           std::ranges::all_of(known->second, [&](const auto& element) { return element == known->second.front(); });
}

bool TrackedGrids::follow(const graph::Node& node) {
    if (node.op == "prim::ListConstruct" || node.op == "prim::TupleConstruct") {
        if (!std::ranges::any_of(node.operands, [this](const Operand& operand) { return of(operand) != nullptr; })) return false;
        auto& elements = m_elements[node.results[0]];
        for (const Operand& operand : node.operands) {
            const Grid* grid = of(operand);
            elements.push_back(grid == nullptr ? std::nullopt : std::optional(*grid));
        }
        const bool isQuantized = std::ranges::all_of(elements, [](const auto& element) { return element.has_value(); });
        if (isQuantized && node.op == "prim::ListConstruct") set(node.results[0], *elements.front());
        return true;
    }
    const auto known = node.operands.empty() || !node.operands[0].isValue() ? m_elements.end() : m_elements.find(node.operands[0].value());
    if (known == m_elements.end()) return false;
    const auto& elements = known->second;
    const auto hand = [&](ValueId result, std::size_t index) {
        if (index < elements.size() && elements[index]) set(result, *elements[index]);
    };
    if (node.op == "prim::ListUnpack" || node.op == "prim::TupleUnpack") {
        for (std::size_t i = 0; i < node.results.size(); ++i)
            hand(node.results[i], i);
        return true;
    }
    const auto index = node.operands.size() == 2 ? node.operands[1].literal<std::int64_t>() : std::nullopt;
    if ((node.op != "prim::TupleIndex" && node.op != "aten::__getitem__.t") || !index) return false;
    hand(node.results[0], static_cast<std::size_t>(*index < 0 ? *index + static_cast<std::int64_t>(elements.size()) : *index));
    return true;
}

} // namespace lathe::formats
