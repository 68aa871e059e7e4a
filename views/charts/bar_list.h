#pragma once

#include <optional>
#include <vector>

#include <QString>

class QCustomPlot;

namespace lathe::views {

/// Doubtful: grey and hatched, what cannot be trusted.
enum class BarEmphasis { Normal, Baseline, Selected, Doubtful };

/// One row of a list of bars, the first on top.
struct Bar {
    QString label, valueText;
    double value = 0;
    std::optional<double> low, high; ///< of an interval around the value
    BarEmphasis emphasis = BarEmphasis::Normal;
};

/// Bars begin at zero, so that lengths can be compared; dots show differences that would be invisible on such an axis.
enum class BarForm { Bars, Dots };

/// The rows of a long list that are drawn: `count` of them from `first` on.
struct RowWindow {
    std::size_t first = 0, count = 0;
    bool operator==(const RowWindow&) const = default;
};

/// What a row needs so that its label stands clear of its neighbours', in pixels.
[[nodiscard]] int leastRowHeight(const QCustomPlot& plot);
/// How many rows of at least that height a plot of `height` pixels has room for beside its axis; at least one.
[[nodiscard]] std::size_t rowsThatFit(const QCustomPlot& plot, int height);
/// The height in which `count` rows fit.
[[nodiscard]] int heightOfRows(const QCustomPlot& plot, std::size_t count);

/// Draws the rows of the window into an empty, styled plot: labels at the left, values written beside their ends. The value axis is that of
/// all rows, so that lengths stay comparable while the window moves.
void drawBars(QCustomPlot& plot, const std::vector<Bar>& bars, BarForm form, const QString& axisLabel, RowWindow window);

/// The row (of all) at a place in the plot; -1: none.
[[nodiscard]] int barAt(const QCustomPlot& plot, std::size_t count, double pixelY);

} // namespace lathe::views
