#include <views/widgets/loss_curve.h>

#include <algorithm>
#include <cmath>

#include <QEvent>
#include <QPainter>
#include <QPainterPath>

#include <views/models/number_text.h>
#include <views/widgets/theme.h>

namespace lathe::views {

LossCurve::LossCurve(QWidget* parent) : QWidget(parent) { setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed); }

void LossCurve::add(double done, double loss, std::optional<double> validation) {
    if (!std::isfinite(loss) || !(done >= 0)) return;
    if (!m_points.empty() && done < m_points.back().x()) clear();
    if (m_points.empty() || done > m_points.back().x()) m_points.emplace_back(done, loss);
    if (validation && std::isfinite(*validation) && (m_validation.empty() || m_validation.back().y() != *validation))
        m_validation.emplace_back(done, *validation);
    describe();
    update();
}

void LossCurve::clear() {
    if (m_points.empty()) return;
    m_points.clear();
    m_validation.clear();
    describe();
    update();
}

void LossCurve::describe() {
    QString text;
    if (!m_points.empty()) {
        text = tr("Loss: %1 at first, %2 now").arg(figureText(m_points.front().y()), figureText(m_points.back().y()));
        if (!m_validation.empty()) text += u'\n' + tr("On samples that were set aside: %1").arg(figureText(m_validation.back().y()));
    }
    setToolTip(text);
    setAccessibleName(tr("Loss"));
    setAccessibleDescription(text);
}

void LossCurve::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) describe();
    QWidget::changeEvent(event);
}

void LossCurve::paintEvent(QPaintEvent*) {
    if (m_points.size() < 2) return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const ThemeColors& colors = themeColors(palette());
    double lowest = m_points.front().y(), highest = lowest;
    for (const std::vector<QPointF>* points : {&m_points, &m_validation}) {
        for (const QPointF& point : *points) {
            lowest = std::min(lowest, point.y());
            highest = std::max(highest, point.y());
        }
    }
    const QRectF plot = QRectF(rect()).adjusted(2, 2, -2, -2);
    const auto place = [&](const QPointF& point) {
        const double height = highest > lowest ? (point.y() - lowest) / (highest - lowest) : 0.5;
        return QPointF(plot.left() + std::min(1.0, point.x()) * plot.width(), plot.bottom() - height * plot.height());
    };
    painter.setPen(QPen(colors.border, 1));
    painter.drawLine(plot.bottomLeft(), plot.bottomRight());
    QPainterPath path(place(m_points.front()));
    for (const QPointF& point : m_points)
        path.lineTo(place(point));
    painter.setPen(QPen(colors.accent, 1.5));
    painter.drawPath(path);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colors.mark);
    for (const QPointF& point : m_validation)
        painter.drawEllipse(place(point), 2, 2);
}

} // namespace lathe::views
