#include <views/shell/welcome_page.h>

#include <QEvent>
#include <QFileInfo>
#include <QHBoxLayout>

#include <views/models/export_formats.h>
#include <views/models/text.h>
#include <views/shell/samples.h>
#include <views/widgets/accessibility.h>
#include <views/widgets/labels.h>
#include <views/widgets/themed_icon.h>

namespace lathe::views {

namespace {

constexpr int contentWidth = 760;

/// A framed box with an icon, a title, a text and a button.
QFrame* makeCard(const QIcon& icon, QLabel* title, QLabel* text, QPushButton* button) {
    auto* card = new QFrame;
    card->setProperty("card", true);
    auto* picture = new QLabel(card);
    picture->setPixmap(icon.pixmap(36, 36));
    auto* texts = new QVBoxLayout;
    texts->setSpacing(3);
    texts->addWidget(title);
    texts->addWidget(text);
    auto* row = new QHBoxLayout(card);
    row->setContentsMargins(16, 14, 16, 14);
    row->setSpacing(14);
    row->addWidget(picture, 0, Qt::AlignTop);
    row->addLayout(texts, 1);
    row->addWidget(button, 0, Qt::AlignVCenter);
    return card;
}

} // namespace

WelcomePage::WelcomePage(RecentFiles& recent, const ActionRegistry& actions, QWidget* parent)
    : QWidget(parent), m_recent(recent), m_subtitle(makeLabel(LabelKind::Muted)), m_samplesTitle(makeLabel(LabelKind::Strong)),
      m_sampleTitle(makeLabel(LabelKind::Strong)), m_sampleText(makeWrappedLabel(LabelKind::Muted)),
      m_openTitle(makeLabel(LabelKind::Strong)), m_openText(makeWrappedLabel(LabelKind::Muted)),
      m_recentTitle(makeLabel(LabelKind::Strong)), m_noRecent(makeLabel(LabelKind::Muted)), m_sample(new QPushButton),
      m_open(new QPushButton), m_recentColumn(new QVBoxLayout) {
    auto* icon = new QLabel;
    icon->setPixmap(applicationIcon().pixmap(56, 56));
    QLabel* name = makeLabel(LabelKind::Headline);
    name->setText(QStringLiteral("Lathe"));
    auto* titles = new QVBoxLayout;
    titles->setSpacing(2);
    titles->addWidget(name);
    titles->addWidget(m_subtitle);
    auto* head = new QHBoxLayout;
    head->setSpacing(16);
    head->addWidget(icon);
    head->addLayout(titles, 1);

    m_sample->setProperty("accent", true);
    m_sample->setObjectName(QStringLiteral("sample.lenet5"));
    m_recentColumn->setSpacing(0);
    auto* content = new QWidget(this);
    content->setFixedWidth(contentWidth);
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(10);
    column->addStretch(2);
    column->addLayout(head);
    column->addSpacing(16);
    column->addWidget(m_samplesTitle);
    column->addWidget(makeCard(applicationIcon(), m_sampleTitle, m_sampleText, m_sample));
    column->addWidget(makeCard(themedIcon(QStringLiteral("open")), m_openTitle, m_openText, m_open));
    column->addSpacing(12);
    column->addWidget(m_recentTitle);
    column->addWidget(m_noRecent);
    column->addLayout(m_recentColumn);

    column->addStretch(3);
    // Not by alignment: an aligned widget gets no height for the width of its wrapped texts.
    auto* page = new QHBoxLayout(this);
    page->addStretch(1);
    page->addWidget(content);
    page->addStretch(1);

    connect(m_sample, &QPushButton::clicked, this, [this] { emit sampleChosen(QStringLiteral("lenet5")); });
    connect(m_open, &QPushButton::clicked, actions.action(u"file.open"), &QAction::trigger);
    connect(&recent, &RecentFiles::changed, this, &WelcomePage::showRecent);
    retranslate();
}

void WelcomePage::showRecent() {
    while (QLayoutItem* item = m_recentColumn->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    const QStringList files = m_recent.files();
    m_noRecent->setVisible(files.isEmpty());
    for (const QString& file : files) {
        auto* link = new QPushButton(themedIcon(QStringLiteral("file")), QFileInfo(file).fileName().replace(u'&', QStringLiteral("&&")));
        link->setProperty("flat", true);
        setPlainToolTip(link, file);
        link->setAccessibleName(tr("Open %1").arg(file));
        connect(link, &QPushButton::clicked, this, [this, file] { emit fileChosen(file); });
        m_recentColumn->addWidget(link, 0, Qt::AlignLeft);
    }
}

void WelcomePage::retranslate() {
    const Sample sample = samples().front();
    m_subtitle->setText(tr("Makes neural networks cheaper to run: quantize, prune, fuse, compare, export."));
    m_samplesTitle->setText(tr("Start"));
    m_sampleTitle->setText(sample.title);
    m_sampleText->setText(sample.description);
    m_sample->setText(tr("Open Sample"));
    m_openTitle->setText(tr("Your own model"));
    m_openText->setText(
        tr("A file of %1. Drop it anywhere on this window, or choose it. Looking at a model does not run it.").arg(modelFormatNames()));
    m_open->setText(tr("Open…"));
    m_recentTitle->setText(tr("Recent"));
    m_noRecent->setText(tr("Models that you open are listed here."));
    showRecent();
}

void WelcomePage::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

} // namespace lathe::views
