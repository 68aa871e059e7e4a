#pragma once

#include <QStyledItemDelegate>

namespace lathe::views {

/// A recipe step as a card: number, title, summary (wrapped to the list's width), switch. Click or space on the switch enables the step.
class StepDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    bool editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option, const QModelIndex& index) override;
    /// Where the switch of a card is, in the list's viewport.
    [[nodiscard]] static QRect switchRect(const QRect& card);
};

} // namespace lathe::views
