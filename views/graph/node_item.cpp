#include <views/graph/node_item.h>

#include <algorithm>
#include <climits>
#include <cmath>

#include <QFontMetricsF>
#include <QPainter>
#include <QRegularExpression>
#include <QStyleOptionGraphicsItem>

#include <core/layout/node_detail.h>
#include <views/models/engine_text.h>
#include <views/models/number_text.h>
#include <views/models/text.h>
#include <views/widgets/theme.h>

namespace lathe::views {

namespace {

constexpr double radius = 5, barWidth = 6, padding = 10, gap = 12;
/// Few different widths look calmer than each node with its own.
constexpr double minimumWidth = 184, widthStep = 52, maximumWidth = 340;

QFont strong(QFont font) {
    font.setWeight(QFont::DemiBold);
    return font;
}

QFont small(QFont font) {
    font.setPointSizeF(font.pointSizeF() * 0.92);
    return font;
}

bool isPlain(const layout::DrawNode& node) { return node.op == "input" || node.op == "output" || node.op == "stub"; }

QString plainText(const layout::DrawNode& node) {
    const QString shape = shapeText(toQt(node.shape));
    return shape.isEmpty() ? toQt(node.label) : toQt(node.label) % u' ' % shape;
}

} // namespace

NodeItem::NodeItem(const layout::DrawNode& node, const QFont& font, QSizeF size)
    : m_font(font), m_rect(-size.width() / 2, -size.height() / 2, size.width(), size.height()) {
    setFlag(ItemIsSelectable);
    setAcceptHoverEvents(false);
    setZValue(1);
    setNode(node);
}

QSizeF NodeItem::sizeFor(const layout::DrawNode& node, const QFont& font) {
    const QFontMetricsF strongMetrics(strong(font)), smallMetrics(small(font));
    if (isPlain(node)) {
        return {std::min(maximumWidth, std::ceil(smallMetrics.horizontalAdvance(plainText(node))) + 2 * padding),
                std::ceil(smallMetrics.height()) + 6};
    }
    const double first = strongMetrics.horizontalAdvance(toQt(node.label)) + gap + smallMetrics.horizontalAdvance(toQt(node.dtype));
    // Room for a value, so that choosing another colour does not lay the graph out anew.
    const double second =
        smallMetrics.horizontalAdvance(operatorLine(node)) + gap + smallMetrics.horizontalAdvance(QStringLiteral("0000 kB"));
    const double width = std::ceil(std::max(first, second)) + barWidth + 2 * padding;
    const double steps = std::ceil(std::max(0.0, width - minimumWidth) / widthStep);
    return {std::min(minimumWidth + steps * widthStep, maximumWidth), std::ceil(strongMetrics.height() + smallMetrics.height()) + 14};
}

QString NodeItem::operatorLine(const layout::DrawNode& node) {
    static const QRegularExpression times(QStringLiteral("(?<=\\d)x(?=\\d)"));
    if (node.op == layout::moduleOp) {
        //: In a node of the graph that stands for a closed module: what is inside
        const QString nodes = tr("%n nodes", "inside a module", static_cast<int>(std::min<std::int64_t>(node.nodesInside, INT_MAX)));
        if (node.layersInside == 0) return nodes;
        //: In a node of the graph that stands for a closed module: what of the nodes inside are layers
        const QString layers = tr("%n layers", "inside a module", static_cast<int>(std::min<std::int64_t>(node.layersInside, INT_MAX)));
        return layers % QStringLiteral(" · ") % nodes;
    }
    if (!node.detail.empty()) {
        const QString separator = toQt(layout::detailSeparator);
        QStringList parts = toQt(node.detail).replace(times, QStringLiteral("×")).split(separator);
        std::ranges::transform(parts, parts.begin(), [](const QString& part) { return engineText(part); });
        return parts.join(separator);
    }
    // "add" of "aten::add.Tensor": overloads are in the tool tip.
    const QString op = toQt(node.op);
    return op.mid(op.lastIndexOf(u':') + 1).section(u'.', 0, 0);
}

void NodeItem::setNode(const layout::DrawNode& node) {
    m_node = node;
    m_card = !isPlain(node);
    m_label = m_card ? toQt(node.label) : plainText(node);
    m_operatorLine = m_card ? operatorLine(node) : QString();
    m_dtype = toQt(node.dtype);
    updateToolTip();
    update();
}

QString NodeItem::id() const { return toQt(m_node.id); }

void NodeItem::setValue(std::optional<QColor> colour, const QString& text, const QString& note) {
    m_colour = colour;
    m_valueText = text;
    m_valueNote = note;
    updateToolTip();
    update();
}

void NodeItem::setOutline(Outline outline, const QString& why) {
    if (m_outline == outline && m_whyItStays == why) return;
    m_outline = outline;
    m_whyItStays = why;
    updateToolTip();
    update();
}

void NodeItem::setMarked(bool marked) {
    if (m_marked == marked) return;
    m_marked = marked;
    update();
}

void NodeItem::updateToolTip() {
    QStringList lines{m_label};
    const auto add = [&lines](const QString& name, const QString& value) {
        if (!value.isEmpty()) lines.append(QStringLiteral("%1: %2").arg(name, value));
    };
    const bool isModule = m_node.op == layout::moduleOp;
    if (isModule) {
        lines.append(m_operatorLine);
    } else if (m_card) {
        add(tr("Operator"), toQt(m_node.op));
    }
    if (!m_node.detail.empty()) lines.append(m_operatorLine);
    add(tr("Shape"), shapeText(toQt(m_node.shape)));
    add(tr("Type"), m_dtype);
    if (m_node.parameters > 0) add(tr("Parameters"), countText(m_node.parameters));
    if (m_node.macs > 0) add(tr("MACs"), countText(m_node.macs));
    if (isModule) {
        lines.append(tr("Double-click to look inside."));
    } else {
        add(tr("Module"), toQt(m_node.scope));
    }
    add(tr("Source"), toQt(m_node.source));
    add(tr("Value"), m_valueText);
    for (const QString& note : {m_valueNote, m_whyItStays})
        if (!note.isEmpty()) lines.append(note);
    for (QString& line : lines)
        line = line.toHtmlEscaped();
    setToolTip(QStringLiteral("<qt><p style='white-space:pre'>%1</p></qt>").arg(lines.join(QStringLiteral("<br>"))));
}

QRectF NodeItem::boundingRect() const { return m_rect.adjusted(-6, -6, 6, 6); }

QPainterPath NodeItem::shape() const {
    QPainterPath path;
    path.addRect(m_rect);
    return path;
}

void NodeItem::paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) {
    const QPalette& palette = widget != nullptr ? widget->palette() : option->palette;
    const ThemeColors& colors = themeColors(palette);
    const double scale = QStyleOptionGraphicsItem::levelOfDetailFromTransform(painter->worldTransform());
    const bool selected = isSelected();
    const QColor bar = m_colour.value_or(colors.scroll);

    if (scale < plainScale) {
        const QColor fill = m_card ? bar : colors.line;
        painter->fillRect(m_rect, selected ? colors.accent : fill);
        return;
    }
    painter->setRenderHint(QPainter::Antialiasing);
    if (m_card) {
        QColor border = colors.border;
        if (m_marked) border = colors.mark;
        if (selected) border = colors.accent;
        painter->setPen(QPen(border, selected || m_marked ? 2 : 1.2));
        painter->setBrush(colors.window);
        // A closed module lies on others: there is more behind it.
        if (m_node.op == layout::moduleOp)
            for (const double behind : {5.0, 2.5})
                painter->drawRoundedRect(m_rect.translated(behind, behind), radius, radius);
        painter->drawRoundedRect(m_rect, radius, radius);
        painter->save();
        painter->setClipRect(QRectF(m_rect.left(), m_rect.top(), barWidth, m_rect.height()).adjusted(-1, -1, 0, 1));
        painter->setPen(Qt::NoPen);
        painter->setBrush(bar);
        painter->drawRoundedRect(m_rect, radius, radius);
        painter->restore();
    } else if (selected || m_marked) {
        painter->setPen(QPen(selected ? colors.accent : colors.mark, 1.5));
        painter->setBrush(Qt::NoBrush);
        painter->drawRoundedRect(m_rect, m_rect.height() / 2, m_rect.height() / 2);
    }
    if (m_outline != Outline::None) {
        const bool shrinks = m_outline == Outline::Shrinks;
        const QPen pen(shrinks ? colors.mark : colors.muted, 1.6, shrinks ? Qt::DashLine : Qt::DotLine);
        painter->setPen(pen);
        painter->setBrush(Qt::NoBrush);
        painter->drawRoundedRect(m_rect.adjusted(-4, -4, 4, 4), radius + 3, radius + 3);
    }
    if (scale >= textScale) paintTexts(painter, palette);
}

