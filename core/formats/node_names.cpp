#include <core/formats/node_names.h>

#include <cctype>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include <core/base/unique_names.h>
#include <core/graph/scope.h>

namespace lathe::formats {

namespace {

/// The module whose parameters the node uses; "" when it uses none or the model's own.
std::string parameterOwner(const graph::Graph& graph, const graph::Node& node) {
    for (const graph::Operand& operand : node.operands) {
        if (!operand.isValue()) continue;
        const graph::Value& value = graph.value(operand.value());
        if (value.kind != graph::ValueKind::Weight || !value.isParameter) continue;
        const auto dot = value.name.rfind('.');
        return dot == std::string::npos ? "" : value.name.substr(0, dot);
    }
    return "";
}

/// Modules that hold other modules: "layer1.0" of "layer1.0.conv1".
std::set<std::string> containers(const graph::Graph& graph) {
    std::set<std::string> found;
    graph::forEachNode(graph, [&](const graph::Node& node) {
        graph::forEachOuterScope(node.scope, [&](std::string_view outer) { found.emplace(outer); });
    });
    return found;
}

} // namespace

std::string shortName(std::string_view op) {
    if (const auto colons = op.rfind("::"); colons != std::string_view::npos) op.remove_prefix(colons + 2);
    op = op.substr(0, op.find('.'));
    while (!op.empty() && op.front() == '_')
        op.remove_prefix(1);
    while (!op.empty() && op.back() == '_')
        op.remove_suffix(1);
    std::string name;
    for (const char letter : op) {
        const bool isUpper = std::isupper(static_cast<unsigned char>(letter)) != 0;
        if (isUpper && !name.empty() && name.back() != '_') name += '_';
        name += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    }
    return name.empty() ? "node" : name;
}

void nameNodes(graph::Graph& graph, const std::vector<int>& calls) {
    std::map<int, int> nodesOfCall;
    for (const int call : calls)
        ++nodesOfCall[call];

    const std::set<std::string> outer = containers(graph);
    base::UniqueNames nodeNames, valueNames;
    std::set<graph::ValueId> results;
    graph::forEachNode(std::as_const(graph), [&](const graph::Node& node) { results.insert(node.results.begin(), node.results.end()); });
    for (std::size_t id = 0; id < graph.values.size(); ++id) {
        if (!results.contains(static_cast<graph::ValueId>(id))) graph.values[id].name = valueNames.take(graph.values[id].name);
    }

    std::size_t index = 0;
    graph::forEachNode(graph, [&](graph::Node& node) {
        const int call = index < calls.size() ? calls[index] : 0;
        ++index;
        const std::string owner = parameterOwner(graph, node);
        const bool isOnlyOne = !node.scope.empty() && nodesOfCall[call] == 1 && !outer.contains(node.scope);
        // Tied weights are stored under the name of one of their modules.
        const bool isOfOther = isOnlyOne && owner != node.scope && !owner.starts_with(node.scope + ".");
        if (!owner.empty() && !isOfOther && nodeNames.isFree(owner))
            node.name = nodeNames.take(owner);
        else if (isOnlyOne)
            node.name = nodeNames.take(node.scope);
        else
            node.name = nodeNames.take((node.scope.empty() ? "" : node.scope + ".") + shortName(node.op));
        for (std::size_t i = 0; i < node.results.size(); ++i) {
            const std::string suffix = node.results.size() == 1 ? "_out" : "_out" + std::to_string(i);
            graph.value(node.results[i]).name = valueNames.take(node.name + suffix);
        }
    });
}

} // namespace lathe::formats
