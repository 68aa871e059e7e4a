#pragma once

#include <string_view>

namespace lathe::graph {

/// Calls `visit` with the path of each module that holds the one at `path`, from inside out: "layer1.0" and "layer1" of "layer1.0.conv1".
/// The model itself ("") is not among them.
template<class Visit>
void forEachOuterScope(std::string_view path, const Visit& visit) {
    for (auto dot = path.rfind('.'); dot != std::string_view::npos && dot > 0; dot = path.rfind('.', dot - 1))
        visit(path.substr(0, dot));
}

} // namespace lathe::graph
