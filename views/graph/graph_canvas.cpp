#include <views/graph/graph_canvas.h>

#include <algorithm>
#include <cmath>

#include <QApplication>
#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QNativeGestureEvent>
#include <QScrollBar>
#include <QWheelEvent>

#include <views/graph/node_item.h>
#include <views/widgets/theme.h>

namespace lathe::views {

GraphCanvas::GraphCanvas(GraphScene* scene, QWidget* parent) : QGraphicsView(scene, parent), m_scene(scene) {
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setViewportUpdateMode(SmartViewportUpdate);
    setOptimizationFlag(DontAdjustForAntialiasing);
    setTransformationAnchor(NoAnchor);
    setResizeAnchor(NoAnchor);
    setRubberBandSelectionMode(Qt::IntersectsItemShape);
    setFocusPolicy(Qt::StrongFocus);
    viewport()->setMouseTracking(true);
}

void GraphCanvas::setZoom(double wanted, QPointF anchor) {
    const double next = std::clamp(wanted, minimumZoom, maximumZoom);
    const QPointF fixed = viewportTransform().inverted().map(anchor);
    setTransform(QTransform::fromScale(next, next));
    updateSceneRect();
    const QPointF shift = viewportTransform().map(fixed) - anchor;
    panBy(-shift.toPoint());
    Q_EMIT viewMoved();
}

void GraphCanvas::zoomBy(double factor) { setZoom(zoom() * factor, QRectF(viewport()->rect()).center()); }

void GraphCanvas::fit() {
    const QRectF content = m_scene->content();
    if (content.isEmpty()) return;
    const QSizeF room = viewport()->size();
    const double wanted = std::min({1.0, room.width() / content.width(), room.height() / content.height()});
    setZoom(wanted, QPointF());
    centerOn(content.center());
    Q_EMIT viewMoved();
}

void GraphCanvas::showTop() {
    const QRectF content = m_scene->content();
    if (content.isEmpty()) return;
    const double zoomToWidth = viewport()->width() / content.width();
    setZoom(std::clamp(zoomToWidth, 0.5, 1.0), QPointF());
    const double visibleHeight = viewport()->height() / zoom();
    const double x = zoomToWidth >= 0.5 || m_scene->nodes().empty() ? content.center().x() : m_scene->nodes().front()->x();
    const double y = visibleHeight > content.height() ? content.center().y() : content.top() + visibleHeight / 2;
    centerOn(x, y);
    Q_EMIT viewMoved();
}

void GraphCanvas::updateSceneRect() {
    // Half a window of emptiness around the graph: any node can be brought to the middle.
    const double across = viewport()->width() / zoom() / 2, along = viewport()->height() / zoom() / 2;
    setSceneRect(m_scene->content().adjusted(-across, -along, across, along));
}

void GraphCanvas::choose(NodeItem* node) {
    if (node == nullptr) return;
    const QStringList before = m_scene->selectedNodes();
    m_scene->selectNodes({node->id()});
    m_scene->setCurrent(node);
    scrollTo(*node);
    if (before != m_scene->selectedNodes()) Q_EMIT m_scene->selectionChanged();
}

void GraphCanvas::scrollTo(const NodeItem& node) { ensureVisible(node.card().translated(node.pos()), 60, 40); }

NodeItem* GraphCanvas::nodeAt(QPoint position) const {
    for (QGraphicsItem* item : items(position)) {
        if (auto* node = qgraphicsitem_cast<NodeItem*>(item)) return node;
    }
    return nullptr;
}

void GraphCanvas::walk(WalkDirection direction) {
    const NodeItem* from = m_scene->current();
    if (from == nullptr) {
        if (!m_scene->nodes().empty()) choose(m_scene->nodes().front());
        return;
    }
    choose(m_scene->neighbour(*from, direction));
}

void GraphCanvas::panBy(QPoint delta) {
    horizontalScrollBar()->setValue(horizontalScrollBar()->value() - delta.x());
    verticalScrollBar()->setValue(verticalScrollBar()->value() - delta.y());
}

void GraphCanvas::wheelEvent(QWheelEvent* event) {
    if (event->modifiers().testFlag(Qt::ControlModifier)) {
        // One notch of a wheel (120) is a quarter more or less.
        setZoom(zoom() * std::pow(1.25, event->angleDelta().y() / 120.0), event->position());
    } else {
        QPoint delta = event->pixelDelta().isNull() ? event->angleDelta() / 2 : event->pixelDelta();
        if (event->modifiers().testFlag(Qt::ShiftModifier)) delta = delta.transposed();
        panBy(delta);
    }
    event->accept();
}

bool GraphCanvas::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::NativeGesture) {
        const auto* gesture = static_cast<QNativeGestureEvent*>(event);
        if (gesture->gestureType() == Qt::ZoomNativeGesture) {
            setZoom(zoom() * (1 + gesture->value()), gesture->position());
            return true;
        }
    }
    if (event->type() == QEvent::Leave) hover(nullptr);
    return QGraphicsView::viewportEvent(event);
}

