#pragma once

#include <map>
#include <optional>
#include <vector>

#include <core/graph/graph.h>
#include <core/quantization/grid.h>

namespace lathe::formats {

/// Which values of a graph are quantized tensors, and on which grids, while it is walked through from its inputs to its outputs: also
/// through lists and tuples that hold such tensors and are taken apart again.
class TrackedGrids {
public:
    using Grid = quantization::TensorGrid;

    void set(graph::ValueId value, const Grid& grid) { m_grids.insert_or_assign(value, grid); }

    /// nullptr: not a quantized tensor. A list's value has the grid of its first element when all of its elements are quantized.
    [[nodiscard]] const Grid* of(const graph::Operand& operand) const;
    /// Of the operand or, if it is written as a list, of the first element.
    [[nodiscard]] const Grid* ofFirst(const graph::Operand& operand) const;
    [[nodiscard]] bool holdsQuantized(const graph::Operand& operand) const;
    /// Do all elements of a list share one grid? A value of which no elements are known counts as one.
    [[nodiscard]] bool areOnOneGrid(const graph::Operand& list) const;

    /// A node that makes a list or tuple of quantized tensors, takes one apart or picks an element: its results get the grids of what they
    /// are. False, and nothing noted: it is no such node.
    bool follow(const graph::Node& node);

private:
    std::map<graph::ValueId, Grid> m_grids;
    std::map<graph::ValueId, std::vector<std::optional<Grid>>> m_elements; ///< of lists and tuples
};

} // namespace lathe::formats
