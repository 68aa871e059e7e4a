#pragma once

#include <optional>
#include <vector>

#include <QPointF>
#include <QWidget>

namespace lathe::views {

/// The loss of a training that runs, over how far it is: a small curve from its highest to its lowest value, and marks for the losses of
/// the samples that were set aside.
class LossCurve : public QWidget {
    Q_OBJECT

public:
    explicit LossCurve(QWidget* parent = nullptr);

    /// `done`: 0 to 1. One that is before the last begins a new training. What is no number is left out.
    void add(double done, double loss, std::optional<double> validation);
    void clear();
    /// x: done, y: loss.
    [[nodiscard]] const std::vector<QPointF>& points() const { return m_points; }
    [[nodiscard]] const std::vector<QPointF>& validation() const { return m_validation; }
    [[nodiscard]] QSize sizeHint() const override { return {120, 18}; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void describe();

    std::vector<QPointF> m_points, m_validation;
};

} // namespace lathe::views
