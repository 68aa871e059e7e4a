#include <views/charts/bar_list.h>

#include <algorithm>
#include <cmath>

#include <qcustomplot.h>

#include <views/charts/chart_style.h>
#include <views/widgets/theme.h>

namespace lathe::views {

namespace {

constexpr double barWidth = 0.62;

/// The first row is the topmost: keys fall. Also of the place behind the last one, which is −1.
double keyOf(std::size_t index, std::size_t count) { return static_cast<double>(count) - 1 - static_cast<double>(index); }

QColor colourOf(BarEmphasis emphasis, const QPalette& palette) {
    const ChartColors colors = chartColors(palette);
    switch (emphasis) {
    case BarEmphasis::Baseline:
        return colors.baseline;
    case BarEmphasis::Selected:
        return colors.selected;
    case BarEmphasis::Doubtful:
        return colors.dominated;
    case BarEmphasis::Normal:
        break;
    }
    return colors.run;
}

Qt::BrushStyle patternOf(BarEmphasis emphasis) {
    if (emphasis == BarEmphasis::Doubtful) return Qt::BDiagPattern;
    return emphasis == BarEmphasis::Baseline ? Qt::Dense3Pattern : Qt::SolidPattern;
}

void setValueRange(QCustomPlot& plot, const std::vector<Bar>& bars, BarForm form) {
    double least = bars.front().value, greatest = bars.front().value;
    for (const Bar& bar : bars) {
        least = std::min({least, bar.value, bar.low.value_or(bar.value)});
        greatest = std::max({greatest, bar.value, bar.high.value_or(bar.value)});
    }
    if (form == BarForm::Bars) {
        least = std::min(0.0, least);
        greatest = std::max(0.0, greatest);
    }
    const double span = greatest > least ? greatest - least : std::max(std::abs(greatest) * 0.1, 1e-9);
    // Room at the right for the values.
    plot.xAxis->setRange(form == BarForm::Bars && least == 0 ? 0 : least - 0.08 * span, greatest + 0.32 * span);
}

/// Of the axis below the rows: its numbers, its label and the margins around them.
int axisHeight(const QCustomPlot& plot) { return 2 * QFontMetrics(plot.xAxis->tickLabelFont()).height() + 24; }

} // namespace

int leastRowHeight(const QCustomPlot& plot) { return QFontMetrics(plot.yAxis->tickLabelFont()).height() + 2; }

std::size_t rowsThatFit(const QCustomPlot& plot, int height) {
    return static_cast<std::size_t>(std::max(1, (height - axisHeight(plot)) / leastRowHeight(plot)));
}

int heightOfRows(const QCustomPlot& plot, std::size_t count) { return axisHeight(plot) + static_cast<int>(count) * leastRowHeight(plot); }

void drawBars(QCustomPlot& plot, const std::vector<Bar>& bars, BarForm form, const QString& axisLabel, RowWindow window) {
    const ThemeColors& theme = themeColors(plot.palette());
    const QFontMetrics metrics(plot.yAxis->tickLabelFont());
    const std::size_t first = std::min(window.first, bars.size()), end = std::min(first + window.count, bars.size());
    QSharedPointer<QCPAxisTickerText> ticker(new QCPAxisTickerText);
    for (std::size_t index = first; index < end; ++index) {
        ticker->addTick(keyOf(index, bars.size()), metrics.elidedText(bars[index].label, Qt::ElideMiddle, std::max(80, plot.width() / 3)));
    }
    plot.yAxis->setTicker(ticker);
    plot.yAxis->setRange(keyOf(end, bars.size()) + 0.4, keyOf(first, bars.size()) + 0.6);
    plot.yAxis->grid()->setVisible(false);
    plot.yAxis->setTicks(true);
    plot.yAxis->setTickLength(0, 0);
    plot.xAxis->setLabel(axisLabel);
    setValueRange(plot, bars, form);

    for (const BarEmphasis emphasis : {BarEmphasis::Normal, BarEmphasis::Baseline, BarEmphasis::Selected, BarEmphasis::Doubtful}) {
        const QColor colour = colourOf(emphasis, plot.palette());
        QVector<double> keys, values, below, above;
        for (std::size_t index = first; index < end; ++index) {
            const Bar& bar = bars[index];
            if (bar.emphasis != emphasis) continue;
            keys.append(keyOf(index, bars.size()));
            values.append(bar.value);
            below.append(bar.low ? bar.value - *bar.low : 0);
            above.append(bar.high ? *bar.high - bar.value : 0);
        }
        if (keys.isEmpty()) continue;
        QCPAbstractPlottable* drawn = nullptr;
        if (form == BarForm::Bars) {
            auto* series = new QCPBars(plot.yAxis, plot.xAxis);
            series->setData(keys, values);
            series->setWidth(barWidth);
            series->setPen(emphasis == BarEmphasis::Doubtful ? QPen(colour) : QPen(Qt::NoPen));
            // A pattern says the same as the colour.
            series->setBrush(QBrush(colour, patternOf(emphasis)));
            drawn = series;
        } else {
            QCPGraph* series = plot.addGraph(plot.yAxis, plot.xAxis);
            series->setData(keys, values);
            series->setLineStyle(QCPGraph::lsNone);
            const auto shape = emphasis == BarEmphasis::Baseline ? QCPScatterStyle::ssSquare : QCPScatterStyle::ssDisc;
            series->setScatterStyle(QCPScatterStyle(shape, QPen(colour),
                                                    QBrush(colour, emphasis == BarEmphasis::Doubtful ? Qt::NoBrush : Qt::SolidPattern),
                                                    emphasis == BarEmphasis::Selected ? 10 : 8));
            drawn = series;
        }
        const bool hasIntervals = std::any_of(above.begin(), above.end(), [](double length) { return length > 0; });
        if (!hasIntervals) continue;
        auto* intervals = new QCPErrorBars(plot.yAxis, plot.xAxis);
        intervals->setDataPlottable(drawn);
        intervals->setErrorType(QCPErrorBars::etValueError);
        intervals->setData(below, above);
        intervals->setPen(QPen(form == BarForm::Bars ? theme.text : colour, 1.2));
        intervals->setWhiskerWidth(6);
        intervals->setSymbolGap(0);
    }
    for (std::size_t index = first; index < end; ++index) {
        auto* text = new QCPItemText(&plot);
        text->setText(bars[index].valueText);
        text->setFont(plot.xAxis->tickLabelFont());
        text->setColor(bars[index].emphasis == BarEmphasis::Selected ? theme.text : theme.muted);
        text->setPositionAlignment(Qt::AlignLeft | Qt::AlignVCenter);
        text->setPadding(QMargins(8, 0, 0, 0));
        const double tip = std::max({0.0, bars[index].value, bars[index].high.value_or(bars[index].value)});
        text->position->setCoords(form == BarForm::Bars ? tip : bars[index].high.value_or(bars[index].value), keyOf(index, bars.size()));
    }
}

int barAt(const QCustomPlot& plot, std::size_t count, double pixelY) {
    if (pixelY < plot.axisRect()->top() || pixelY > plot.axisRect()->bottom()) return -1;
    const double key = std::round(plot.yAxis->pixelToCoord(pixelY));
    if (key < 0 || key >= static_cast<double>(count)) return -1;
    return static_cast<int>(count) - 1 - static_cast<int>(key);
}

} // namespace lathe::views
