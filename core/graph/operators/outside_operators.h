#pragma once

#include <string_view>

namespace lathe::graph {

/// Does an operator reach out of the model: to files (aten::save writes one, aten::from_file maps one), other machines (c10d, rpc), or the
/// debugger's and profiler's hooks? No model needs it to compute its outputs, and none is allowed to.
[[nodiscard]] bool reachesOutside(std::string_view op);

} // namespace lathe::graph