void GraphCanvas::hover(const NodeItem* node) {
    const QString id = node == nullptr ? QString() : node->id();
    if (id == m_hovered) return;
    m_hovered = id;
    Q_EMIT nodeHovered(id);
}

void GraphCanvas::mousePressEvent(QMouseEvent* event) {
    NodeItem* node = nodeAt(event->pos());
    const bool extend = event->modifiers() & (Qt::ControlModifier | Qt::ShiftModifier);
    const bool pans = event->button() == Qt::MiddleButton || (event->button() == Qt::LeftButton && node == nullptr && !extend);
    if (pans) {
        m_panning = true;
        m_panned = false;
        m_panStart = m_panLast = event->pos();
        viewport()->setCursor(Qt::ClosedHandCursor);
        event->accept();
        return;
    }
    if (node != nullptr) m_scene->setCurrent(node);
    setDragMode(node == nullptr ? RubberBandDrag : NoDrag);
    QGraphicsView::mousePressEvent(event);
}

void GraphCanvas::mouseMoveEvent(QMouseEvent* event) {
    if (!m_panning) {
        if (event->buttons() == Qt::NoButton) hover(nodeAt(event->pos()));
        QGraphicsView::mouseMoveEvent(event);
        return;
    }
    m_panned = m_panned || (event->pos() - m_panStart).manhattanLength() >= QApplication::startDragDistance();
    if (!m_panned) return;
    panBy(event->pos() - m_panLast);
    m_panLast = event->pos();
}

void GraphCanvas::mouseReleaseEvent(QMouseEvent* event) {
    if (!m_panning) {
        QGraphicsView::mouseReleaseEvent(event);
        setDragMode(NoDrag);
        return;
    }
    m_panning = false;
    viewport()->unsetCursor();
    // A click beside the nodes, without a drag.
    if (!m_panned && event->button() == Qt::LeftButton) m_scene->clearSelection();
}

void GraphCanvas::mouseDoubleClickEvent(QMouseEvent* event) {
    if (const NodeItem* node = nodeAt(event->pos()); node != nullptr && event->button() == Qt::LeftButton) {
        Q_EMIT nodeActivated(node->id());
        event->accept();
        return;
    }
    QGraphicsView::mouseDoubleClickEvent(event);
}

void GraphCanvas::contextMenuEvent(QContextMenuEvent* event) {
    NodeItem* node = nodeAt(event->pos());
    if (event->reason() == QContextMenuEvent::Keyboard) node = m_scene->current();
    if (node != nullptr && !node->isSelected()) choose(node); // what the menu is about
    Q_EMIT menuRequested(node == nullptr ? QString() : node->id(), event->globalPos());
    event->accept();
}

void GraphCanvas::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Find)) {
        Q_EMIT findRequested();
        return;
    }
    if (event->matches(QKeySequence::SelectAll)) {
        QPainterPath all;
        all.addRect(m_scene->content());
        m_scene->setSelectionArea(all);
        return;
    }
    switch (event->key()) {
    case Qt::Key_Up:
        return walk(WalkDirection::Up);
    case Qt::Key_Down:
        return walk(WalkDirection::Down);
    case Qt::Key_Left:
        return walk(WalkDirection::Left);
    case Qt::Key_Right:
        return walk(WalkDirection::Right);
    case Qt::Key_Home:
        return m_scene->nodes().empty() ? void() : choose(m_scene->nodes().front());
    case Qt::Key_End:
        return m_scene->nodes().empty() ? void() : choose(m_scene->nodes().back());
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (const NodeItem* node = m_scene->current()) Q_EMIT nodeActivated(node->id());
        return;
    case Qt::Key_Space:
    case Qt::Key_F:
        return fit();
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        return zoomBy(1.25);
    case Qt::Key_Minus:
        return zoomBy(1 / 1.25);
    case Qt::Key_0:
        if (event->modifiers().testFlag(Qt::ControlModifier)) return setZoom(1, QRectF(viewport()->rect()).center());
        break;
    default:
        break;
    }
    QGraphicsView::keyPressEvent(event);
}

void GraphCanvas::resizeEvent(QResizeEvent* event) {
    const QPointF centre = viewportTransform().inverted().map(QRectF(QPointF(), event->oldSize()).center());
    QGraphicsView::resizeEvent(event);
    updateSceneRect();
    if (event->oldSize().isValid()) centerOn(centre);
    Q_EMIT viewMoved();
}

void GraphCanvas::scrollContentsBy(int dx, int dy) {
    QGraphicsView::scrollContentsBy(dx, dy);
    Q_EMIT viewMoved();
}

void GraphCanvas::drawBackground(QPainter* painter, const QRectF& rect) { painter->fillRect(rect, themeColors(palette()).canvas); }

} // namespace lathe::views
