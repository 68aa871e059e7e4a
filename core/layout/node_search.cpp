#include <core/layout/node_search.h>

#include <algorithm>

namespace lathe::layout {

namespace {

/// As it is compared.
std::string plain(std::string_view text) {
    constexpr std::string_view times = "×";
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (text.substr(i).starts_with(times)) {
            result += 'x';
            i += times.size() - 1;
        } else {
            result += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
    }
    return result;
}

} // namespace

NodeSearch::NodeSearch(std::string_view text) {
    const std::string typed = plain(text);
    for (std::size_t begin = 0; begin < typed.size();) {
        const std::size_t end = std::min(typed.find(' ', begin), typed.size());
        if (end > begin) m_words.push_back(typed.substr(begin, end - begin));
        begin = end + 1;
    }
}

bool NodeSearch::finds(const DrawNode& node) const {
    if (m_words.empty()) return false;
    std::string searched;
    for (const std::string* text : {&node.label, &node.id, &node.op, &node.detail, &node.shape})
        searched += plain(*text) + '\n';
    return std::ranges::all_of(m_words, [&](const std::string& word) { return searched.find(word) != std::string::npos; });
}

} // namespace lathe::layout