void NodeItem::paintTexts(QPainter* painter, const QPalette& palette) const {
    const ThemeColors& colors = themeColors(palette);
    const QFont strongFont = strong(m_font), smallFont = small(m_font);
    const QFontMetricsF strongMetrics(strongFont), smallMetrics(smallFont);
    const QRectF inner = m_rect.adjusted(m_card ? barWidth + padding : 4, m_card ? 7 : 0, m_card ? -padding : -4, m_card ? -7 : 0);

    painter->setFont(smallFont);
    painter->setPen(colors.muted);
    if (!m_card) {
        painter->drawText(inner, Qt::AlignCenter | Qt::TextSingleLine, smallMetrics.elidedText(m_label, Qt::ElideRight, inner.width()));
        return;
    }
    // The right texts are short and whole; the left ones get what is left.
    const double dtypeWidth = smallMetrics.horizontalAdvance(m_dtype), valueWidth = smallMetrics.horizontalAdvance(m_valueText);
    const QRectF first(inner.left(), inner.top(), inner.width(), strongMetrics.height());
    const QRectF second(inner.left(), inner.bottom() - smallMetrics.height(), inner.width(), smallMetrics.height());
    painter->drawText(first, Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine, m_dtype);
    const double operatorRoom = inner.width() - (m_valueText.isEmpty() ? 0 : valueWidth + gap);
    painter->drawText(second, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                      smallMetrics.elidedText(m_operatorLine, Qt::ElideRight, operatorRoom));
    painter->drawText(second, Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine, m_valueText);
    painter->setFont(strongFont);
    painter->setPen(colors.text);
    painter->drawText(first, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                      strongMetrics.elidedText(m_label, Qt::ElideMiddle, inner.width() - dtypeWidth - gap));
}

} // namespace lathe::views
