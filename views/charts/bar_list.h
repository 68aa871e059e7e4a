#pragma once

#include <optional>
#include <vector>

#include <QString>

class QCustomPlot;

namespace lathe::views {

enum class BarEmphasis { Normal, Baseline, Selected };

/// One row of a list of bars, the first on top.
struct Bar {
    QString label, valueText;
    double value = 0;
    std::optional<double> low, high; ///< of an interval around the value
    BarEmphasis emphasis = BarEmphasis::Normal;
};

/// Bars begin at zero, so that lengths can be compared; dots show differences that would be invisible on such an axis.
enum class BarForm { Bars, Dots };

/// Draws the rows into an empty, styled plot: labels at the left, values written beside their ends.
void drawBars(QCustomPlot& plot, const std::vector<Bar>& bars, BarForm form, const QString& axisLabel);

/// The row at a place in the plot; -1: none.
[[nodiscard]] int barAt(const QCustomPlot& plot, std::size_t count, double pixelY);

} // namespace lathe::views
