#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <core/history/figures.h>
#include <core/measure/result.h>

namespace lathe::report {

/// Figures as people read them, in the C locale whatever the program's locale is. What is absent or not finite is "–". The one place of
/// core and the command line that writes them (the window's is views/models/number_text.h, with the same rules): never an exponent, one
/// prefix at most, and a unit that suits the size.

/// "0.0521", "12.3", "1230", "1.25 M" from a million on, "< 0.000001" for what is smaller than that: `digits` significant digits.
[[nodiscard]] std::string significant(double value, int digits = 3);
/// "10", "0.266", "61706": up to `digits` significant digits without zeros that say nothing; whole numbers whole.
[[nodiscard]] std::string compact(double value, int digits = 4);
/// "12.30".
[[nodiscard]] std::string fixed(double value, int decimals);
/// "61 706", grouped by narrow no-break spaces.
[[nodiscard]] std::string count(std::int64_t value);
/// "251 kB", powers of 1000 as on package labels and in file managers.
[[nodiscard]] std::string byteText(std::int64_t bytes);
/// "61.7 k", "416 k", "1.20 M".
[[nodiscard]] std::string shortCount(std::int64_t value);
/// A time given in microseconds, in the unit that suits it: "9.50 µs", "1.71 ms", "12.3 s".
[[nodiscard]] std::string timeText(std::optional<double> microseconds);
/// "417 kMAC"; "≥ 136 kMAC, 14 layers unknown" when some could not be counted; "unknown" when none could.
[[nodiscard]] std::string macsText(std::int64_t macs, std::int64_t unknownLayers = 0);
/// 0.9032 → "90.32 %".
[[nodiscard]] std::string percent(std::optional<double> fraction);
[[nodiscard]] std::string orDash(std::optional<double> value, int digits = 3);
/// Of outputs against those of the original: "28.2" dB, "identical" where it is infinite.
[[nodiscard]] std::string sqnrText(const measure::Quality& quality);

/// A number of this figure as people read it, its unit in the title but for times and ratios; a dash where there is none.
[[nodiscard]] std::string numberText(const history::Figure& figure, std::optional<double> value);
/// A figure of a run, and behind it that it is not reliable where it is not: "0.05190 (not reliable)". Its unit is in the title.
[[nodiscard]] std::string figureText(const history::Figure& figure, const history::RunRow& run);
/// Of a layer: "unknown" where MACs are.
[[nodiscard]] std::string layerFigureText(const history::Figure& figure, const measure::LayerFigures& layer);
/// "SQNR, dB"; "Time (not reliable)" where those of the model are not.
[[nodiscard]] std::string layerFigureTitle(const history::Figure& figure, const measure::ModelResult& model);
/// "Median latency, ms".
[[nodiscard]] std::string titleOf(const history::Figure& figure);

} // namespace lathe::report
