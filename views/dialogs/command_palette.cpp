#include <views/dialogs/command_palette.h>

#include <algorithm>

#include <QKeyEvent>
#include <QPainter>
#include <QRegularExpression>
#include <QStyledItemDelegate>
#include <QTimer>
#include <QVBoxLayout>

#include <views/widgets/theme.h>

namespace lathe::views {

namespace {

enum Role { ActionRole = Qt::UserRole + 1, ShortcutRole };

/// The name at the left, the shortcut at the right.
class CommandDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const ThemeColors& colors = themeColors(option.palette);
        const bool isEnabled = index.flags() & Qt::ItemIsEnabled;
        painter->fillRect(option.rect, option.state & QStyle::State_Selected ? colors.selection : colors.window);
        const QRect row = option.rect.adjusted(12, 0, -12, 0);
        painter->setPen(isEnabled ? colors.text : colors.disabled);
        painter->drawText(row, Qt::AlignLeft | Qt::AlignVCenter, index.data().toString());
        painter->setPen(isEnabled ? colors.muted : colors.disabled);
        painter->drawText(row, Qt::AlignRight | Qt::AlignVCenter, index.data(ShortcutRole).toString());
    }
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const override {
        return {0, option.fontMetrics.height() + 10};
    }
};

} // namespace

CommandPalette::CommandPalette(const QList<QAction*>& actions, QWidget* parent)
    : QDialog(parent, Qt::Popup), m_field(new QLineEdit(this)), m_list(new QListView(this)) {
    setAccessibleName(tr("Command palette"));
    m_field->setPlaceholderText(tr("Type a command"));
    m_field->setAccessibleName(m_field->placeholderText());
    m_field->installEventFilter(this);
    for (QAction* action : actions) {
        auto* item = new QStandardItem(action->text().remove(u'&'));
        item->setData(QVariant::fromValue(action), ActionRole);
        item->setData(action->shortcut().toString(QKeySequence::NativeText), ShortcutRole);
        item->setData(QString(item->text() % QStringLiteral(", ") % action->shortcut().toString()), Qt::AccessibleTextRole);
        item->setEnabled(action->isEnabled());
        item->setEditable(false);
        m_commands.appendRow(item);
    }
    m_filtered.setSourceModel(&m_commands);
    m_filtered.setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_list->setModel(&m_filtered);
    m_list->setItemDelegate(new CommandDelegate(m_list));
    m_list->setFocusPolicy(Qt::NoFocus);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 8, 8, 8);
    column->addWidget(m_field);
    column->addWidget(m_list);
    resize(520, 380);
    // A popup gets the keys of the window that opened it, but no activation on most desktops: without a focus of its own they end nowhere.
    m_field->setFocus(Qt::PopupFocusReason);
    connect(m_field, &QLineEdit::textChanged, this, &CommandPalette::filter);
    connect(m_field, &QLineEdit::returnPressed, this, &CommandPalette::runCurrent);
    connect(m_list, &QListView::clicked, this, &CommandPalette::runCurrent);
    filter({});
}

void CommandPalette::filter(const QString& words) {
    // Each word must occur, in this order, with anything between: "th da" finds "Theme: Dark".
    QStringList parts;
    for (const QString& word : words.split(u' ', Qt::SkipEmptyParts))
        parts << QRegularExpression::escape(word);
    m_filtered.setFilterRegularExpression(QRegularExpression(parts.join(QStringLiteral(".*")), QRegularExpression::CaseInsensitiveOption));
    m_list->setCurrentIndex(m_filtered.index(0, 0));
}

void CommandPalette::runCurrent() {
    const QModelIndex current = m_list->currentIndex();
    if (!current.isValid() || !(current.flags() & Qt::ItemIsEnabled)) return;
    auto* action = current.data(ActionRole).value<QAction*>();
    accept();
    // After the palette is gone: the action may open a dialog of its own.
    QTimer::singleShot(0, action, &QAction::trigger);
}

void CommandPalette::choose(int row) { m_list->setCurrentIndex(m_filtered.index(row, 0)); }

QString CommandPalette::current() const { return m_list->currentIndex().data().toString(); }

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_field && event->type() == QEvent::KeyPress) {
        const int row = m_list->currentIndex().row(), last = m_filtered.rowCount() - 1;
        const int page = std::max(1, m_list->viewport()->height() / std::max(1, m_list->sizeHintForRow(0)) - 1);
        switch (static_cast<QKeyEvent*>(event)->key()) {
        case Qt::Key_Down:
            choose(std::min(row + 1, last));
            return true;
        case Qt::Key_Up:
            choose(std::max(row - 1, 0));
            return true;
        case Qt::Key_PageDown:
            choose(std::min(row + page, last));
            return true;
        case Qt::Key_PageUp:
            choose(std::max(row - page, 0));
            return true;
        default:
            break;
        }
    }
    return QDialog::eventFilter(watched, event);
}

} // namespace lathe::views
