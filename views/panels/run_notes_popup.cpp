#include <views/panels/run_notes_popup.h>

#include <algorithm>

#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QScreen>
#include <QVBoxLayout>

#include <views/models/export_text.h>
#include <views/models/text.h>
#include <views/widgets/labels.h>

namespace lathe::views {

RunNotesPopup::RunNotesPopup(QWidget* parent)
    : QFrame(parent, Qt::Popup), m_name(new ElidedLabel(LabelKind::Strong, this)), m_tagsLabel(makeLabel(LabelKind::Muted, this)),
      m_noteLabel(makeLabel(LabelKind::Muted, this)), m_exportsLabel(makeLabel(LabelKind::Muted, this)),
      m_exports(makeWrappedLabel(LabelKind::Normal, this)), m_tags(new QLineEdit(this)), m_note(new QPlainTextEdit(this)) {
    setFrameShape(QFrame::StyledPanel);
    m_note->setTabChangesFocus(true);
    m_note->setFixedHeight(5 * fontMetrics().height());
    m_note->installEventFilter(this);
    m_tagsLabel->setBuddy(m_tags);
    m_noteLabel->setBuddy(m_note);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 10, 12, 12);
    column->setSpacing(6);
    for (QWidget* part : std::initializer_list<QWidget*>{m_name, m_tagsLabel, m_tags, m_noteLabel, m_note, m_exportsLabel, m_exports})
        column->addWidget(part);
    m_exports->setTextInteractionFlags(Qt::TextSelectableByMouse);
    setFixedWidth(400);
    connect(m_tags, &QLineEdit::returnPressed, this, &QWidget::close);
    retranslate();
}

void RunNotesPopup::edit(const history::RunRow& run, QPoint globalPosition) {
    m_id = toQt(run.id);
    m_tagsBefore = toQt(run.tags);
    m_noteBefore = toQt(run.note);
    m_name->setText(toQt(run.name));
    m_tags->setText(m_tagsBefore.join(QStringLiteral(", ")));
    m_note->setPlainText(m_noteBefore);
    QStringList exports;
    for (const history::ExportedFile& exported : run.exports)
        exports.append(export_text::summary(exported));
    m_exports->setText(exports.join(QStringLiteral("\n\n")));
    for (QWidget* part : {m_exportsLabel, m_exports})
        part->setVisible(!exports.isEmpty());
    adjustSize();
    show(); // only now is the height final
    // With exports it is tall, and rows are often at the bottom of the screen.
    const QRect room = screen()->availableGeometry();
    move(std::max(room.left(), std::min(globalPosition.x(), room.right() - width())),
         std::max(room.top(), std::min(globalPosition.y(), room.bottom() - height())));
    m_tags->setFocus(Qt::PopupFocusReason);
}

QString RunNotesPopup::exportsText() const { return m_exports->text(); }

QStringList RunNotesPopup::tagsFrom(const QString& text) {
    QStringList tags;
    for (const QString& part : text.split(u',')) {
        const QString tag = part.simplified();
        if (!tag.isEmpty() && !tags.contains(tag)) tags.append(tag);
    }
    return tags;
}

void RunNotesPopup::hideEvent(QHideEvent* event) {
    QFrame::hideEvent(event);
    if (m_id.isEmpty()) return;
    const QString id = std::exchange(m_id, {});
    const QStringList tags = tagsFrom(m_tags->text());
    if (tags != m_tagsBefore) Q_EMIT tagsEdited(id, tags);
    if (m_note->toPlainText() != m_noteBefore) Q_EMIT noteEdited(id, m_note->toPlainText());
}

void RunNotesPopup::keyPressEvent(QKeyEvent* event) {
    QFrame::keyPressEvent(event);
    // As a click outside does. What was typed is kept either way: a note that is gone cannot be brought back, one too many can be removed.
    if (event->key() == Qt::Key_Escape) close();
}

bool RunNotesPopup::eventFilter(QObject* object, QEvent* event) {
    // Return is a new line in a note; with Ctrl it ends it.
    if (event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool isReturn = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
        if (isReturn && key->modifiers().testFlag(Qt::ControlModifier)) {
            close();
            return true;
        }
    }
    return QFrame::eventFilter(object, event);
}

void RunNotesPopup::retranslate() {
    m_tagsLabel->setText(tr("Tags, with commas between them"));
    m_noteLabel->setText(tr("Note"));
    m_exportsLabel->setText(tr("Exports"));
    m_tags->setAccessibleName(tr("Tags"));
    m_note->setAccessibleName(tr("Note"));
    m_note->setPlaceholderText(tr("What was tried, and what came of it"));
}

void RunNotesPopup::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QFrame::changeEvent(event);
}

} // namespace lathe::views
