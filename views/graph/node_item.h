#pragma once

#include <optional>

#include <QCoreApplication>
#include <QFont>
#include <QGraphicsItem>

#include <core/layout/drawing.h>

namespace lathe::views {

/// One node: a card with a coloured bar, or plain text for inputs, outputs and stubs. Its position is its centre. All texts are painted as
/// they are.
class NodeItem : public QGraphicsItem {
    Q_DECLARE_TR_FUNCTIONS(lathe::views::NodeItem)

public:
    enum { Type = UserType + 1 };
    /// Below this zoom texts are left out, below the other one everything but the shape.
    static constexpr double textScale = 0.45, plainScale = 0.2;

    NodeItem(const layout::DrawNode& node, const QFont& font, QSizeF size);

    /// The room a node needs for its texts, in the scene's units.
    [[nodiscard]] static QSizeF sizeFor(const layout::DrawNode& node, const QFont& font);
    /// "conv2d" from "aten::conv2d"; the detail line where there is one.
    [[nodiscard]] static QString operatorLine(const layout::DrawNode& node);

    [[nodiscard]] const layout::DrawNode& node() const { return m_node; }
    /// New texts of the same node in the room that it has.
    void setNode(const layout::DrawNode& node);
    [[nodiscard]] QString id() const;
    [[nodiscard]] bool isCard() const { return m_card; }
    [[nodiscard]] QRectF card() const { return m_rect; }

    /// What the bar shows and the text at the right of the second line; no colour: neutral. `note` stands beside it in the tool tip.
    void setValue(std::optional<QColor> colour, const QString& text, const QString& note = {});
    [[nodiscard]] const std::optional<QColor>& colour() const { return m_colour; }
    [[nodiscard]] const QString& valueText() const { return m_valueText; }
    /// Shrinks: dashed. Stays: dotted, and `why` in the tool tip.
    enum class Outline { None, Shrinks, Stays };
    void setOutline(Outline outline, const QString& why = {});
    [[nodiscard]] Outline outline() const { return m_outline; }
    /// Found by the find bar.
    void setMarked(bool marked);
    [[nodiscard]] bool isMarked() const { return m_marked; }

    [[nodiscard]] int type() const override { return Type; }
    [[nodiscard]] QRectF boundingRect() const override;
    [[nodiscard]] QPainterPath shape() const override;
    void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

private:
    void paintTexts(QPainter* painter, const QPalette& palette) const;
    void updateToolTip();

    layout::DrawNode m_node;
    QFont m_font;
    QRectF m_rect;
    std::optional<QColor> m_colour;
    QString m_label, m_operatorLine, m_dtype, m_valueText, m_valueNote, m_whyItStays;
    Outline m_outline = Outline::None;
    bool m_card = true, m_marked = false;
};

} // namespace lathe::views
