#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <core/graph/graph.h>

namespace lathe::formats {

/// Names with more bytes are no names that people gave; the window's engine protocol takes no text of more than 65 536 bytes.
inline constexpr std::size_t longestName = 1000;

/// Cuts names of nodes, values, scopes, operators, symbols and source files of more than longestName bytes after their first characters and
/// gives them a number ("AAAA… (1)"), the same one wherever the name stands, so that names stay unique. Returns how many names were cut.
std::size_t shortenNames(graph::Graph& graph);

/// The text, cut at a character's end to at most longestName bytes, "…" included.
[[nodiscard]] std::string shortened(const std::string& text);

} // namespace lathe::formats
