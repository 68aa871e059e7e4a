#pragma once

#include <QAbstractButton>
#include <QAbstractScrollArea>
#include <QAbstractSpinBox>
#include <QAccessible>
#include <QComboBox>
#include <QCoreApplication>
#include <QLabel>
#include <QLineEdit>
#include <QTabBar>
#include <QWidget>

namespace lathe::views::test {

/// Who a finding is about, for the message of a failed test.
inline QString nameOf(const QWidget* widget) {
    QString text = QString::fromLatin1(widget->metaObject()->className()).section(u':', -1);
    if (!widget->objectName().isEmpty()) text += u' ' + widget->objectName();
    if (!widget->accessibleName().isEmpty()) text += u' ' + widget->accessibleName();
    if (widget->parentWidget()) text += QStringLiteral(" in ") + QString::fromLatin1(widget->parentWidget()->metaObject()->className());
    return text;
}

/// What a person can see below `root`; not the parts that Qt makes inside of its own widgets.
inline QList<QWidget*> visibleWidgets(QWidget* root) {
    QList<QWidget*> visible;
    for (QWidget* widget : root->findChildren<QWidget*>()) {
        if (widget->isVisible() && widget->window() == root->window() && !widget->objectName().startsWith(QStringLiteral("qt_")))
            visible.append(widget);
    }
    return visible;
}

inline bool isTabStop(const QWidget* widget) {
    return widget->isEnabled() && !widget->focusProxy() && (widget->focusPolicy() & Qt::TabFocus) == Qt::TabFocus;
}

/// Controls that a screen reader has no name for or calls by their value, and descriptions with tags in them.
inline QStringList unnamedWidgets(QWidget* root) {
    QStringList found;
    for (QWidget* widget : visibleWidgets(root)) {
        QAccessibleInterface* interface = QAccessible::queryAccessibleInterface(widget);
        if (!interface || qobject_cast<QLineEdit*>(widget->parentWidget())) continue;
        const QString name = interface->text(QAccessible::Name), value = interface->text(QAccessible::Value);
        if (interface->text(QAccessible::Description).contains(u'<'))
            found << QStringLiteral("tags in the description of ") + nameOf(widget);
        if (!isTabStop(widget) && !qobject_cast<QAbstractButton*>(widget)) continue;
        if (name.isEmpty()) found << QStringLiteral("no name: ") + nameOf(widget);
        // (Of tables and lists Qt says the name in the place of a value, which they have none of.)
        const bool hasValue = !qobject_cast<QAbstractScrollArea*>(widget);
        if (hasValue && !name.isEmpty() && name == value) found << QStringLiteral("named by its value: ") + nameOf(widget);
    }
    return found;
}

/// Tab stops that look the same with and without the focus.
inline QStringList tabStopsWithoutFocusMark(QWidget* root) {
    QStringList found;
    for (QWidget* widget : visibleWidgets(root)) {
        if (!isTabStop(widget)) continue;
        widget->setFocus(Qt::TabFocusReason);
        QCoreApplication::processEvents();
        if (!widget->hasFocus()) continue;
        const QImage with = widget->grab().toImage();
        widget->clearFocus();
        QCoreApplication::processEvents();
        if (with == widget->grab().toImage()) found << nameOf(widget);
    }
    return found;
}

/// Texts that have less room than they need, in either direction.
inline QStringList cutTexts(QWidget* root) {
    QStringList cut;
    for (QWidget* widget : visibleWidgets(root)) {
        if (const auto* label = qobject_cast<QLabel*>(widget)) {
            if (label->inherits("lathe::views::ElidedLabel") || label->text().isEmpty()) continue;
            const bool fits = label->wordWrap()
                                  ? label->height() >= label->heightForWidth(label->width())
                                  : label->width() >= label->sizeHint().width() && label->height() >= label->minimumSizeHint().height();
            if (!fits) cut << label->text();
        } else if (const auto* button = qobject_cast<QAbstractButton*>(widget)) {
            const QSize least = button->minimumSizeHint();
            if (!button->text().isEmpty() && (button->width() < least.width() || button->height() < least.height())) cut << button->text();
        } else if (const auto* box = qobject_cast<QComboBox*>(widget)) {
            const bool fits = box->fontMetrics().horizontalAdvance(box->currentText()) <= box->width() - 34;
            if (!fits || box->height() < box->minimumSizeHint().height()) cut << box->currentText();
        } else if (const auto* tabs = qobject_cast<QTabBar*>(widget)) {
            const int needed = tabs->count() > 0 ? tabs->tabRect(tabs->count() - 1).right() + 1 : 0;
            if (needed > tabs->width())
                cut << QStringLiteral("%1 (%2 px of %3 px)").arg(tabs->tabText(tabs->count() - 1)).arg(tabs->width()).arg(needed);
        } else if (qobject_cast<QLineEdit*>(widget) || qobject_cast<QAbstractSpinBox*>(widget)) {
            if (widget->height() < widget->minimumSizeHint().height()) cut << nameOf(widget);
        }
    }
    return cut;
}

} // namespace lathe::views::test
