#pragma once

#include <cstdint>
#include <optional>

#include <QLocale>
#include <QString>

namespace lathe::views {

// Numbers as a person reads them, in the language of the window (QLocale's default). The one place of the window that writes them (core's
// is core/report/figure_text.h, with the same rules): never an exponent, one prefix at most, a unit that suits the size. A missing number
// is an en dash, never an empty cell.

/// "61,706".
[[nodiscard]] QString countText(std::int64_t count);
/// The same, and "unknown" where there is none.
[[nodiscard]] QString knownCountText(std::optional<std::int64_t> count);
/// Three significant digits with k, M, G: "61.7 k", "0.42 M" for macs in millions.
[[nodiscard]] QString shortCountText(std::int64_t count);
/// "0.42 MMAC", "134 kMAC"; "≥ 136 kMAC, 14 layers unknown" when some could not be counted; "MACs unknown" when none could.
[[nodiscard]] QString macsText(std::int64_t macs, std::int64_t unknownLayers = 0);
/// Decimal units as file managers show them: "247 kB".
[[nodiscard]] QString bytesText(std::int64_t bytes);
/// `fraction` 0.904 with 2 digits: "90.40 %".
[[nodiscard]] QString percentText(double fraction, int digits = 1);
/// With its sign, also when positive: "−0.31".
[[nodiscard]] QString signedText(double value, int digits);
/// Four significant digits: "0.0412", "1.25 M" from a million on, "< 0.000001" for what is smaller than that.
[[nodiscard]] QString figureText(std::optional<double> value);
/// A setting as it was given, up to six decimals, without zeros at the end: "0.9", "0.00001".
[[nodiscard]] QString settingText(double value, const QLocale& locale = QLocale());
[[nodiscard]] QString decibelText(std::optional<double> value);
/// A time given in microseconds, in the unit that suits it: "9.50 µs", "1.71 ms", "12.3 s".
[[nodiscard]] QString microsecondsText(std::optional<double> value);
/// One unit for all times of a column, so that they can be compared at a glance.
enum class TimeUnit { Microseconds, Milliseconds, Seconds };
/// The unit that suits a time in milliseconds.
[[nodiscard]] TimeUnit timeUnitFor(double milliseconds);
[[nodiscard]] QString unitName(TimeUnit unit);
/// The number alone: "52.4" of 0.0524 in microseconds, "10.23" of 10.234 in milliseconds.
[[nodiscard]] QString timeText(double milliseconds, TimeUnit unit);
/// The number of a ratio, without its sign: "2.26".
[[nodiscard]] QString ratioText(double ratio, int decimals = 2);
/// A number and its unit ("µs", "dB", "" for a count or a plain figure), three digits: what fits into a node of the graph.
[[nodiscard]] QString unitText(double value, const QString& unit);
/// "0:24", "1:02:05".
[[nodiscard]] QString durationText(double seconds);
/// "1×6×28×28" from "1x6x28x28".
[[nodiscard]] QString shapeText(const QString& shape);
/// "words N×128" from "words: int64[N,128]", as inputs are called in drawings.
[[nodiscard]] QString signatureText(const QString& signature);

} // namespace lathe::views
