#include <views/widgets/spectrum_widget.h>

#include <algorithm>
#include <cmath>

#include <QEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>

#include <views/models/number_text.h>
#include <views/widgets/theme.h>

namespace lathe::views {

SpectrumWidget::SpectrumWidget(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::SizeHorCursor);
    describe();
}

void SpectrumWidget::setContent(std::vector<Point> points, std::int64_t rank) {
    m_points = std::move(points);
    m_rank = rank;
    describe();
    update();
}

void SpectrumWidget::describe() {
    setAccessibleName(tr("Energy that each rank keeps"));
    const auto at = std::find_if(m_points.begin(), m_points.end(), [this](const Point& point) { return point.rank == m_rank; });
    setAccessibleDescription(at == m_points.end() ? QString() : tr("Rank %1: %2").arg(countText(at->rank), percentText(at->energy)));
    setToolTip(tr("Press and drag to choose a rank, or use the arrow keys."));
}

QRectF SpectrumWidget::plot() const { return QRectF(rect()).adjusted(4, 4, -4, -fontMetrics().height() - 4); }

double SpectrumWidget::xOf(std::int64_t rank) const {
    const double first = static_cast<double>(m_points.front().rank), last = static_cast<double>(m_points.back().rank);
    const double share = last > first ? (static_cast<double>(rank) - first) / (last - first) : 1;
    return plot().left() + share * plot().width();
}

/// Of the points, the nearest.
std::int64_t SpectrumWidget::rankAt(double x) const {
    const auto nearest = std::min_element(m_points.begin(), m_points.end(), [&](const Point& a, const Point& b) {
        return std::abs(xOf(a.rank) - x) < std::abs(xOf(b.rank) - x);
    });
    return nearest->rank;
}

void SpectrumWidget::show(std::int64_t rank) {
    if (rank == m_rank) return;
    m_rank = rank;
    describe();
    update();
    emit rankShown(rank);
}

void SpectrumWidget::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton && !m_points.empty()) show(rankAt(event->position().x()));
}

void SpectrumWidget::mouseMoveEvent(QMouseEvent* event) {
    if ((event->buttons() & Qt::LeftButton) != 0 && !m_points.empty()) show(rankAt(event->position().x()));
}

void SpectrumWidget::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton && !m_points.empty()) emit rankChosen(m_rank);
}

void SpectrumWidget::keyPressEvent(QKeyEvent* event) {
    const bool isLeft = event->key() == Qt::Key_Left, isRight = event->key() == Qt::Key_Right;
    if (m_points.empty() || (!isLeft && !isRight)) return QWidget::keyPressEvent(event);
    auto at =
        std::lower_bound(m_points.begin(), m_points.end(), m_rank, [](const Point& point, std::int64_t rank) { return point.rank < rank; });
    if (isLeft && at != m_points.begin()) --at;
    if (isRight && at != m_points.end()) ++at;
    if (at == m_points.end()) return;
    show(at->rank);
    emit rankChosen(m_rank);
}

void SpectrumWidget::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) describe();
    QWidget::changeEvent(event);
}

void SpectrumWidget::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const ThemeColors& colors = themeColors(palette());
    const QRectF area = plot();
    painter.fillRect(QRectF(area.left(), area.bottom(), area.width(), 1), colors.border);
    if (m_points.empty()) return;
    painter.setRenderHint(QPainter::Antialiasing);
    const auto place = [&](const Point& point) {
        return QPointF(xOf(point.rank), area.bottom() - std::clamp(point.energy, 0.0, 1.0) * area.height());
    };
    QPainterPath curve(place(m_points.front()));
    for (const Point& point : m_points)
        curve.lineTo(place(point));
    QPainterPath below = curve;
    below.lineTo(area.right(), area.bottom());
    below.lineTo(area.left(), area.bottom());
    below.closeSubpath();
    QColor fill = colors.accent;
    fill.setAlphaF(0.18F);
    painter.fillPath(below, fill);
    painter.setPen(QPen(colors.accent, 1.5));
    painter.drawPath(curve);

    const double x = xOf(std::clamp(m_rank, m_points.front().rank, m_points.back().rank));
    painter.setPen(QPen(colors.mark, 1.5, Qt::DashLine));
    painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));

    painter.setPen(colors.muted);
    const QRectF axis(area.left(), area.bottom() + 3, area.width(), fontMetrics().height());
    painter.drawText(axis, Qt::AlignLeft | Qt::AlignVCenter, countText(m_points.front().rank));
    painter.drawText(axis, Qt::AlignRight | Qt::AlignVCenter, countText(m_points.back().rank));
    if (hasFocus()) {
        painter.setPen(QPen(colors.accent, 1));
        painter.drawRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5));
    }
}

} // namespace lathe::views
