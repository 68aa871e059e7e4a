#include <core/report/figure_text.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <iterator>

namespace lathe::report {

namespace {

constexpr const char* dash = "–";
constexpr const char* groupSpace = "\u202F";

} // namespace

std::string fixed(double value, int decimals) {
    if (!std::isfinite(value)) return dash;
    char buffer[400]; // the largest double has 309 digits
    const auto [end, problem] = std::to_chars(std::begin(buffer), std::end(buffer), value, std::chars_format::fixed, decimals);
    const std::string text = problem == std::errc() ? std::string(std::begin(buffer), end) : dash;
    // "-0.00" says nothing that "0.00" does not.
    return text.starts_with('-') && text.find_first_of("123456789") == std::string::npos ? text.substr(1) : text;
}

std::string significant(double value, int digits) {
    if (!std::isfinite(value)) return dash;
    if (value == 0) return "0";
    char buffer[40];
    const auto [end, problem] = std::to_chars(std::begin(buffer), std::end(buffer), value, std::chars_format::scientific, digits - 1);
    if (problem != std::errc()) return dash;
    const std::string scientific(std::begin(buffer), end);
    // The exponent after rounding: 0.9996 with three digits is 1.00.
    const int exponent = std::atoi(scientific.c_str() + scientific.find('e') + 1);
    if (exponent < -6 || exponent >= 15) return scientific;
    return fixed(value, std::max(0, digits - 1 - exponent));
}

std::string compact(double value, int digits) {
    if (!std::isfinite(value)) return dash;
    char buffer[40];
    const auto [end, problem] = std::to_chars(std::begin(buffer), std::end(buffer), value, std::chars_format::general, digits);
    return problem == std::errc() ? std::string(std::begin(buffer), end) : dash;
}

std::string count(std::int64_t value) {
    std::string text = std::to_string(value);
    const std::size_t sign = value < 0 ? 1 : 0;
    for (std::size_t position = text.size(); position > sign + 3;) {
        position -= 3;
        text.insert(position, groupSpace);
    }
    return text;
}

std::string byteText(std::int64_t bytes) {
    constexpr const char* units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    // 999.5 would be written as 1000.
    while (std::abs(value) >= 999.5 && unit + 1 < std::size(units)) {
        value /= 1000;
        ++unit;
    }
    return (unit == 0 ? std::to_string(bytes) : significant(value)) + " " + units[unit];
}

std::string percent(std::optional<double> fraction) {
    if (!fraction || !std::isfinite(*fraction)) return dash;
    return fixed(*fraction * 100, 2) + " %";
}

std::string sqnrText(const measure::Quality& quality) {
    if (measure::isIdentical(quality)) return "identical";
    return quality.sqnrDb ? fixed(*quality.sqnrDb, 1) : dash;
}

std::string orDash(std::optional<double> value, int digits) { return value ? significant(*value, digits) : dash; }

} // namespace lathe::report
