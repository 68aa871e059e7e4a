#include <core/layout/plain_output.h>

#include <charconv>
#include <cmath>
#include <optional>

namespace lathe::layout {

namespace {

/// The words of one line.
class Words {
public:
    explicit Words(std::string_view line) : m_rest(line) {}

    std::string_view next() {
        const std::size_t begin = m_rest.find_first_not_of(" \r");
        if (begin == std::string_view::npos) return {};
        m_rest.remove_prefix(begin);
        const std::string_view word = m_rest.substr(0, m_rest.find_first_of(" \r"));
        m_rest.remove_prefix(word.size());
        return word;
    }
    std::optional<double> number() {
        const std::string_view word = next();
        double value = 0;
        const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), value);
        if (problem != std::errc() || end != word.data() + word.size() || !std::isfinite(value)) return std::nullopt;
        return value;
    }
    std::optional<std::size_t> count(std::size_t limit) { return whole(next(), limit); }
    /// The number of a node name.
    std::optional<std::size_t> node(std::size_t nodeCount) {
        const std::string_view word = next();
        if (!word.starts_with('n')) return std::nullopt;
        return whole(word.substr(1), nodeCount);
    }

private:
    static std::optional<std::size_t> whole(std::string_view word, std::size_t limit) {
        std::size_t value = 0;
        const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), value);
        if (problem != std::errc() || end != word.data() + word.size() || value >= limit) return std::nullopt;
        return value;
    }
    std::string_view m_rest;
};

bool readNode(Words& words, PlainGraph& graph, std::vector<bool>& isPlaced) {
    const auto number = words.node(graph.nodes.size());
    const auto x = words.number(), y = words.number();
    if (!number || !x || !y) return false;
    graph.nodes[*number] = {*x, *y};
    isPlaced[*number] = true;
    return true;
}

bool readEdge(Words& words, PlainGraph& graph) {
    const auto tail = words.node(graph.nodes.size()), head = words.node(graph.nodes.size());
    const auto count = words.count(100'000);
    if (!tail || !head || !count) return false;
    PlainGraph::Edge edge{*tail, *head, {}};
    for (std::size_t i = 0; i < *count; ++i) {
        const auto x = words.number(), y = words.number();
        if (!x || !y) return false;
        edge.points.push_back({*x, *y});
    }
    graph.edges.push_back(std::move(edge));
    return true;
}

} // namespace

base::Result<PlainGraph> parsePlain(std::string_view text, std::size_t nodeCount) {
    PlainGraph graph;
    graph.nodes.resize(nodeCount);
    std::vector<bool> isPlaced(nodeCount, false);
    bool isGood = true, hasSize = false, isEnded = false;
    while (isGood && !isEnded && !text.empty()) {
        const std::size_t end = text.find('\n');
        Words words(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        const std::string_view what = words.next();
        if (what == "graph") {
            const auto scale = words.number(), width = words.number(), height = words.number();
            isGood = hasSize = scale && width && height;
            if (isGood) {
                graph.width = *width;
                graph.height = *height;
            }
        } else if (what == "node") {
            isGood = readNode(words, graph, isPlaced);
        } else if (what == "edge") {
            isGood = readEdge(words, graph);
        } else {
            isEnded = what == "stop";
            isGood = isEnded || what.empty();
        }
    }
    for (const bool placed : isPlaced) {
        isGood = isGood && placed;
    }
    if (!isGood || !hasSize || !isEnded) return base::failure(base::ErrorCode::Failed, "Graphviz gave an answer that cannot be read.");
    return graph;
}

} // namespace lathe::layout
