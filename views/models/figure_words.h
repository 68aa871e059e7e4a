#pragma once

#include <optional>

#include <QString>

#include <core/history/figures.h>

namespace lathe::views {

// The figures of core/history/figures.h in the language of the window. Names, numbers and doubts of documents and of the command line are
// core/report/figure_text.h.

/// "Median latency".
[[nodiscard]] QString figureName(const history::Figure& figure);
/// What it tells, one sentence; empty where the name says it all.
[[nodiscard]] QString figureExplanation(const history::Figure& figure);
/// Of a layer: "unknown" where it could not be counted, a dash where there is none.
[[nodiscard]] QString layerFigureText(const history::Figure& figure, std::optional<double> value);
/// The same with the unit that its numbers are written without: "Throughput, samples/s".
[[nodiscard]] QString figureTitle(const history::Figure& figure);
/// A number of this figure with its unit, also a difference of two: "52.4 µs", "90.39 %", "identical".
[[nodiscard]] QString figureNumberText(const history::Figure& figure, double value);
/// What the run has: its number, "≥ 136 kMAC, 14 layers unknown", "52.4 µs (not reliable)", or a dash.
[[nodiscard]] QString figureValueText(const history::Figure& figure, const history::RunRow& run);
/// What it is called in the CSV of a chart, in the unit of charts: "latency_p50_us".
[[nodiscard]] QString chartColumn(const history::Figure& figure);
/// An axis: "median latency, µs".
[[nodiscard]] QString chartTitle(const history::Figure& figure);

} // namespace lathe::views
