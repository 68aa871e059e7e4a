#include <core/report/html_text.h>

#include <core/layout/xml_text.h>

namespace lathe::report {

namespace {

using layout::xmlText;

// The series' colours are those of Okabe & Ito (2008), which people with any colour vision can tell apart, lightened for dark paper.
constexpr std::string_view style = R"(
:root { color-scheme: light dark; --paper: #ffffff; --panel: #f6f7f9; --ink: #1d2330; --muted: #5d6675; --line: #dde1e7; --accent: #2563c9;
  --good: #1c7c4a; --bad: #b3391f; --warn: #8a5a00; --good-paper: #e4f4eb; --bad-paper: #fbe8e3; --warn-paper: #fdf0d8; --heat: 37, 99, 201;
  --series-0: #0072b2; --series-1: #d55e00; --series-2: #009e73; --series-3: #cc79a7; --series-4: #8a6d00; --series-5: #56b4e9; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14171c; --panel: #1c2027; --ink: #e6e9ef; --muted: #9aa3b2; --line: #323842; --accent: #7aa7f5; --good: #6fcf97; --bad: #f28b73;
    --warn: #e9b44c; --good-paper: #17301f; --bad-paper: #3a1d17; --warn-paper: #352a12; --heat: 122, 167, 245;
    --series-0: #5aaee0; --series-1: #f28c4a; --series-2: #3fc79f; --series-3: #e3a3c4; --series-4: #d9bb4a; --series-5: #8fd0f5; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 14px/1.5 system-ui, "Noto Sans", "DejaVu Sans", sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 26px; margin: 0 0 4px; letter-spacing: -0.01em; } h2 { font-size: 19px; margin: 40px 0 12px; padding-top: 14px; border-top: 1px solid var(--line); }
h3 { font-size: 15px; margin: 24px 0 8px; } h1, h2, h3, td, th, p, li { overflow-wrap: anywhere; }
.subtitle, .note { color: var(--muted); margin: 0 0 8px; } .note { font-size: 13px; }
.verdict { background: var(--panel); border-left: 3px solid var(--accent); border-radius: 4px; padding: 12px 16px; margin: 14px 0; font-size: 15px; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr)); gap: 12px; margin: 16px 0; }
.card { border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px; } .card .what { color: var(--muted); font-size: 12px; }
.card .value { font-size: 22px; font-weight: 600; font-variant-numeric: tabular-nums; } .card .change { font-size: 13px; color: var(--muted); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(440px, 100%), 1fr)); gap: 20px; }
figure { margin: 0; border: 1px solid var(--line); border-radius: 8px; padding: 12px; break-inside: avoid; } figcaption { font-weight: 600; margin-bottom: 6px; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: 13px; }
th, td { padding: 5px 10px; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; } thead th { color: var(--muted); font-weight: 600; background: var(--panel); }
tbody th { font-weight: 500; } .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; } tr { break-inside: avoid; }
.badge { display: inline-block; border-radius: 9px; padding: 0 8px; font-size: 11px; line-height: 18px; font-weight: 600; background: var(--panel); color: var(--muted); border: 1px solid var(--line); }
.badge.real, .badge.good { background: var(--good-paper); color: var(--good); border-color: transparent; }
.badge.simulated { background: var(--warn-paper); color: var(--warn); border-color: transparent; } .badge.bad { background: var(--bad-paper); color: var(--bad); border-color: transparent; }
.confusion { width: auto; } .confusion td { text-align: right; min-width: 40px; background: rgba(var(--heat), var(--share)); border: 1px solid var(--paper); font-variant-numeric: tabular-nums; }
details { margin: 10px 0; } summary { cursor: pointer; color: var(--accent); } pre { background: var(--panel); border-radius: 6px; padding: 12px; overflow-x: auto; font-size: 12px; white-space: pre-wrap; }
.chart { width: 100%; max-width: 560px; height: auto; display: block; } .chart text { font: 11px system-ui, "Noto Sans", "DejaVu Sans", sans-serif; fill: var(--muted); }
.chart .mark-label, .chart .value { fill: var(--ink); } .chart .axis { stroke: var(--muted); } .chart .grid { stroke: var(--line); } .chart .line { fill: none; stroke-width: 2; }
.chart .mark { stroke-width: 2; } .chart .hollow { fill: var(--paper); } .chart .doubtful { stroke: var(--muted); stroke-dasharray: 4 3; } .chart .doubtful-bar { fill: var(--line); stroke: var(--muted); stroke-dasharray: 4 3; }
.legend { margin: 6px 0 0; font-size: 12px; color: var(--muted); } .key { margin-right: 14px; } .key::before { content: ""; display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin-right: 5px; }
.key-0::before { background: var(--series-0); } .key-1::before { background: var(--series-1); } .key-2::before { background: var(--series-2); }
.key-3::before { background: var(--series-3); } .key-4::before { background: var(--series-4); } .key-5::before { background: var(--series-5); } .key-doubtful::before { border: 1px dashed var(--muted); }
footer { margin-top: 48px; color: var(--muted); font-size: 12px; border-top: 1px solid var(--line); padding-top: 12px; }
@media print { main { max-width: none; padding: 0; } body { font-size: 11px; } .scroll { overflow: visible; } h2 { break-after: avoid; } h3 { break-after: avoid; } details::details-content { content-visibility: visible; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
)";

} // namespace

Cell textCell(std::string_view text) { return {xmlText(text), false}; }
Cell numberCell(std::string_view text) { return {xmlText(text), true}; }

std::string table(const std::vector<std::string>& header, const std::vector<std::vector<Cell>>& rows) {
    // A column's header stands as its figures do.
    std::vector<bool> isNumber(header.size(), false);
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size() && i < header.size(); ++i)
            isNumber[i] = isNumber[i] || row[i].isNumber;
    }
    std::string html = "<div class=\"scroll\"><table><thead><tr>";
    for (std::size_t i = 0; i < header.size(); ++i) {
        html += std::string("<th scope=\"col\"") + (isNumber[i] ? " class=\"number\">" : ">") + xmlText(header[i]) + "</th>";
    }
    html += "</tr></thead>\n<tbody>\n";
    for (const auto& row : rows) {
        html += "<tr>";
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string tag = i == 0 ? "th" : "td";
            html += "<" + tag + (i == 0 ? " scope=\"row\"" : "") + (row[i].isNumber ? " class=\"number\">" : ">") + row[i].html + "</" +
                    tag + ">";
        }
        html += "</tr>\n";
    }
    return html + "</tbody></table></div>\n";
}

std::string heading(int level, std::string_view text) {
    const std::string tag = "h" + std::to_string(level);
    return "<" + tag + ">" + xmlText(text) + "</" + tag + ">\n";
}

std::string paragraph(std::string_view text) { return "<p class=\"note\">" + xmlText(text) + "</p>\n"; }

std::string badge(std::string_view text, std::string_view kind) {
    return "<span class=\"badge " + std::string(kind) + "\">" + xmlText(text) + "</span>";
}

std::string details(std::string_view summary, const std::string& html) {
    return "<details><summary>" + xmlText(summary) + "</summary>\n" + html + "</details>\n";
}

std::string page(std::string_view title, const std::string& bodyHtml) {
    return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" "
           "content=\"no-referrer\">\n<title>" +
           xmlText(title) + "</title>\n<style>" + std::string(style) + "</style>\n</head>\n<body>\n<main>\n" + bodyHtml +
           "</main>\n</body>\n</html>\n";
}

} // namespace lathe::report
