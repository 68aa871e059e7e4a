#pragma once

#include <core/history/figures.h>
#include <views/charts/chart.h>
#include <views/charts/pareto_front.h>

class QCPGraph;

namespace lathe::views {

/// Quality against what it costs: runs on the Pareto front as discs joined by a line, those that another run beats as crosses, baselines
/// as squares. Quality is what the task of the runs has (accuracy, mean intersection over union, AUC, R²); without labels, or when it is
/// chosen, how near the outputs are to the original's (SQNR). Outputs that are identical, as the original's own, stand a little above the
/// best of the others.
class ParetoChart : public Chart {
    Q_OBJECT

public:
    enum Axis { Latency, SpeedUp, FileSize };
    static constexpr int axisCount = 3;

    explicit ParetoChart(QWidget* parent = nullptr);
    [[nodiscard]] ChartTable table() const override;
    [[nodiscard]] QString title() const override;

    struct Point {
        const history::RunRow* row = nullptr;
        double x = 0, quality = 0; ///< as on the axes: µs, ratio or kB; percent or dB
        bool isOnFront = false, isBaseline = false;
        bool isIdentical = false; ///< `quality` is only where it is drawn
        bool isDoubtful = false;  ///< its speed is not reliable: never on the front
    };
    /// The points that are shown, in the order of the runs.
    [[nodiscard]] const std::vector<Point>& points() const { return m_points; }
    /// Where the label of a point is, in the plot; null for points without room for theirs.
    [[nodiscard]] std::vector<QRectF> labelRects() const;

protected:
    QString fill() override;
    [[nodiscard]] QStringList choices() const override;
    [[nodiscard]] QString runAt(QPointF position) const override;
    [[nodiscard]] QString toolTipAt(QPointF position) const override;

private:
    [[nodiscard]] Axis axis() const;
    [[nodiscard]] const history::Figure& quality() const;
    void collect();
    void addSeries();
    void addLabels();
    void placeLabels();
    [[nodiscard]] const Point* pointAt(QPointF position) const;

    std::vector<Point> m_points;
    std::vector<QRectF> m_labelRects;
};

} // namespace lathe::views
