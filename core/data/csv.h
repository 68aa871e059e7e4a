#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <core/base/result.h>

namespace lathe::data {

/// A table as text: names of the columns and rows of as many cells.
struct CsvTable {
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;
};

/// RFC 4180: a header, cells separated by commas (or, when the header has more of them, by semicolons or tabs), in double quotes where they
/// hold separators, quotes (doubled) or line breaks; LF or CRLF, with or without a byte order mark. Errors: Rejected with the line: a row
/// with another number of cells, an open quote, no header, two columns of one name, a NUL.
[[nodiscard]] base::Result<CsvTable> parseCsv(std::string_view text, const std::string& name);

} // namespace lathe::data
