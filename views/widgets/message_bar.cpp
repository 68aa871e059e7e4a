#include <views/widgets/message_bar.h>

#include <QClipboard>
#include <QEvent>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QVBoxLayout>

#include <views/widgets/labels.h>
#include <views/widgets/themed_icon.h>

namespace lathe::views {

MessageBar::MessageBar(QWidget* parent)
    : QFrame(parent), m_icon(new QLabel(this)), m_what(makeWrappedLabel(LabelKind::Strong, this)),
      m_advice(makeWrappedLabel(LabelKind::Normal, this)), m_action(new QPushButton(this)), m_detailsButton(new QPushButton(this)),
      m_copy(new QPushButton(this)), m_close(new QToolButton(this)), m_details(new QPlainTextEdit(this)) {
    setProperty("messageBar", true);
    setObjectName(QStringLiteral("messageBar"));
    m_icon->setPixmap(themedIcon(QStringLiteral("warning")).pixmap(18, 18));
    m_details->setReadOnly(true);
    m_details->setMaximumHeight(140);
    m_detailsButton->setCheckable(true);
    m_close->setIcon(themedIcon(QStringLiteral("close")));
    setStyleProperty(m_close, "flat", true);

    auto* texts = new QVBoxLayout;
    texts->setSpacing(1);
    texts->addWidget(m_what);
    texts->addWidget(m_advice);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_icon, 0, Qt::AlignTop);
    row->addLayout(texts, 1);
    for (QWidget* button : std::initializer_list<QWidget*>{m_action, m_detailsButton, m_copy, m_close})
        row->addWidget(button, 0, Qt::AlignVCenter);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 7, 8, 7);
    column->addLayout(row);
    column->addWidget(m_details);

    connect(m_detailsButton, &QPushButton::toggled, m_details, &QWidget::setVisible);
    connect(m_copy, &QPushButton::clicked, this, &MessageBar::copy);
    connect(m_close, &QToolButton::clicked, this, [this] {
        hide();
        if (m_message.dismissed) m_message.dismissed();
    });
    connect(m_action, &QPushButton::clicked, this, [this] {
        hide();
        if (m_message.action) m_message.action();
    });
    retranslate();
    hide();
}

void MessageBar::show(const Message& message) {
    m_message = message;
    m_what->setText(message.what);
    m_advice->setText(message.advice);
    m_advice->setVisible(!message.advice.isEmpty());
    m_action->setText(message.actionText);
    m_action->setVisible(!message.actionText.isEmpty());
    m_detailsButton->setVisible(!message.details.isEmpty());
    m_detailsButton->setChecked(false);
    m_details->setVisible(false);
    m_details->setPlainText(message.details);
    // Screen readers read a window that gets a name and becomes visible.
    setAccessibleName(message.what % u' ' % message.advice);
    setVisible(true);
}

void MessageBar::copy() {
    QStringList parts{m_message.what, m_message.advice};
    if (!m_message.details.isEmpty()) parts << QString() << m_message.details;
    QGuiApplication::clipboard()->setText(parts.join(u'\n'));
}

void MessageBar::retranslate() {
    m_detailsButton->setText(tr("Details"));
    m_copy->setText(tr("Copy"));
    m_close->setToolTip(tr("Close this message"));
    m_close->setAccessibleName(m_close->toolTip());
    m_details->setAccessibleName(tr("Details of the message"));
}

void MessageBar::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    if (event->type() == QEvent::PaletteChange) m_icon->setPixmap(themedIcon(QStringLiteral("warning")).pixmap(18, 18));
    QFrame::changeEvent(event);
}

} // namespace lathe::views
