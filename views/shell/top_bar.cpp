#include <views/shell/top_bar.h>

#include <QEvent>
#include <QHBoxLayout>
#include <QPainter>
#include <QRegularExpression>
#include <QSignalBlocker>

#include <views/models/engine_text.h>
#include <views/models/number_text.h>
#include <views/models/text.h>
#include <views/widgets/accessibility.h>
#include <views/widgets/labels.h>
#include <views/widgets/theme.h>
#include <views/widgets/themed_icon.h>

namespace lathe::views {

namespace {

/// Buttons follow their action: enabled, tool tip with the shortcut, click.
void follow(QAbstractButton* button, QAction* action) {
    const auto show = [button, action] {
        button->setEnabled(action->isEnabled());
        const QString name = action->text().remove(u'&').remove(u'…');
        setPlainToolTip(button, QStringLiteral("%1 (%2)").arg(name, action->shortcut().toString(QKeySequence::NativeText)));
        button->setAccessibleName(name);
    };
    QObject::connect(action, &QAction::changed, button, show);
    QObject::connect(button, &QAbstractButton::clicked, action, &QAction::trigger);
    show();
}

constexpr int choiceRole = Qt::UserRole;

/// What is not in the engine's list: a file by its name, random input with the sizes that were chosen.
QString dataTitle(const QString& data) {
    const QString random = QStringLiteral("random:");
    return data.startsWith(random) ? TopBar::tr("Random · %1").arg(data.mid(random.size())) : data.section(u'/', -1);
}

} // namespace

TopBar::TopBar(Session& session, const ActionRegistry& actions, QWidget* parent)
    : QWidget(parent), m_session(session), m_actions(actions), m_open(new QPushButton(this)), m_undo(new QToolButton(this)),
      m_redo(new QToolButton(this)), m_model(new ElidedLabel(LabelKind::Muted, this)), m_dataLabel(makeLabel(LabelKind::Muted, this)),
      m_deviceLabel(makeLabel(LabelKind::Muted, this)), m_data(new QComboBox(this)), m_device(new QComboBox(this)),
      m_run(new QPushButton(this)), m_export(new QPushButton(this)) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(10, 6, 10, 7);
    row->setSpacing(8);
    row->addWidget(m_open);
    row->addWidget(m_undo);
    row->addWidget(m_redo);
    row->addSpacing(2);
    row->addWidget(m_model, 1);
    row->addWidget(m_dataLabel);
    row->addWidget(m_data);
    row->addWidget(m_deviceLabel);
    row->addWidget(m_device);
    row->addWidget(m_run);
    row->addWidget(m_export);

    m_undo->setIcon(themedIcon(QStringLiteral("undo")));
    m_redo->setIcon(themedIcon(QStringLiteral("redo")));
    for (QToolButton* button : {m_undo, m_redo})
        button->setIconSize({15, 15});
    m_run->setIcon(themedIcon(QStringLiteral("run"), QPalette::HighlightedText));
    m_run->setObjectName(QStringLiteral("runButton"));
    m_run->setProperty("accent", true);
    m_export->setMenu(actions.menu(u"export"));
    m_export->setProperty("menu", true);
    m_dataLabel->setBuddy(m_data);
    m_deviceLabel->setBuddy(m_device);
    for (QComboBox* box : {m_data, m_device}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        box->setMaximumWidth(230);
    }

    connect(m_data, &QComboBox::activated, this, [this](int index) {
        const QString choice = m_data->itemData(index, choiceRole).toString();
        if (!choice.isEmpty()) return m_session.setData(choice);
        showChoices(); // Back to what was chosen, until a file is.
        emit dataFileWished();
    });
    connect(m_device, &QComboBox::activated, this,
            [this](int index) { m_session.setDevice(m_device->itemData(index, choiceRole).toString()); });
    connect(&session, &Session::modelChanged, this, &TopBar::showModel);
    connect(&session, &Session::engineChanged, this, &TopBar::showChoices);
    connect(&session, &Session::choicesChanged, this, &TopBar::showChoices);
    follow(m_open, actions.action(u"file.open"));
    follow(m_undo, actions.action(u"edit.undo"));
    follow(m_redo, actions.action(u"edit.redo"));
    follow(m_run, actions.action(u"run.start"));
    connect(actions.action(u"run.start"), &QAction::changed, m_export, [this] { m_export->setEnabled(m_session.model().has_value()); });
    retranslate();
}

void TopBar::showModel() {
    m_export->setEnabled(m_session.model().has_value());
    if (!m_session.model()) return m_model->setText(tr("No model"));
    const client::OpenReply& model = *m_session.model();
    m_model->setText(toQt(model.name) % QStringLiteral(" · ") % tr("%1 parameters").arg(countText(model.parameters)) %
                     QStringLiteral(" · ") % macsText(model.macs, model.macsUnknownLayers));
}

void TopBar::showChoices() {
    const QSignalBlocker dataBlocker(m_data), deviceBlocker(m_device);
    m_data->clear();
    m_device->clear();
    const std::optional<client::HelloReply>& engine = m_session.engine();
    if (engine) {
        for (const client::DataEntry& entry : engine->data) {
            // "Fashion-MNIST: so many pictures": what stands before the colon, which Chinese has too.
            static const QRegularExpression colon(QStringLiteral("[:：]"));
            const QString description = engineText(entry.description);
            const QString title = description.section(colon, 0, 0);
            m_data->addItem(title.isEmpty() || title.size() > 28 ? toQt(entry.name) : title, toQt(entry.name));
            m_data->setItemData(m_data->count() - 1, plainToolTip(description), Qt::ToolTipRole);
        }
        for (const client::DeviceEntry& entry : engine->devices) {
            const QString title = entry.device == "cpu" ? tr("CPU · %n threads", nullptr, engine->threads) : toQt(entry.name);
            m_device->addItem(title, toQt(entry.device));
            m_device->setItemData(m_device->count() - 1, plainToolTip(toQt(entry.name) % QStringLiteral(" · ") % toQt(entry.detail)),
                                  Qt::ToolTipRole);
        }
    }
    if (m_data->findData(m_session.data()) < 0 && !m_session.data().isEmpty())
        m_data->addItem(dataTitle(m_session.data()), m_session.data());
    if (m_device->findData(m_session.device()) < 0) m_device->addItem(m_session.device().toUpper(), m_session.device());
    m_data->addItem(tr("Choose a file…"), QString());
    // Nothing chosen: the placeholder asks for it.
    m_data->setCurrentIndex(m_session.data().isEmpty() ? -1 : m_data->findData(m_session.data()));
    m_device->setCurrentIndex(m_device->findData(m_session.device()));
}

void TopBar::retranslate() {
    m_open->setText(tr("Open…"));
    m_dataLabel->setText(tr("Data"));
    m_deviceLabel->setText(tr("Device"));
    m_data->setAccessibleName(tr("Data"));
    m_device->setAccessibleName(tr("Device"));
    m_run->setText(tr("Run Comparison"));
    m_export->setText(tr("Export"));
    m_data->setPlaceholderText(tr("choose data…"));
    showModel();
    showChoices();
}

void TopBar::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

void TopBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(QRect(0, height() - 1, width(), 1), themeColors(palette()).border);
}

} // namespace lathe::views
