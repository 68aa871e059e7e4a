#pragma once

#include <functional>
#include <string>
#include <vector>

#include <core/base/job.h>
#include <core/base/json.h>
#include <core/history/exported_file.h>
#include <core/measure/result.h>
#include <core/report/figure_text.h>

namespace lathe::cli {

// Figures are written by core/report/figure_text.h.
using report::byteText;
using report::fixed;

/// Rows of texts as a table with aligned columns on standard output; the first row is the head. Columns after the first are aligned to the
/// right.
void printTable(const std::vector<std::vector<std::string>>& rows);
/// A JSON document, indented, on standard output.
void printJson(const base::Json& json);
/// What a judge found out about an exported file, in one line.
[[nodiscard]] std::string checkText(const history::ExportCheck& check);

/// Sentences on what was done, a line each on standard error: they are no part of a document.
void printNotes(const std::vector<std::string>& notes);

/// Shows progress on one line of standard error when that is a terminal; otherwise nothing.
[[nodiscard]] std::function<void(const base::Progress&)> terminalProgress();
/// Ends the progress line.
void clearProgress();

/// "faster: 8.20x (95 %: 8.10 to 8.31) against Lathe's FP32 plan", or that the speed is not reliable and why; then without the ratio.
[[nodiscard]] std::string speedupText(const measure::Speedup& speedup, const std::string& baseline);
/// The comparison as people read it: quality, latency, size of both, the verdict and the layer table.
void printRun(const measure::RunDocument& document);

} // namespace lathe::cli
