#pragma once

#include <string>

#include <core/graph/graph.h>

namespace lathe::graph {

/// "28", "N", or "?" for a size that is neither known nor has a name.
[[nodiscard]] inline std::string text(const Dim& dim) {
    if (dim.size >= 0) return std::to_string(dim.size);
    return dim.symbol.empty() ? "?" : dim.symbol;
}

} // namespace lathe::graph
