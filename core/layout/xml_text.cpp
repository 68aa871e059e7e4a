#include <core/layout/xml_text.h>

#include <boost/locale/utf.hpp>

namespace lathe::layout {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD"; // U+FFFD

bool isAllowed(boost::locale::utf::code_point point) {
    if (point < 0x20) return point == '\t' || point == '\n' || point == '\r';
    return point != 0x7F && point != 0xFFFE && point != 0xFFFF;
}

} // namespace

std::string xmlText(std::string_view text) {
    std::string escaped;
    escaped.reserve(text.size());
    for (auto position = text.begin(); position != text.end();) {
        const auto begin = position;
        const auto point = boost::locale::utf::utf_traits<char>::decode(position, text.end());
        if (!boost::locale::utf::is_valid_codepoint(point)) {
            position = begin + 1;
            escaped += replacement;
        } else if (!isAllowed(point)) {
            escaped += replacement;
        } else if (point == '&') {
            escaped += "&amp;";
        } else if (point == '<') {
            escaped += "&lt;";
        } else if (point == '>') {
            escaped += "&gt;";
        } else if (point == '"') {
            escaped += "&quot;";
        } else if (point == '\'') {
            escaped += "&#39;";
        } else {
            escaped.append(begin, position);
        }
    }
    return escaped;
}

} // namespace lathe::layout
