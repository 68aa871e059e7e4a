#include <core/report/svg_chart.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <core/layout/xml_text.h>
#include <core/report/figure_text.h>

namespace lathe::report {

namespace {

using layout::xmlText;

constexpr double chartWidth = 560, chartHeight = 280;
constexpr double leftMargin = 62, rightMargin = 24, topMargin = 14, bottomMargin = 46;
constexpr std::size_t seriesColours = 6;

std::string colour(std::size_t series) { return "var(--series-" + std::to_string(series % seriesColours) + ")"; }

/// Finite, and small enough that differences of two values are finite as well.
bool isDrawable(double value) { return std::abs(value) < 1e15; }

std::string at(double value) { return fixed(value, 1); }

/// Ticks at 1, 2 or 5 times a power of ten (Heckbert, "Nice Numbers for Graph Labels", Graphics Gems, 1990).
struct Axis {
    double low = 0, high = 1, step = 0.2;

    Axis(double minimum, double maximum) {
        if (minimum > maximum) std::swap(minimum, maximum);
        if (minimum == maximum) {
            const double spread = std::max(std::abs(minimum) * 0.1, 1e-9);
            minimum -= spread;
            maximum += spread;
        }
        constexpr double wantedTicks = 5;
        const double rough = (maximum - minimum) / wantedTicks;
        const double power = std::pow(10, std::floor(std::log10(rough)));
        const double fraction = rough / power;
        step = power * (fraction < 1.5 ? 1 : fraction < 3.5 ? 2 : fraction < 7.5 ? 5 : 10);
        low = std::floor(minimum / step + 1e-9) * step;
        high = std::ceil(maximum / step - 1e-9) * step;
    }
    [[nodiscard]] double share(double value) const { return (value - low) / (high - low); }
    [[nodiscard]] int ticks() const { return static_cast<int>(std::lround((high - low) / step)) + 1; }
    [[nodiscard]] std::string text(int tick) const {
        const int decimals = std::clamp(-static_cast<int>(std::floor(std::log10(step) + 1e-9)), 0, 12);
        return fixed(low + tick * step, decimals);
    }
};

std::optional<std::pair<double, double>> rangeOf(const std::vector<double>& values) {
    std::optional<std::pair<double, double>> range;
    for (const double value : values) {
        if (!isDrawable(value)) continue;
        if (!range) range = {value, value};
        range->first = std::min(range->first, value);
        range->second = std::max(range->second, value);
    }
    return range;
}

std::string open(double height, const std::string& description) {
    return "<svg class=\"chart\" viewBox=\"0 0 " + at(chartWidth) + " " + at(height) + "\" role=\"img\" aria-label=\"" +
           xmlText(description) + "\">\n";
}

std::string text(double x, double y, const char* anchor, const std::string& content, const char* kind = "tick") {
    return "<text class=\"" + std::string(kind) + "\" x=\"" + at(x) + "\" y=\"" + at(y) + "\" text-anchor=\"" + anchor + "\">" +
           xmlText(content) + "</text>\n";
}

std::string line(double x1, double y1, double x2, double y2, const char* kind) {
    return "<line class=\"" + std::string(kind) + "\" x1=\"" + at(x1) + "\" y1=\"" + at(y1) + "\" x2=\"" + at(x2) + "\" y2=\"" + at(y2) +
           "\"/>\n";
}

/// The plane of scatter, distribution and line charts.
struct Plane {
    Axis x, y;
    double left = leftMargin, right = chartWidth - rightMargin, top = topMargin, bottom = chartHeight - bottomMargin;

