#include <core/formats/long_names.h>

#include <set>
#include <unordered_map>

namespace lathe::formats {

namespace {

constexpr std::string_view ellipsis = "…";

/// The first `size` bytes, without a character that is cut in two (UTF-8).
std::string beginning(const std::string& text, std::size_t size) {
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80)
        --size;
    return text.substr(0, size);
}

/// Calls `use` with every name of the graph.
template<class Use>
void forEachName(graph::Graph& graph, const Use& use) {
    use(graph.name);
    for (graph::Value& value : graph.values) {
        use(value.name);
        if (!value.shape) continue;
        for (graph::Dim& dim : *value.shape)
            use(dim.symbol);
    }
    graph::forEachNode(graph, [&](graph::Node& node) {
        use(node.op);
        use(node.name);
        use(node.scope);
        use(node.source.file);
    });
}

} // namespace

std::string shortened(const std::string& text) {
    return text.size() <= longestName ? text : beginning(text, longestName - ellipsis.size()) + std::string(ellipsis);
}

std::size_t shortenNames(graph::Graph& graph) {
    std::unordered_map<std::string, std::string> replacements;
    std::set<std::string> taken;
    forEachName(graph, [&](std::string& name) {
        if (name.size() > longestName)
            replacements.try_emplace(name);
        else
            taken.insert(name);
    });
    if (replacements.empty()) return 0;
    constexpr std::size_t kept = 100;
    std::size_t number = 0;
    // In the order of the graph, so that the same file gives the same names.
    forEachName(graph, [&](std::string& name) {
        if (name.size() <= longestName) return;
        std::string& replacement = replacements.at(name);
        while (replacement.empty()) {
            std::string candidate = beginning(name, kept) + std::string(ellipsis) + " (" + std::to_string(++number) + ")";
            if (taken.insert(candidate).second) replacement = std::move(candidate);
        }
        name = replacement;
    });
    return replacements.size();
}

} // namespace lathe::formats
