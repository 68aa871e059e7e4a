#include <views/charts/chart_style.h>

#include <algorithm>

#include <qcustomplot.h>

#include <views/models/text.h>
#include <views/widgets/theme.h>

namespace lathe::views {

ChartColors chartColors(const QPalette& palette) {
    const ThemeColors& theme = themeColors(palette);
    const bool dark = isDark(palette);
    return {.run = dark ? QColor(0x56b4e9) : QColor(0x0072b2),
            .baseline = dark ? QColor(0xe69f00) : QColor(0xd55e00),
            .dominated = theme.muted,
            .selected = theme.accent};
}

void applyChartStyle(QCustomPlot& plot) {
    const ThemeColors& theme = themeColors(plot.palette());
    QFont small = plot.font();
    small.setPointSizeF(small.pointSizeF() * 0.92);
    plot.setLocale(QLocale());
    plot.setBackground(QBrush(theme.window));
    for (QCPAxis* axis : {plot.xAxis, plot.yAxis, plot.xAxis2, plot.yAxis2}) {
        axis->setBasePen(QPen(theme.border));
        axis->setTickPen(QPen(theme.border));
        axis->setSubTicks(false);
        axis->setTickLength(0, 3);
        axis->setTickLabelColor(theme.muted);
        axis->setTickLabelFont(small);
        axis->setLabelColor(theme.muted);
        axis->setLabelFont(small);
        axis->setNumberFormat(QStringLiteral("gb"));
        axis->setNumberPrecision(9); // whole numbers below a thousand million have no exponent
        axis->grid()->setPen(QPen(theme.line));
        axis->grid()->setZeroLinePen(Qt::NoPen);
        axis->grid()->setSubGridVisible(false);
    }
    // As many numbers as stand clear of each other.
    plot.xAxis->ticker()->setTickCount(std::clamp(plot.width() / 90, 2, 5));
    plot.legend->setFont(small);
    plot.legend->setTextColor(theme.muted);
    QColor back = theme.window;
    back.setAlphaF(0.85F);
    plot.legend->setBrush(back);
    plot.legend->setBorderPen(Qt::NoPen);
}

QString shortRunName(const history::RunRow& row) {
    constexpr qsizetype longest = 26;
    const QString name = toQt(row.name), separator = QStringLiteral(" · ");
    const qsizetype first = name.indexOf(separator);
    const QString rest = first > 0 ? name.mid(first + separator.size()) : name;
    return rest.size() <= longest ? rest : rest.left(longest - 12).trimmed() % u'…' % rest.right(11).trimmed();
}

} // namespace lathe::views
