#include <core/report/figure_text.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <vector>

namespace lathe::report {

namespace {

constexpr const char* dash = "–";
constexpr const char* groupSpace = "\u202F";
constexpr double smallest = 1e-6, firstWithPrefix = 999'999.5;

struct Scaled {
    double value;
    const char* prefix;
};
/// 61706 → 61.7 with prefix "k".
Scaled scaled(double value) {
    constexpr const char* prefixes[] = {"", "k", "M", "G", "T", "P", "E"};
    std::size_t step = 0;
    // 999.5 would be written as 1000.
    while (std::abs(value) >= 999.5 && step + 1 < std::size(prefixes)) {
        value /= 1000;
        ++step;
    }
    return {value, prefixes[step]};
}

/// `digits` significant digits, no prefix.
std::string withDigits(double value, int digits) {
    char buffer[40];
    const auto [end, problem] = std::to_chars(std::begin(buffer), std::end(buffer), value, std::chars_format::scientific, digits - 1);
    if (problem != std::errc()) return dash;
    // The exponent after rounding: 0.9996 with three digits is 1.00.
    const std::string scientific(std::begin(buffer), end);
    const int exponent = std::atoi(scientific.c_str() + scientific.find('e') + 1);
    return fixed(value, std::max(0, digits - 1 - exponent));
}

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
    if (std::abs(value) < smallest) return value > 0 ? "< 0.000001" : "> -0.000001";
    if (std::abs(value) >= firstWithPrefix) {
        const Scaled number = scaled(value);
        return withDigits(number.value, digits) + " " + number.prefix;
    }
    return withDigits(value, digits);
}

std::string compact(double value, int digits) {
    if (!std::isfinite(value)) return dash;
    if (value == std::floor(value) && std::abs(value) < 1e15) return std::to_string(static_cast<std::int64_t>(value));
    std::string text = significant(value, digits);
    // Zeros at the end say nothing.
    const std::size_t end = std::min(text.size(), text.find(' '));
    if (text.starts_with('<') || text.starts_with('>') || text.find('.') >= end) return text;
    std::size_t last = text.find_last_not_of('0', end - 1);
    if (text[last] == '.') --last;
    return text.erase(last + 1, end - last - 1);
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
    const Scaled number = scaled(static_cast<double>(bytes));
    return (*number.prefix == '\0' ? std::to_string(bytes) : withDigits(number.value, 3)) + " " + number.prefix + "B";
}

std::string shortCount(std::int64_t value) {
    const Scaled number = scaled(static_cast<double>(value));
    return *number.prefix == '\0' ? std::to_string(value) : withDigits(number.value, 3) + " " + number.prefix;
}

std::string timeText(std::optional<double> microseconds) {
    if (!microseconds || !std::isfinite(*microseconds)) return dash;
    const double magnitude = std::abs(*microseconds);
    if (magnitude < 0.005) return "0 µs";
    if (magnitude < 999.5) return significant(*microseconds) + " µs";
    if (magnitude < 999'500) return significant(*microseconds / 1000) + " ms";
    return significant(*microseconds / 1e6) + " s";
}

std::string macsText(std::int64_t macs, std::int64_t unknownLayers) {
    const Scaled number = scaled(static_cast<double>(macs));
    const std::string known = (*number.prefix == '\0' ? std::to_string(macs) : withDigits(number.value, 3)) + " " + number.prefix + "MAC";
    if (unknownLayers == 0) return known;
    if (macs == 0) return "unknown";
    return "≥ " + known + ", " + std::to_string(unknownLayers) + (unknownLayers == 1 ? " layer unknown" : " layers unknown");
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

namespace {

std::string ratioText(double ratio, const std::vector<double>& interval) {
    const std::string text = fixed(ratio, 2) + "×";
    return interval.size() == 2 ? text + " (" + fixed(interval[0], 2) + "–" + fixed(interval[1], 2) + ")" : text;
}

/// `parts`: of the figures that are told by this one.
std::string plainText(const history::Figure& figure, double value, const std::vector<double>& parts) {
    using history::FigureFormat;
    // Far above what is counted, and below where converting to a whole number is undefined.
    const auto whole = static_cast<std::int64_t>(std::llround(std::clamp(value, -1e15, 1e15)));
    switch (figure.format) {
    case FigureFormat::Fraction:
        return percent(value);
    case FigureFormat::Points:
        return fixed(value * 100, 2);
    case FigureFormat::Similarity:
        return fixed(value, 6);
    case FigureFormat::Decibels:
        return std::isinf(value) ? "identical" : fixed(value, 1);
    case FigureFormat::Milliseconds:
        return significant(value, 4);
    case FigureFormat::Microseconds:
        return timeText(value);
    case FigureFormat::Rate:
    case FigureFormat::Count:
        return count(whole);
    case FigureFormat::Bytes:
        return byteText(whole);
    case FigureFormat::Macs:
        return macsText(whole, parts.empty() ? 0 : std::llround(parts.front()));
    case FigureFormat::Ratio:
        return ratioText(value, parts);
    case FigureFormat::Number:
        break;
    }
    return compact(value);
}

} // namespace

std::string numberText(const history::Figure& figure, std::optional<double> value) {
    return value && !std::isnan(*value) ? plainText(figure, *value, {}) : dash;
}

std::string figureText(const history::Figure& figure, const history::RunRow& run) {
    std::optional<double> value = history::valueOf(figure, run);
    const bool isComplete = run.state == history::RunState::Complete;
    // A part of a sum is told as such.
    if (!value && isComplete && figure.isPart != nullptr && figure.isPart(run.result))
        value = history::storedValue(figure, run.result, run.comparison);
    if (!value || std::isnan(*value)) return dash;
    const bool isReliable = history::doubtOf(figure, run).empty();
    // Not even the ratio: it tells of the machine.
    if (!isReliable && figure.doubt == history::FigureDoubt::Speedup) return "not reliable";
    std::vector<double> parts;
    for (const history::Figure& part : history::figures()) {
        if (part.partOf != figure.name) continue;
        if (const auto number = history::storedValue(part, run.result, run.comparison)) parts.push_back(*number);
    }
    return plainText(figure, *value, parts) + (isReliable ? "" : " (not reliable)");
}

std::string titleOf(const history::Figure& figure) {
    using history::FigureFormat;
    const bool hasUnit = figure.format == FigureFormat::Milliseconds || figure.format == FigureFormat::Rate ||
                         figure.format == FigureFormat::Decibels || figure.format == FigureFormat::Points;
    return std::string(figure.words) + (hasUnit ? ", " + std::string(figure.unit) : "");
}

std::string layerFigureText(const history::Figure& figure, const measure::LayerFigures& layer) {
    const auto value = history::valueOf(figure, layer);
    return !value && figure.format == history::FigureFormat::Count && !figure.isOfWeights ? "unknown" : numberText(figure, value);
}

std::string layerFigureTitle(const history::Figure& figure, const measure::ModelResult& model) {
    const bool isDoubtful = figure.doubt == history::FigureDoubt::Latency && !measure::isReliable(model.latency);
    return titleOf(figure) + (isDoubtful ? " (not reliable)" : "");
}

} // namespace lathe::report
