#include <core/layout/closed_modules.h>

namespace lathe::layout {

ClosedModules::ClosedModules(const Drawing& drawing) {
    for (const DrawNode& node : drawing.nodes)
        if (node.op == moduleOp) m_ids.emplace(node.scope, node.id);
}

const std::string* ClosedModules::around(std::string_view nodeName) const {
    if (m_ids.empty()) return nullptr;
    const std::string* id = nullptr;
    graph::forEachPathAround(nodeName, [&](std::string_view path) {
        if (const auto found = m_ids.find(std::string(path)); found != m_ids.end()) id = &found->second;
    });
    return id;
}

std::vector<std::string> pathsAround(std::string_view nodeName) {
    std::vector<std::string> paths;
    graph::forEachPathAround(nodeName, [&](std::string_view path) { paths.emplace_back(path); });
    return paths;
}

} // namespace lathe::layout
