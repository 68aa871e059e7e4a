#pragma once

#include <QGraphicsView>

#include <views/graph/graph_scene.h>

namespace lathe::views {

class NodeItem;

/// Shows a GraphScene: zoom, pan, keys. See GraphView for what does what.
class GraphCanvas : public QGraphicsView {
    Q_OBJECT

public:
    static constexpr double minimumZoom = 0.02, maximumZoom = 4;

    explicit GraphCanvas(GraphScene* scene, QWidget* parent = nullptr);

    [[nodiscard]] double zoom() const { return transform().m11(); }
    /// Keeps the point under `anchor` (viewport coordinates) where it is.
    void setZoom(double zoom, QPointF anchor);
    void zoomBy(double factor);
    /// Everything visible, at most at 100 %.
    void fit();
    /// As a graph is first shown: its top, at 100 % or as small as its width needs, but never too small to read.
    void showTop();
    /// Call when the scene's content changed: what can be scrolled to follows it.
    void updateSceneRect();
    /// Selects the node alone and scrolls to it, as a user's choice.
    void choose(NodeItem* node);
    void scrollTo(const NodeItem& node);

Q_SIGNALS:
    void nodeActivated(const QString& id);
    /// The pointer is over another node; "": over none.
    void nodeHovered(const QString& id);
    void findRequested();
    /// The right button, or the menu key; "": beside the nodes.
    void menuRequested(const QString& id, QPoint globalPosition);
    /// Another part of the scene is visible.
    void viewMoved();

protected:
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;
    void drawBackground(QPainter* painter, const QRectF& rect) override;
    bool viewportEvent(QEvent* event) override;

private:
    [[nodiscard]] NodeItem* nodeAt(QPoint position) const;
    void hover(const NodeItem* node);
    void walk(WalkDirection direction);
    void panBy(QPoint delta);

    GraphScene* m_scene;
    QString m_hovered;
    QPoint m_panStart, m_panLast;
    bool m_panning = false, m_panned = false;
};

} // namespace lathe::views
