#pragma once

#include <string>
#include <vector>

namespace lathe::report {

/// Charts as inline SVG for the HTML report. Colours are CSS variables of the page (--series-0 …), so they follow light and dark. All texts
/// are escaped. Values that are not finite are left out; a chart without any value is "".

struct Series {
    std::string name;
    std::vector<double> values;
    bool isDoubtful = false; ///< grey and dashed, and called "not reliable"
};

struct ScatterPoint {
    std::string label; ///< short, drawn beside the mark
    std::string title; ///< full, shown on hover
    double x = 0, y = 0;
    bool isFilled = true;    ///< hollow marks for baselines
    bool isDoubtful = false; ///< grey and dashed, and called "not reliable"
};

/// Points in a plane with ticks on both axes.
[[nodiscard]] std::string scatterChart(const std::vector<ScatterPoint>& points, const std::string& xTitle, const std::string& yTitle);

/// Share of values up to x (empirical distribution), one curve per series. The axis ends at the largest 99 % quantile, so that single
/// outliers do not squeeze the rest.
[[nodiscard]] std::string distributionChart(const std::vector<Series>& series, const std::string& xTitle);

/// Values over 1, 2, 3, …
[[nodiscard]] std::string lineChart(const std::vector<Series>& series, const std::string& xTitle, const std::string& yTitle);

/// Horizontal bars, one group per category and one bar per series; NaN leaves a bar out. Each series has one value per category.
[[nodiscard]] std::string barChart(const std::vector<std::string>& categories, const std::vector<Series>& series,
                                   const std::string& xTitle);

} // namespace lathe::report
