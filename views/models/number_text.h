#pragma once

#include <cstdint>
#include <optional>

#include <QString>

namespace lathe::views {

// Numbers as a person reads them, in the language of the window (QLocale's default). A missing number is an en dash, never an empty cell.

/// "61,706".
[[nodiscard]] QString countText(std::int64_t count);
/// The same, and a dash for 0: counts that are only 0 where they are not known.
[[nodiscard]] QString knownCountText(std::int64_t count);
/// Three significant digits with k, M, G: "61.7 k", "0.42 M" for macs in millions.
[[nodiscard]] QString shortCountText(std::int64_t count);
/// "0.42 MMAC", "134 kMAC"; a dash for 0, where they are not known.
[[nodiscard]] QString macsText(std::int64_t macs);
/// Decimal units as file managers show them: "247 kB".
[[nodiscard]] QString bytesText(std::int64_t bytes);
/// `fraction` 0.904 with 2 digits: "90.40 %".
[[nodiscard]] QString percentText(double fraction, int digits = 1);
/// With its sign, also when positive: "−0.31".
[[nodiscard]] QString signedText(double value, int digits);
/// Four significant digits, plain notation between 0.0001 and 99,999: "0.0412".
[[nodiscard]] QString figureText(std::optional<double> value);
[[nodiscard]] QString decibelText(std::optional<double> value);
[[nodiscard]] QString microsecondsText(std::optional<double> value);
/// "0:24", "1:02:05".
[[nodiscard]] QString durationText(double seconds);
/// "1×6×28×28" from "1x6x28x28".
[[nodiscard]] QString shapeText(const QString& shape);
/// "words N×128" from "words: int64[N,128]", as inputs are called in drawings.
[[nodiscard]] QString signatureText(const QString& signature);

} // namespace lathe::views
