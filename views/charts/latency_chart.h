#pragma once

#include <views/charts/run_chart.h>

namespace lathe::views {

/// How the latency of the selected run and of its baseline is spread: the share of calls that took at most so long, or a histogram.
class LatencyChart : public RunChart {
    Q_OBJECT

public:
    enum Form { Cumulative, Histogram };

    using RunChart::RunChart;
    [[nodiscard]] ChartTable table() const override;
    [[nodiscard]] QString title() const override;

protected:
    QString fill() override;
    [[nodiscard]] QStringList choices() const override;
    [[nodiscard]] QString toolTipAt(QPointF position) const override;

private:
    struct Series {
        QString name;
        bool isBaseline = false;
        bool isDoubtful = false;
        std::vector<double> samplesUs;
    };
    [[nodiscard]] QColor colourOf(const Series& series) const;
    void addSeries(const Series& series, double from, double to);
    void addMedian(const Series& series);
    [[nodiscard]] Form form() const;

    std::vector<Series> m_series; ///< baseline first
};

} // namespace lathe::views
