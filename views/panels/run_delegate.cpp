#include <views/panels/run_delegate.h>

#include <QApplication>
#include <QPainter>

#include <views/models/history_model.h>
#include <views/widgets/theme.h>

namespace lathe::views {

namespace {

constexpr int markPadding = 8;

} // namespace

void RunDelegate::initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const {
    QStyledItemDelegate::initStyleOption(option, index);
    const ThemeColors& colors = themeColors(option->palette);
    QColor colour = colors.text;
    switch (index.data(HistoryModel::ToneRole).value<HistoryModel::Tone>()) {
    case HistoryModel::Tone::Good:
        colour = colors.good;
        break;
    case HistoryModel::Tone::Bad:
        colour = colors.bad;
        break;
    case HistoryModel::Tone::Muted:
        colour = colors.muted;
        break;
    case HistoryModel::Tone::Neutral:
        break;
    }
    for (const QPalette::ColorRole role : {QPalette::Text, QPalette::HighlightedText})
        option->palette.setColor(role, colour);
    if (index.column() == HistoryModel::Name) option->font.setBold(true);
    if (index.column() == HistoryModel::Kind) option->text.clear();
    option->textElideMode = Qt::ElideRight;
}

QSize RunDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
    QStyleOptionViewItem item = option;
    initStyleOption(&item, index);
    QFontMetrics metrics(item.font);
    const int room = index.column() == HistoryModel::Kind ? 2 * markPadding + 16 : 20;
    return {metrics.horizontalAdvance(index.data().toString()) + room, metrics.height() + 9};
}

void RunDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const ThemeColors& colors = themeColors(option.palette);
    QStyleOptionViewItem item = option;
    if (item.state.testFlag(QStyle::State_Selected)) {
        // The stylesheet gives selected rows one colour of text: good and bad would not be told apart any more.
        painter->fillRect(item.rect, colors.selection);
        item.state.setFlag(QStyle::State_Selected, false);
    }
    QStyledItemDelegate::paint(painter, item, index);
    // Runs of another scope begin here: what is above is not compared with them.
    if (index.data(HistoryModel::GroupStartRole).toBool())
        painter->fillRect(QRect(option.rect.topLeft(), QSize(option.rect.width(), 2)), colors.muted);
    const QString text = index.data().toString();
    if (index.column() != HistoryModel::Kind || text.isEmpty()) return;
    const bool isReal = index.data(HistoryModel::KindRole).toBool();
    const QFontMetrics metrics(option.font);
    const QRectF mark(option.rect.left() + 8.5, option.rect.center().y() - metrics.height() / 2 - 0.5,
                      metrics.horizontalAdvance(text) + 2 * markPadding, metrics.height() + 2);
    initStyleOption(&item, index);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    // Dashed: not what is deployed. The word says so too.
    painter->setPen(isReal ? QPen(Qt::NoPen) : QPen(colors.muted, 1, Qt::DashLine));
    painter->setBrush(colors.chip);
    painter->drawRoundedRect(mark, mark.height() / 2, mark.height() / 2);
    painter->setPen(item.palette.color(QPalette::Text));
    painter->setFont(option.font);
    painter->drawText(mark, Qt::AlignCenter | Qt::TextSingleLine, text);
    painter->restore();
}

} // namespace lathe::views
