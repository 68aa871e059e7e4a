#pragma once

#include <string_view>
#include <vector>

#include <core/graph/graph.h>

namespace lathe::graph {

/// The operands that a product of matrices multiplies: both of matmul and bmm, queries, keys and values of an attention. None of other
/// nodes.
[[nodiscard]] std::vector<std::string_view> factorRoles(const Node& node);

} // namespace lathe::graph
