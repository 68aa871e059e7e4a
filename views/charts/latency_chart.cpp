#include <views/charts/latency_chart.h>

#include <algorithm>
#include <cmath>

#include <QComboBox>
#include <qcustomplot.h>

#include <views/charts/chart_style.h>
#include <views/charts/distribution.h>
#include <views/models/number_text.h>
#include <views/models/text.h>

namespace lathe::views {

namespace {

constexpr int bins = 60;

std::vector<double> microseconds(const std::vector<double>& samplesMs) {
    std::vector<double> samplesUs(samplesMs.size());
    std::transform(samplesMs.begin(), samplesMs.end(), samplesUs.begin(), [](double ms) { return ms * 1000; });
    return samplesUs;
}

} // namespace

QString LatencyChart::title() const { return tr("Distribution of the latency"); }

QStringList LatencyChart::choices() const { return {tr("Cumulative"), tr("Histogram")}; }

LatencyChart::Form LatencyChart::form() const { return static_cast<Form>(std::max(0, choice().currentIndex())); }

QString LatencyChart::fill() {
    m_series.clear();
    if (const QString problem = load(); !problem.isEmpty()) return problem;
    const auto add = [this](const history::RunRow& row) {
        const measure::Latency& latency = row.result.latency;
        const std::vector<double> samplesUs = microseconds(measure::countedSamplesMs(latency));
        if (samplesUs.empty()) return;
        const bool isDoubtful = !measure::isReliable(latency);
        m_series.push_back({isDoubtful ? tr("%1 (not reliable)").arg(toQt(row.name)) : toQt(row.name),
                            row.role == history::RunRole::Baseline, isDoubtful, samplesUs});
    };
    if (baseline()) add(*baseline());
    add(run());
    if (m_series.empty()) return tr("This run has no latency samples.");
    // A few calls that were disturbed would squeeze everything else into a line.
    double from = m_series.front().samplesUs.front(), to = 0;
    for (const Series& series : m_series) {
        from = std::min(from, *std::min_element(series.samplesUs.begin(), series.samplesUs.end()));
        to = std::max(to, quantile(series.samplesUs, 0.99) * 1.05);
    }
    if (!(to > from)) to = from + 1;
    for (const Series& series : m_series)
        addSeries(series, from, to);
    plot().xAxis->setLabel(tr("latency of one call, µs (up to the 99th percentile)"));
    plot().yAxis->setLabel(tr("share of calls, %"));
    plot().xAxis->setRange(from - (to - from) * 0.03, to);
    if (form() == Cumulative) {
        plot().yAxis->setRange(0, 103);
    } else {
        plot().yAxis->rescale(true);
        plot().yAxis->setRange(0, plot().yAxis->range().upper * 1.15);
    }
    for (const Series& series : m_series)
        addMedian(series);
    plot().legend->setVisible(true);
    return {};
}

QColor LatencyChart::colourOf(const Series& series) const {
    const ChartColors colors = chartColors(palette());
    if (series.isDoubtful) return colors.dominated;
    return series.isBaseline ? colors.baseline : colors.run;
}

void LatencyChart::addSeries(const Series& series, double from, double to) {
    QCPGraph* graph = plot().addGraph();
    graph->setName(QFontMetrics(plot().legend->font()).elidedText(series.name, Qt::ElideMiddle, 160));
    // Dashes say what the colour says.
    const Qt::PenStyle line = series.isDoubtful ? Qt::DotLine : series.isBaseline ? Qt::DashLine : Qt::SolidLine;
    graph->setPen(QPen(colourOf(series), 1.6, line));
    graph->addToLegend();
    if (form() == Cumulative) {
        graph->setLineStyle(QCPGraph::lsStepLeft);
        graph->addData(from, 0);
        for (const QPointF& point : empiricalDistribution(series.samplesUs))
            graph->addData(point.x(), point.y() * 100);
        return;
    }
    graph->setLineStyle(QCPGraph::lsStepLeft);
    QColor fill = graph->pen().color();
    fill.setAlphaF(0.18F);
    graph->setBrush(fill);
    const std::vector<double> shares = histogramShares(series.samplesUs, from, to, bins);
    const double width = (to - from) / bins;
    for (std::size_t bin = 0; bin < shares.size(); ++bin)
        graph->addData(from + width * static_cast<double>(bin), shares[bin] * 100);
    graph->addData(to, 0);
}

void LatencyChart::addMedian(const Series& series) {
    const double median = quantile(series.samplesUs, 0.5);
    auto* line = new QCPItemStraightLine(&plot());
    line->point1->setCoords(median, 0);
    line->point2->setCoords(median, 1);
    line->setPen(QPen(colourOf(series), 1, Qt::DotLine));
    auto* text = new QCPItemText(&plot());
    text->setText(QStringLiteral("p50 %1").arg(microsecondsText(median)));
    text->setFont(plot().legend->font());
    text->setColor(colourOf(series));
    const bool isFarRight = plot().xAxis->range().upper - median < plot().xAxis->range().size() / 4;
    text->setPositionAlignment((isFarRight ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignTop);
    text->setPadding(QMargins(4, 0, 4, 0));
    // One below the other, so that near medians stay readable.
    text->position->setTypeX(QCPItemPosition::ptPlotCoords);
    text->position->setTypeY(QCPItemPosition::ptAxisRectRatio);
    text->position->setCoords(median, series.isBaseline ? 0.09 : 0.01);
}

QString LatencyChart::toolTipAt(QPointF position) const {
    if (!plot().axisRect()->rect().contains(position.toPoint())) return {};
    const double at = plot().xAxis->pixelToCoord(position.x());
    QStringList lines{microsecondsText(at)};
    for (const Series& series : m_series) {
        const auto below = std::count_if(series.samplesUs.begin(), series.samplesUs.end(), [&](double sample) { return sample <= at; });
        const double share = static_cast<double>(below) / static_cast<double>(series.samplesUs.size());
        lines.append(tr("%1: %2 of the calls took at most so long").arg(series.name, percentText(share, 1)));
    }
    return lines.join(u'\n');
}

ChartTable LatencyChart::table() const {
    ChartTable table;
    table.header = {QStringLiteral("run"), QStringLiteral("sample"), QStringLiteral("latency_us")};
    for (const Series& series : m_series) {
        for (std::size_t sample = 0; sample < series.samplesUs.size(); ++sample) {
            table.rows.append({series.name, static_cast<qint64>(sample), series.samplesUs[sample]});
        }
    }
    return table;
}

} // namespace lathe::views
