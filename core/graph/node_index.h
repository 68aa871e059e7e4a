#pragma once

#include <string_view>
#include <unordered_map>

#include <core/graph/graph.h>

namespace lathe::graph {

/// Nodes by name, those of blocks too; built in one pass, outdated by any edit. Where many are looked up, instead of Graph::findNode().
class NodeIndex {
public:
    explicit NodeIndex(const Graph& graph);
    /// nullptr when there is none.
    [[nodiscard]] const Node* find(std::string_view nodeName) const;

private:
    std::unordered_map<std::string_view, const Node*> m_nodes;
};

} // namespace lathe::graph
