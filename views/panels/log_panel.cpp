#include <views/panels/log_panel.h>

#include <QClipboard>
#include <QEvent>
#include <QGuiApplication>
#include <QPainter>
#include <QScrollBar>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <views/widgets/theme.h>

namespace lathe::views {

namespace {

class LineDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override {
        QStyledItemDelegate::initStyleOption(option, index);
        const ThemeColors& colors = themeColors(option->palette);
        const auto level = static_cast<LogModel::Level>(index.data(LogModel::LevelRole).toInt());
        if (level >= LogModel::Level::Warning)
            option->palette.setColor(QPalette::Text, colors.bad);
        else if (level == LogModel::Level::Debug)
            option->palette.setColor(QPalette::Text, colors.muted);
    }
};

} // namespace

LogPanel::LogPanel(LogModel& log, QWidget* parent)
    : QWidget(parent), m_log(log), m_list(new QListView(this)), m_buttons(new QWidget(this)), m_copy(new QPushButton(m_buttons)),
      m_clear(new QPushButton(m_buttons)) {
    m_list->setModel(&log);
    m_list->setItemDelegate(new LineDelegate(m_list));
    m_list->setUniformItemSizes(true);
    m_list->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_list->setContentsMargins(12, 4, 12, 4);
    auto* row = new QHBoxLayout(m_buttons);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_copy);
    row->addWidget(m_clear);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 4, 0, 0);
    column->addWidget(m_list);

    connect(m_copy, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(m_log.text()); });
    connect(m_clear, &QPushButton::clicked, &log, &LogModel::clear);
    connect(&log, &LogModel::rowsAboutToBeInserted, this, [this] {
        const QScrollBar* bar = m_list->verticalScrollBar();
        if (bar->value() == bar->maximum()) QMetaObject::invokeMethod(m_list, &QListView::scrollToBottom, Qt::QueuedConnection);
    });
    retranslate();
}

void LogPanel::retranslate() {
    m_list->setAccessibleName(tr("Log"));
    m_copy->setText(tr("Copy All"));
    m_clear->setText(tr("Clear"));
}

void LogPanel::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

} // namespace lathe::views
