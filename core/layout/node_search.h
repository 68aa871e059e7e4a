#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <core/layout/drawing.h>

namespace lathe::layout {

/// What people type to find nodes: words that must all stand in name, label, operator, detail or shape of a node, in any case (of Latin
/// letters), with x or × between numbers.
class NodeSearch {
public:
    explicit NodeSearch(std::string_view text);
    /// Nothing was typed: finds nothing.
    [[nodiscard]] bool isEmpty() const { return m_words.empty(); }
    [[nodiscard]] bool finds(const DrawNode& node) const;

private:
    std::vector<std::string> m_words;
};

} // namespace lathe::layout
