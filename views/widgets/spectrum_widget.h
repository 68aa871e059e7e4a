#pragma once

#include <cstdint>
#include <vector>

#include <QWidget>

namespace lathe::views {

/// How much of a layer each rank keeps: a rising curve over the ranks, with a mark at the one that is chosen. Another one is chosen with
/// the mouse (press, drag, release) or the arrow keys.
class SpectrumWidget : public QWidget {
    Q_OBJECT

public:
    struct Point {
        std::int64_t rank = 0;
        double energy = 0; ///< 0..1
        bool operator==(const Point&) const = default;
    };

    explicit SpectrumWidget(QWidget* parent = nullptr);
    /// By rising rank; none: nothing is drawn.
    void setContent(std::vector<Point> points, std::int64_t rank);
    [[nodiscard]] const std::vector<Point>& points() const { return m_points; }
    /// That is marked; while the mouse is pressed the one below it.
    [[nodiscard]] std::int64_t rank() const { return m_rank; }
    [[nodiscard]] QSize sizeHint() const override { return {240, 110}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {120, 80}; }

signals:
    /// Another rank is marked, by the user.
    void rankShown(std::int64_t rank);
    void rankChosen(std::int64_t rank);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    [[nodiscard]] QRectF plot() const;
    [[nodiscard]] double xOf(std::int64_t rank) const;
    [[nodiscard]] std::int64_t rankAt(double x) const;
    void show(std::int64_t rank);
    void describe();

    std::vector<Point> m_points;
    std::int64_t m_rank = 0;
};

} // namespace lathe::views
