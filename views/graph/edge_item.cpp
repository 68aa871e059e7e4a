#include <views/graph/edge_item.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPathStroker>
#include <QStyleOptionGraphicsItem>

#include <views/graph/label_placer.h>
#include <views/graph/node_item.h>
#include <views/models/number_text.h>
#include <views/models/text.h>
#include <views/widgets/theme.h>

namespace lathe::views {

namespace {

constexpr double headLength = 9, headWidth = 8;

QFont labelFont(QFont font) {
    font.setPointSizeF(font.pointSizeF() * 0.92);
    return font;
}

QPainterPath splinePath(const std::vector<layout::Point>& points) {
    QPainterPath path;
    const auto at = [&](std::size_t index) { return QPointF(points[index].x, points[index].y); };
    if (points.empty()) return path;
    path.moveTo(at(0));
    std::size_t next = 1;
    for (; next + 2 < points.size(); next += 3)
        path.cubicTo(at(next), at(next + 1), at(next + 2));
    for (; next < points.size(); ++next)
        path.lineTo(at(next));
    return path;
}

} // namespace

EdgeItem::EdgeItem(const layout::PlacedEdge& placed, const QString& label, const QFont& font)
    : m_path(splinePath(placed.points)), m_label(shapeText(label)), m_font(labelFont(font)) {
    setToolTip(plainToolTip(QStringLiteral("%1 → %2\n%3").arg(toQt(placed.from), toQt(placed.to), m_label)));
    if (m_path.elementCount() < 2) return;
    const QPointF tip = m_path.currentPosition();
    // The direction in which the line arrives, over the length of the head: dot's last control points can lie on each other.
    const double length = m_path.length();
    const QPointF before =
        length > headLength ? m_path.pointAtPercent(m_path.percentAtLength(length - headLength)) : m_path.pointAtPercent(0);
    QLineF along(tip, before);
    if (along.length() == 0) return;
    along.setLength(headLength);
    QLineF across = along.normalVector();
    across.setLength(headWidth / 2);
    const QPointF side = across.p2() - across.p1();
    m_head << tip << along.p2() + side << along.p2() - side;
}

void EdgeItem::takeLine(LabelPlacer& placer) const {
    constexpr double stepLength = 6, thickness = 4;
    const int steps = std::max(1, static_cast<int>(m_path.length() / stepLength));
    for (int step = 0; step <= steps && m_path.elementCount() > 1; ++step) {
        const QPointF point = m_path.pointAtPercent(static_cast<double>(step) / steps);
        placer.take({point.x() - thickness / 2, point.y() - thickness / 2, thickness, thickness});
    }
}

void EdgeItem::placeLabel(LabelPlacer& placer) {
    prepareGeometryChange();
    m_labelRect = {};
    if (m_label.isEmpty() || m_path.elementCount() < 2) return;
    const QFontMetricsF metrics(m_font);
    const QSizeF size(metrics.horizontalAdvance(m_label) + 2, metrics.height());
    std::vector<QRectF> candidates;
    for (const double position : {0.5, 0.35, 0.65, 0.2, 0.8}) {
        const QPointF point = m_path.pointAtPercent(position);
        for (const double distance : {7, 14, 24}) {
            candidates.emplace_back(QPointF(point.x() + distance, point.y() - size.height() / 2), size);
            candidates.emplace_back(QPointF(point.x() - distance - size.width(), point.y() - size.height() / 2), size);
        }
    }
    m_labelRect = placer.place(candidates).value_or(QRectF());
}

void EdgeItem::setHighlighted(bool highlighted) {
    if (m_highlighted == highlighted) return;
    m_highlighted = highlighted;
    update();
}

QRectF EdgeItem::boundingRect() const {
    return m_path.boundingRect().united(m_head.boundingRect()).united(m_labelRect).adjusted(-3, -3, 3, 3);
}

QPainterPath EdgeItem::shape() const {
    QPainterPathStroker stroker;
    stroker.setWidth(8);
    QPainterPath path = stroker.createStroke(m_path);
    path.addRect(m_labelRect);
    return path;
}

void EdgeItem::paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) {
    const ThemeColors& colors = themeColors(widget != nullptr ? widget->palette() : option->palette);
    const double scale = QStyleOptionGraphicsItem::levelOfDetailFromTransform(painter->worldTransform());
    const QColor colour = m_highlighted ? colors.accent : colors.disabled;
    painter->setRenderHint(QPainter::Antialiasing, scale >= NodeItem::plainScale);
    painter->setBrush(Qt::NoBrush);
    // A cosmetic line stays visible when everything is small.
    QPen pen(colour, scale >= NodeItem::plainScale ? 1.4 : 1);
    pen.setCosmetic(scale < NodeItem::plainScale);
    painter->setPen(pen);
    painter->drawPath(m_path);
    if (scale < NodeItem::plainScale) return;
    painter->setPen(Qt::NoPen);
    painter->setBrush(colour);
    painter->drawPolygon(m_head);
    if (scale < NodeItem::textScale || m_labelRect.isNull()) return;
    painter->setFont(m_font);
    painter->setPen(colors.muted);
    painter->drawText(m_labelRect, Qt::AlignCenter | Qt::TextSingleLine, m_label);
}

} // namespace lathe::views
