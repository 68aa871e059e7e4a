#pragma once

#include <QPixmap>
#include <QWidget>

namespace lathe::views {

class GraphCanvas;
class GraphScene;

/// The whole graph in a corner with the visible part framed; click or drag moves there.
class Minimap : public QWidget {
    Q_OBJECT

public:
    Minimap(GraphScene* scene, GraphCanvas* canvas, QWidget* parent);

    /// Call when nodes or colours changed.
    void redraw();
    /// From the scene to this widget.
    [[nodiscard]] QTransform map() const;
    /// The framed part, in this widget.
    [[nodiscard]] QRectF frame() const;

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void moveTo(QPointF position);

    GraphScene* m_scene;
    GraphCanvas* m_canvas;
    QPixmap m_picture; ///< the nodes: drawn once, as there can be thousands
    QPointF m_grab;    ///< from the middle of the frame to where it was taken
};

} // namespace lathe::views
