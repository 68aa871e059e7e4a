#pragma once

#include <span>
#include <string>

#include <core/history/history.h>

namespace lathe::report {

/// One HTML file about one or several runs, in the order given, that needs nothing else: no script, no font, no picture from outside (a
/// Content-Security-Policy forbids them), light and dark after the reader's system, fit for printing. Every text of model, data or user is
/// escaped. The same runs give the same bytes.
///
/// It holds, for all runs, the verdict of each comparison in words, a table of every figure, accuracy against latency and the latency
/// distribution; for each run its layers, classes, confusion matrix and environment, and for optimized ones the recipe, its steps, its
/// exports with what judges found out about them, and the flipped samples. Runs should come from History::run(), which fills samples and
/// layers, or from history::rowsOf(); what is absent is left out.
[[nodiscard]] std::string htmlReport(std::span<const history::RunRow> runs);

} // namespace lathe::report
