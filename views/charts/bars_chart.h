#pragma once

#include <string_view>

#include <core/history/figures.h>
#include <views/charts/bar_list.h>
#include <views/charts/chart.h>

namespace lathe::views {

/// One figure of the newest runs side by side, with 95 % intervals where they are known.
class BarsChart : public Chart {
    Q_OBJECT

public:
    static constexpr std::size_t mostRuns = 20;

    using Chart::Chart;
    [[nodiscard]] ChartTable table() const override;
    [[nodiscard]] QString title() const override;
    [[nodiscard]] const std::vector<Bar>& bars() const { return m_bars; }
    /// Place of a figure (core/history/figures.h) in the choice; -1: it cannot be chosen.
    [[nodiscard]] static int choiceOf(std::string_view name);

protected:
    QString fill() override;
    [[nodiscard]] QStringList choices() const override;
    [[nodiscard]] QString runAt(QPointF position) const override;
    [[nodiscard]] QString toolTipAt(QPointF position) const override;

private:
    [[nodiscard]] const history::Figure& figure() const;

    std::vector<Bar> m_bars;
    std::vector<const history::RunRow*> m_shown; ///< same order
};

} // namespace lathe::views
