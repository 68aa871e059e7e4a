#include <views/widgets/labels.h>

#include <QPainter>
#include <QStyle>

#include <views/widgets/accessibility.h>

namespace lathe::views {

namespace {

void apply(QLabel* label, LabelKind kind) {
    label->setTextFormat(Qt::PlainText);
    switch (kind) {
    case LabelKind::Normal:
        break;
    case LabelKind::Muted:
        label->setProperty("muted", true);
        break;
    case LabelKind::Strong:
        label->setProperty("strong", true);
        break;
    case LabelKind::Chip:
        label->setProperty("chip", true);
        break;
    case LabelKind::Headline:
        label->setProperty("headline", true);
        break;
    }
}

} // namespace

QLabel* makeLabel(LabelKind kind, QWidget* parent) {
    auto* label = new QLabel(parent);
    apply(label, kind);
    return label;
}

QLabel* makeWrappedLabel(LabelKind kind, QWidget* parent) {
    QLabel* label = makeLabel(kind, parent);
    label->setWordWrap(true);
    return label;
}

void setStyleProperty(QWidget* widget, const char* property, bool value) {
    if (widget->property(property).toBool() == value) return;
    widget->setProperty(property, value);
    widget->style()->unpolish(widget);
    widget->style()->polish(widget);
    widget->update();
}

ElidedLabel::ElidedLabel(LabelKind kind, QWidget* parent) : QLabel(parent) {
    apply(this, kind);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

QSize ElidedLabel::minimumSizeHint() const { return {fontMetrics().averageCharWidth() * 6, QLabel::minimumSizeHint().height()}; }

void ElidedLabel::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const QString shown = fontMetrics().elidedText(text(), Qt::ElideRight, width());
    const QString whole = shown == text() ? QString() : text();
    if (accessibleDescription() != whole) setPlainToolTip(this, whole);
    style()->drawItemText(&painter, rect(), static_cast<int>(alignment()) | Qt::TextSingleLine, palette(), isEnabled(), shown,
                          foregroundRole());
}

} // namespace lathe::views
