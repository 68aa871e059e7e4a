#pragma once

#include <QColor>
#include <QPalette>
#include <QString>

#include <core/history/history.h>

class QCustomPlot;

namespace lathe::views {

/// What a colour stands for in every chart. From the colours of Okabe & Ito (2008), which colour-blind people can tell apart; a shape or a
/// dash always says the same.
struct ChartColors {
    QColor run;       ///< blue
    QColor baseline;  ///< orange
    QColor dominated; ///< grey
    QColor selected;  ///< the accent of the theme
};
[[nodiscard]] ChartColors chartColors(const QPalette& palette);

/// Colours, fonts and number format of a plot as its palette, font and the locale are now.
void applyChartStyle(QCustomPlot& plot);

/// The name of a run without the model's name, short enough to stand beside a point.
[[nodiscard]] QString shortRunName(const history::RunRow& row);

} // namespace lathe::views
