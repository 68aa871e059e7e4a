#pragma once

#include <vector>

namespace lathe::layout {

/// A drawing cut into rows: every edge leads from a row to the next one, longer edges through vertices of their own ("bends").
struct Rows {
    std::vector<std::vector<int>> rows;         ///< vertices from left to right, top row first; every vertex once
    std::vector<std::vector<int>> above, below; ///< by vertex: those it is joined with in the row above (below)
    std::vector<double> widths;                 ///< by vertex
    std::vector<bool> isBend;                   ///< by vertex
};

/// The centre of each vertex, leftmost edge at 0. Rows keep their order, with at least `gap` between vertices, and long edges become
/// straight where they can. Linear in vertices and edges. U. Brandes, B. Köpf: Fast and Simple Horizontal Coordinate Assignment, GD 2001.
[[nodiscard]] std::vector<double> placeHorizontally(const Rows& rows, double gap);

} // namespace lathe::layout
