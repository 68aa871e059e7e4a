#include <core/graph/operators/outside_operators.h>

#include <algorithm>
#include <array>

namespace lathe::graph {

namespace {

/// All operators of PyTorch 2.11 that have a file name or an address among their arguments, and the namespaces made for other machines.
constexpr std::array<std::string_view, 9> beginnings{"aten::save",   "aten::from_file",  "prim::rpc_", "c10d::",    "_c10d_functional",
                                                     "debugprims::", "debug_mode_ops::", "symm_mem::", "_dtensor::"};

} // namespace

bool reachesOutside(std::string_view op) {
    return std::ranges::any_of(beginnings, [op](std::string_view beginning) { return op.starts_with(beginning); });
}

} // namespace lathe::graph
