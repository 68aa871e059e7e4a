#include <views/graph/minimap.h>

#include <algorithm>

#include <QMouseEvent>
#include <QPainter>

#include <views/graph/graph_canvas.h>
#include <views/graph/graph_scene.h>
#include <views/graph/node_item.h>
#include <views/widgets/theme.h>

namespace lathe::views {

Minimap::Minimap(GraphScene* scene, GraphCanvas* canvas, QWidget* parent) : QWidget(parent), m_scene(scene), m_canvas(canvas) {
    setFocusPolicy(Qt::NoFocus);
    setCursor(Qt::PointingHandCursor);
    connect(canvas, &GraphCanvas::viewMoved, this, qOverload<>(&QWidget::update));
    connect(scene, &QGraphicsScene::selectionChanged, this, &Minimap::redraw);
}

void Minimap::redraw() {
    m_picture = {};
    update();
}

QTransform Minimap::map() const {
    const QRectF content = m_scene->content(), room = QRectF(rect()).adjusted(5, 5, -5, -5);
    if (content.isEmpty()) return {};
    const double scale = std::min({room.width() / content.width(), room.height() / content.height(), 0.25});
    return QTransform::fromTranslate(-content.center().x(), -content.center().y()) * QTransform::fromScale(scale, scale) *
           QTransform::fromTranslate(room.center().x(), room.center().y());
}

QRectF Minimap::frame() const {
    const QRectF visible = m_canvas->viewportTransform().inverted().mapRect(QRectF(m_canvas->viewport()->rect()));
    return map().mapRect(visible).intersected(QRectF(rect()).adjusted(1, 1, -2, -2));
}

void Minimap::paintEvent(QPaintEvent*) {
    const ThemeColors& colors = themeColors(palette());
    if (m_picture.isNull()) {
        m_picture = QPixmap(size() * devicePixelRatioF());
        m_picture.setDevicePixelRatio(devicePixelRatioF());
        m_picture.fill(Qt::transparent);
        QPainter picture(&m_picture);
        const QTransform toMap = map();
        for (const NodeItem* node : m_scene->nodes()) {
            if (!node->isCard()) continue;
            QRectF place = toMap.mapRect(node->card().translated(node->pos()));
            place.setHeight(std::max(1.0, place.height()));
            picture.fillRect(place, node->isSelected() ? colors.accent : node->colour().value_or(colors.disabled));
        }
    }
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(colors.border);
    painter.setBrush(colors.window);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
    painter.drawPixmap(0, 0, m_picture);
    painter.setPen(QPen(colors.accent, 1.2));
    QColor fill = colors.accent;
    fill.setAlphaF(0.07F);
    painter.setBrush(fill);
    painter.drawRect(frame());
}

void Minimap::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) return;
    m_grab = frame().contains(event->position()) ? event->position() - frame().center() : QPointF();
    moveTo(event->position());
}

void Minimap::mouseMoveEvent(QMouseEvent* event) {
    if (event->buttons().testFlag(Qt::LeftButton)) moveTo(event->position());
}

void Minimap::moveTo(QPointF position) { m_canvas->centerOn(map().inverted().map(position - m_grab)); }

void Minimap::resizeEvent(QResizeEvent*) { redraw(); }

void Minimap::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) redraw();
    QWidget::changeEvent(event);
}

} // namespace lathe::views
