#include <core/formats/onnx/node_names.h>

#include <charconv>
#include <string_view>
#include <vector>

#include <core/formats/node_names.h>
#include <core/graph/scope.h>

namespace lathe::formats::onnx {

namespace {

const std::string* metadata(const NodeProto& node, std::string_view key) {
    for (const auto& [name, value] : node.metadata) {
        if (name == key) return &value;
    }
    return nullptr;
}

/// The strings of a Python list as repr() writes it: ['', 'layer1', 'layer1.0.conv1', 'conv2d'].
std::vector<std::string> pythonStrings(std::string_view text) {
    std::vector<std::string> strings;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char quote = text[at];
        if (quote != '\'' && quote != '"') continue;
        const auto end = text.find(quote, at + 1);
        if (end == std::string_view::npos) break;
        strings.emplace_back(text.substr(at + 1, end - at - 1));
        at = end;
    }
    return strings;
}

/// The innermost frame: the last line of the form   File "model.py", line 12, in forward
graph::SourceLocation sourceOf(std::string_view trace) {
    graph::SourceLocation source;
    const auto start = trace.rfind("File \"");
    if (start == std::string_view::npos) return source;
    trace.remove_prefix(start + 6);
    const auto quote = trace.find('"');
    const auto line = trace.find("line ", quote);
    if (quote == std::string_view::npos || line == std::string_view::npos) return source;
    source.file = trace.substr(0, quote);
    std::from_chars(trace.data() + line + 5, trace.data() + trace.size(), source.line);
    return source;
}

/// "/layer1/layer1.0/conv1/Conv" → "layer1.0.conv1": a Sequential's child repeats the name of its parent.
std::string modulePathOf(std::string_view name) {
    std::vector<std::string> parts;
    name.remove_prefix(1);
    for (auto slash = name.find('/'); slash != std::string_view::npos; slash = name.find('/')) {
        std::string part(name.substr(0, slash));
        if (!parts.empty() && part.starts_with(parts.back() + "."))
            parts.back() = std::move(part);
        else
            parts.push_back(std::move(part));
        name.remove_prefix(slash + 1);
    }
    std::string path;
    for (const std::string& part : parts)
        path += (path.empty() ? "" : ".") + part;
    return path;
}

} // namespace

Origin originOf(const NodeProto& node) {
    Origin origin;
    if (const std::string* trace = metadata(node, "pkg.torch.onnx.stack_trace")) origin.source = sourceOf(*trace);
    if (const std::string* scopes = metadata(node, "pkg.torch.onnx.name_scopes")) {
        const auto names = pythonStrings(*scopes);
        if (names.size() >= 2) origin.modulePath = names[names.size() - 2];
        origin.isFromModule = true;
    } else if (node.name.starts_with("/")) {
        origin.modulePath = modulePathOf(node.name);
        origin.isFromModule = true;
    }
    return origin;
}

void NodeNames::collect(const GraphProto& graph) {
    for (const NodeProto& node : graph.nodes) {
        const std::string path = originOf(node).modulePath;
        ++m_nodesOfModule[path];
        graph::forEachOuterScope(path, [this](std::string_view outer) { m_containers.emplace(outer); });
        for (const AttributeProto& attribute : node.attributes) {
            for (const GraphProto& inner : attribute.g)
                collect(inner);
        }
    }
}

std::string NodeNames::takeLayer(const NodeProto& node, const Origin& origin) {
    const std::string& path = origin.modulePath;
    const bool isModule = origin.isFromModule && !path.empty() && !m_containers.contains(path);
    return isModule && m_names.isFree(path) ? m_names.take(path) : take(node, origin);
}

std::string NodeNames::take(const NodeProto& node, const Origin& origin) {
    const std::string& path = origin.modulePath;
    if (!origin.isFromModule) return m_names.take(node.name.empty() ? shortName(node.opType) : node.name);
    if (!path.empty() && m_nodesOfModule[path] == 1 && !m_containers.contains(path)) return m_names.take(path);
    return m_names.take((path.empty() ? "" : path + ".") + shortName(node.opType));
}

} // namespace lathe::formats::onnx
