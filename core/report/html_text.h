#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lathe::report {

/// Small pieces of HTML. What is called `html` is markup already; everything else is text and gets escaped here.

struct Cell {
    std::string html;
    bool isNumber = false; ///< aligned right, with figures of one width
};
[[nodiscard]] Cell textCell(std::string_view text);
/// For figures ready to be shown ("0.0521 ms"); escaped as well.
[[nodiscard]] Cell numberCell(std::string_view text);

/// A table whose first column holds row headers. Rows may be shorter than the header.
[[nodiscard]] std::string table(const std::vector<std::string>& header, const std::vector<std::vector<Cell>>& rows);

[[nodiscard]] std::string heading(int level, std::string_view text);
[[nodiscard]] std::string paragraph(std::string_view text);
/// A small label: kind is "real", "simulated", "good", "bad" or "plain".
[[nodiscard]] std::string badge(std::string_view text, std::string_view kind);
/// Closed until it is clicked; printed open where the browser can.
[[nodiscard]] std::string details(std::string_view summary, const std::string& html);
/// The whole document around `bodyHtml`.
[[nodiscard]] std::string page(std::string_view title, const std::string& bodyHtml);

} // namespace lathe::report
