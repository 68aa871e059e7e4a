#pragma once

#include <string_view>

namespace lathe::graph {

/// "lstm" of "aten::lstm.input": without namespace and overload.
[[nodiscard]] inline std::string_view shortName(std::string_view op) {
    if (const std::size_t colons = op.find("::"); colons != std::string_view::npos) op.remove_prefix(colons + 2);
    return op.substr(0, op.find('.'));
}

/// "aten" of "aten::lstm.input"; empty where there is none.
[[nodiscard]] inline std::string_view libraryName(std::string_view op) {
    const std::size_t colons = op.find("::");
    return colons == std::string_view::npos ? std::string_view() : op.substr(0, colons);
}

} // namespace lathe::graph
