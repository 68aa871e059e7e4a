#pragma once

#include <string_view>

/// Operators of TorchScript that put elements into lists and take them out.
namespace lathe::graph::op {

inline constexpr std::string_view append = "aten::append.t";
inline constexpr std::string_view element = "aten::__getitem__.t";

} // namespace lathe::graph::op