    [[nodiscard]] double pixelX(double value) const { return left + x.share(value) * (right - left); }
    [[nodiscard]] double pixelY(double value) const { return bottom - y.share(value) * (bottom - top); }
    [[nodiscard]] std::string frame(const std::string& xTitle, const std::string& yTitle) const {
        std::string svg;
        for (int i = 0; i < y.ticks(); ++i) {
            const double py = pixelY(y.low + i * y.step);
            svg += line(left, py, right, py, "grid") + text(left - 8, py + 4, "end", y.text(i));
        }
        for (int i = 0; i < x.ticks(); ++i) {
            const double px = pixelX(x.low + i * x.step);
            svg += line(px, bottom, px, bottom + 4, "axis") + text(px, bottom + 18, "middle", x.text(i));
        }
        svg += line(left, bottom, right, bottom, "axis");
        svg += text((left + right) / 2, chartHeight - 8, "middle", xTitle, "axis-title");
        const std::string middle = at((top + bottom) / 2);
        svg += "<text class=\"axis-title\" x=\"14\" y=\"" + middle + "\" text-anchor=\"middle\" transform=\"rotate(-90 14 " + middle +
               ")\">" + xmlText(yTitle) + "</text>\n";
        return svg;
    }
};

std::string polyline(const Plane& plane, const std::vector<std::pair<double, double>>& points, std::size_t series,
                     bool isDoubtful = false) {
    std::string path;
    for (const auto& [x, y] : points) {
        path += (path.empty() ? "M" : " L") + at(plane.pixelX(x)) + " " + at(plane.pixelY(y));
    }
    return "<path class=\"line" + std::string(isDoubtful ? " doubtful" : "") + "\" stroke=\"" + colour(series) + "\" d=\"" + path +
           "\"/>\n";
}

/// What cannot be trusted says so in words too.
std::string named(const std::string& name, bool isDoubtful) { return isDoubtful ? name + " (not reliable)" : name; }

/// What belongs to which colour, below the chart; HTML, so that long names wrap.
std::string legend(const std::vector<Series>& series) {
    std::string html = "<p class=\"legend\">";
    for (std::size_t i = 0; i < series.size(); ++i) {
        const std::string key = series[i].isDoubtful ? "doubtful" : std::to_string(i % seriesColours);
        html += "<span class=\"key key-" + key + "\">" + xmlText(named(series[i].name, series[i].isDoubtful)) + "</span> ";
    }
    return html + "</p>\n";
}

} // namespace

std::string scatterChart(const std::vector<ScatterPoint>& points, const std::string& xTitle, const std::string& yTitle) {
    std::vector<double> xs, ys;
    std::vector<const ScatterPoint*> shown;
    for (const ScatterPoint& point : points) {
        if (!isDrawable(point.x) || !isDrawable(point.y)) continue;
        shown.push_back(&point);
        xs.push_back(point.x);
        ys.push_back(point.y);
    }
    if (shown.empty()) return {};
    const auto xRange = *rangeOf(xs), yRange = *rangeOf(ys);
    const double spread = std::max(yRange.second - yRange.first, 1e-3);
    const Plane plane{Axis(0, xRange.second * 1.05), Axis(yRange.first - spread * 0.1, yRange.second + spread * 0.1)};
    std::string svg = open(chartHeight, yTitle + " over " + xTitle) + plane.frame(xTitle, yTitle);
    for (std::size_t i = 0; i < shown.size(); ++i) {
        const double x = plane.pixelX(shown[i]->x), y = plane.pixelY(shown[i]->y);
        const bool isDoubtful = shown[i]->isDoubtful;
        svg += "<g><title>" + xmlText(named(shown[i]->title, isDoubtful)) + "</title><circle class=\"mark" +
               (isDoubtful           ? " hollow doubtful"
                : shown[i]->isFilled ? ""
                                     : " hollow") +
               "\" cx=\"" + at(x) + "\" cy=\"" + at(y) + "\" r=\"6\" stroke=\"" + colour(i) + "\" fill=\"" + colour(i) + "\"/>" +
               text(x, y - 10, "middle", named(shown[i]->label, isDoubtful), "mark-label") + "</g>\n";
    }
    return svg + "</svg>\n";
}

std::string distributionChart(const std::vector<Series>& series, const std::string& xTitle) {
    std::vector<Series> sorted;
    double low = 0, high = 0;
    bool isFirst = true;
    for (const Series& each : series) {
        Series& copy = sorted.emplace_back(each);
        std::erase_if(copy.values, [](double value) { return !isDrawable(value); });
        std::ranges::sort(copy.values);
        if (copy.values.empty()) continue;
        const double upper = copy.values[(copy.values.size() - 1) * 99 / 100];
        low = isFirst ? copy.values.front() : std::min(low, copy.values.front());
        high = isFirst ? upper : std::max(high, upper);
        isFirst = false;
    }
    if (isFirst) return {};
    const Plane plane{Axis(low, high), Axis(0, 100)};
    std::string svg = open(chartHeight, "Distribution of " + xTitle) + plane.frame(xTitle, "calls up to this, %");
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        const std::vector<double>& values = sorted[i].values;
        if (values.empty()) continue;
        // More points than pixels say nothing more.
        constexpr std::size_t maxPoints = 300;
        std::vector<std::pair<double, double>> points{{values.front(), 0}};
        const std::size_t count = std::min(values.size(), maxPoints);
        for (std::size_t k = 1; k <= count; ++k) {
            const std::size_t rank = k * values.size() / count;
            const double value = values[rank - 1];
            if (value > plane.x.high) break;
            points.emplace_back(value, 100.0 * static_cast<double>(rank) / static_cast<double>(values.size()));
        }
        svg += polyline(plane, points, i, sorted[i].isDoubtful);
    }
    return svg + "</svg>\n" + legend(sorted);
}

