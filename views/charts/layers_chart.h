#pragma once

#include <views/charts/bar_list.h>
#include <views/charts/run_chart.h>

namespace lathe::views {

/// One figure of each layer of the selected run, in the order of the model.
class LayersChart : public RunChart {
    Q_OBJECT

public:
    enum Metric { Time, Loss, Sqnr, Parameters, Macs, MetricCount };

    using RunChart::RunChart;
    [[nodiscard]] ChartTable table() const override;
    [[nodiscard]] QString title() const override;
    [[nodiscard]] const std::vector<Bar>& bars() const { return m_bars; }

protected:
    QString fill() override;
    [[nodiscard]] QStringList choices() const override;
    [[nodiscard]] QString toolTipAt(QPointF position) const override;

private:
    [[nodiscard]] Metric metric() const;

    std::vector<Bar> m_bars;
    std::vector<const measure::LayerResult*> m_shown; ///< same order; nullptr: the rest of the call
};

} // namespace lathe::views
