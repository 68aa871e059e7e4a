#include <core/data/csv.h>

#include <algorithm>
#include <set>

namespace lathe::data {

namespace {

constexpr std::string_view byteOrderMark = "\xef\xbb\xbf";

char separatorOf(std::string_view header) {
    char best = ',';
    for (const char candidate : {';', '\t'}) {
        if (std::ranges::count(header, candidate) > std::ranges::count(header, best)) best = candidate;
    }
    return best;
}

class Parser {
public:
    Parser(std::string_view text, const std::string& name)
        : m_text(text), m_name(name), m_separator(separatorOf(text.substr(0, text.find('\n')))) {}

    [[nodiscard]] bool isAtEnd() const { return m_at >= m_text.size(); }
    [[nodiscard]] std::size_t line() const { return m_line; }

    tl::unexpected<base::Error> rejected(std::size_t line, const std::string& reason) const {
        return base::failure(base::ErrorCode::Rejected, m_name + ", line " + std::to_string(line) + ": " + reason + ".");
    }

    base::Result<std::vector<std::string>> row() {
        std::vector<std::string> cells;
        for (;;) {
            auto next = cell();
            if (!next) return base::forward(next);
            cells.push_back(std::move(*next));
            if (isAtEnd()) break;
            const char separator = m_text[m_at++];
            if (separator == m_separator) continue;
            if (separator == '\r' && !isAtEnd() && m_text[m_at] == '\n') ++m_at;
            break;
        }
        ++m_line;
        return cells;
    }

private:
    base::Result<std::string> cell() {
        if (!isAtEnd() && m_text[m_at] == '"') return quotedCell();
        const std::size_t begin = m_at;
        while (!isAtEnd() && m_text[m_at] != m_separator && m_text[m_at] != '\n' && m_text[m_at] != '\r')
            ++m_at;
        return std::string(m_text.substr(begin, m_at - begin));
    }

    base::Result<std::string> quotedCell() {
        const std::size_t firstLine = m_line;
        std::string cell;
        for (++m_at; !isAtEnd(); ++m_at) {
            const char c = m_text[m_at];
            if (c == '"') {
                ++m_at;
                if (isAtEnd() || m_text[m_at] != '"') {
                    const bool isEnd = isAtEnd() || m_text[m_at] == m_separator || m_text[m_at] == '\n' || m_text[m_at] == '\r';
                    if (!isEnd) return rejected(m_line, "text follows a closing quote");
                    return cell;
                }
            }
            if (c == '\n') ++m_line;
            cell += c;
        }
        return rejected(firstLine, "a quote is opened and never closed");
    }

    std::string_view m_text;
    const std::string& m_name;
    char m_separator;
    std::size_t m_at = 0, m_line = 1;
};

} // namespace

base::Result<CsvTable> parseCsv(std::string_view text, const std::string& name) {
    if (text.starts_with(byteOrderMark)) text.remove_prefix(byteOrderMark.size());
    Parser parser(text, name);
    if (text.empty()) return parser.rejected(1, "the header is missing");
    if (text.find('\0') != std::string_view::npos)
        return base::failure(base::ErrorCode::Rejected, name + " is not text: it holds NUL bytes.");
    CsvTable table;
    auto header = parser.row();
    if (!header) return base::forward(header);
    table.columns = std::move(*header);
    std::set<std::string> known;
    for (const std::string& column : table.columns) {
        if (!known.insert(column).second) return parser.rejected(1, "two columns are called \"" + column + "\"");
    }
    while (!parser.isAtEnd()) {
        const std::size_t line = parser.line();
        auto row = parser.row();
        if (!row) return base::forward(row);
        if (row->size() == 1 && row->front().empty()) continue;
        if (row->size() != table.columns.size()) {
            return parser.rejected(line, "there are " + std::to_string(row->size()) + " cells, but the header has " +
                                             std::to_string(table.columns.size()));
        }
        table.rows.push_back(std::move(*row));
    }
    return table;
}

} // namespace lathe::data