std::string lineChart(const std::vector<Series>& series, const std::string& xTitle, const std::string& yTitle) {
    std::vector<double> all;
    std::size_t longest = 0;
    for (const Series& each : series) {
        all.insert(all.end(), each.values.begin(), each.values.end());
        longest = std::max(longest, each.values.size());
    }
    const auto range = rangeOf(all);
    if (!range) return {};
    const Plane plane{Axis(1, static_cast<double>(std::max<std::size_t>(longest, 2))), Axis(range->first, range->second)};
    std::string svg = open(chartHeight, yTitle + " over " + xTitle) + plane.frame(xTitle, yTitle);
    for (std::size_t i = 0; i < series.size(); ++i) {
        std::vector<std::pair<double, double>> points;
        for (std::size_t k = 0; k < series[i].values.size(); ++k) {
            if (isDrawable(series[i].values[k])) points.emplace_back(static_cast<double>(k + 1), series[i].values[k]);
        }
        if (!points.empty()) svg += polyline(plane, points, i);
    }
    return svg + "</svg>\n" + legend(series);
}

std::string barChart(const std::vector<std::string>& categories, const std::vector<Series>& series, const std::string& xTitle) {
    double high = 0;
    for (const Series& each : series) {
        if (const auto range = rangeOf(each.values)) high = std::max(high, range->second);
    }
    if (!(high > 0)) return {};
    constexpr double barHeight = 12, groupGap = 10, nameWidth = 130;
    const double groupHeight = barHeight * static_cast<double>(series.size()) + groupGap;
    const double bottom = topMargin + groupHeight * static_cast<double>(categories.size());
    const double left = nameWidth, right = chartWidth - 70;
    const Axis axis(0, high);
    std::string svg = open(bottom + bottomMargin, xTitle);
    for (int i = 0; i < axis.ticks(); ++i) {
        const double x = left + axis.share(axis.low + i * axis.step) * (right - left);
        svg += line(x, topMargin, x, bottom, "grid") + text(x, bottom + 18, "middle", axis.text(i));
    }
    for (std::size_t category = 0; category < categories.size(); ++category) {
        const double top = topMargin + groupHeight * static_cast<double>(category) + groupGap / 2;
        std::string shortName = categories[category];
        constexpr std::size_t maxName = 20;
        // The end of a long path says most. Never cut inside a UTF-8 sequence.
        if (shortName.size() > maxName) {
            std::size_t begin = shortName.size() - maxName;
            while (begin < shortName.size() && (static_cast<unsigned char>(shortName[begin]) & 0xC0) == 0x80)
                ++begin;
            shortName = "…" + shortName.substr(begin);
        }
        svg += text(left - 8, top + (groupHeight - groupGap) / 2 + 4, "end", shortName);
        for (std::size_t i = 0; i < series.size(); ++i) {
            if (category >= series[i].values.size() || !isDrawable(series[i].values[category])) continue;
            const double value = series[i].values[category];
            const double y = top + barHeight * static_cast<double>(i), width = std::max(0.0, axis.share(value)) * (right - left);
            svg += "<rect x=\"" + at(left) + "\" y=\"" + at(y) + "\" width=\"" + at(width) + "\" height=\"" + at(barHeight - 2) +
                   "\" fill=\"" + colour(i) + "\"" + (series[i].isDoubtful ? " class=\"doubtful-bar\"" : "") + "><title>" +
                   xmlText(categories[category] + ", " + named(series[i].name, series[i].isDoubtful) + ": " + significant(value)) +
                   "</title></rect>\n";
            svg += text(left + width + 5, y + barHeight - 3, "start", significant(value), "value");
        }
    }
    svg += text((left + right) / 2, bottom + bottomMargin - 8, "middle", xTitle, "axis-title");
    return svg + "</svg>\n" + legend(series);
}

} // namespace lathe::report
