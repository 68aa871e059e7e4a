#pragma once

#include <QFont>
#include <QGraphicsItem>
#include <QPainterPath>

#include <core/layout/drawing.h>

namespace lathe::views {

class LabelPlacer;

/// One arrow with the shape of the tensor beside it.
class EdgeItem : public QGraphicsItem {
public:
    enum { Type = UserType + 2 };

    /// `placed`: control points of the cubic B-spline pieces, 3n+1; fewer than four are joined by straight lines.
    EdgeItem(const layout::PlacedEdge& placed, const QString& label, const QFont& font);

    /// Takes the room of the line, so that no label is put across it.
    void takeLine(LabelPlacer& placer) const;
    /// Puts the label beside the arrow where nothing else is; without room it is left to the tool tip.
    void placeLabel(LabelPlacer& placer);
    [[nodiscard]] const QString& label() const { return m_label; }
    /// Null without room.
    [[nodiscard]] QRectF labelRect() const { return m_labelRect; }
    [[nodiscard]] const QPainterPath& path() const { return m_path; }
    /// The edge leads to or from a selected node.
    void setHighlighted(bool highlighted);

    [[nodiscard]] int type() const override { return Type; }
    [[nodiscard]] QRectF boundingRect() const override;
    [[nodiscard]] QPainterPath shape() const override;
    void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

private:
    QPainterPath m_path;
    QPolygonF m_head;
    QString m_label;
    QFont m_font;
    QRectF m_labelRect;
    bool m_highlighted = false;
};

} // namespace lathe::views
