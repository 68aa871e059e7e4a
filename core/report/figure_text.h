#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <core/measure/result.h>

namespace lathe::report {

/// Figures as people read them, in the C locale whatever the program's locale is. What is absent or not finite is "–".

/// "0.0521", "12.3", "1230": `digits` significant digits, no exponent between 1e-6 and 1e15.
[[nodiscard]] std::string significant(double value, int digits = 3);
/// "10", "0.266", "1e-09": up to `digits` significant digits without zeros that say nothing.
[[nodiscard]] std::string compact(double value, int digits = 4);
/// "12.30".
[[nodiscard]] std::string fixed(double value, int decimals);
/// "61 706", grouped by narrow no-break spaces.
[[nodiscard]] std::string count(std::int64_t value);
/// "251 kB", powers of 1000 as on package labels and in file managers.
[[nodiscard]] std::string byteText(std::int64_t bytes);
/// 0.9032 → "90.32 %".
[[nodiscard]] std::string percent(std::optional<double> fraction);
[[nodiscard]] std::string orDash(std::optional<double> value, int digits = 3);
/// Of outputs against those of the original: "28.2" dB, "identical" where it is infinite.
[[nodiscard]] std::string sqnrText(const measure::Quality& quality);

} // namespace lathe::report
