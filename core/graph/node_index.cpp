#include <core/graph/node_index.h>

namespace lathe::graph {

NodeIndex::NodeIndex(const Graph& graph) {
    m_nodes.reserve(graph.main.nodes.size());
    forEachNode(graph, [this](const Node& node) { m_nodes.insert_or_assign(node.name, &node); });
}

const Node* NodeIndex::find(std::string_view nodeName) const {
    const auto found = m_nodes.find(nodeName);
    return found == m_nodes.end() ? nullptr : found->second;
}

} // namespace lathe::graph
