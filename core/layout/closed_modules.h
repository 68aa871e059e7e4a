#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <core/layout/drawing.h>

namespace lathe::layout {

/// Where the nodes are that a drawing does not show: by their names alone, so that tables and times of a run find them.
class ClosedModules {
public:
    /// Keeps copies, not the drawing.
    explicit ClosedModules(const Drawing& drawing = {});

    [[nodiscard]] bool isEmpty() const { return m_ids.empty(); }
    /// The id of the closed module in which a node of this name would stand; nullptr: in none. A quantize or dequantize node that a rewrite
    /// put in has a name of its own, and is found in none.
    [[nodiscard]] const std::string* around(std::string_view nodeName) const;

private:
    std::unordered_map<std::string, std::string> m_ids; ///< by path
};

/// Paths of all modules that may be around a node of this name: when they are open, it is to be seen.
[[nodiscard]] std::vector<std::string> pathsAround(std::string_view nodeName);

} // namespace lathe::layout
