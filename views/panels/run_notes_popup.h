#pragma once

#include <QFrame>
#include <QStringList>

#include <core/history/history.h>

class QLabel;
class QLineEdit;
class QPlainTextEdit;

namespace lathe::views {

/// Edits the tags and the note of one run, beside its row, and shows what became of its exports. Closing keeps what was written, however
/// it is closed.
class RunNotesPopup : public QFrame {
    Q_OBJECT

public:
    explicit RunNotesPopup(QWidget* parent = nullptr);

    void edit(const history::RunRow& run, QPoint globalPosition);
    /// What is shown about the run's exports; empty when there are none.
    [[nodiscard]] QString exportsText() const;
    /// Words between commas, without empty and double ones.
    [[nodiscard]] static QStringList tagsFrom(const QString& text);

Q_SIGNALS:
    void tagsEdited(const QString& id, const QStringList& tags);
    void noteEdited(const QString& id, const QString& note);

protected:
    void hideEvent(QHideEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void retranslate();

    QLabel *m_name, *m_tagsLabel, *m_noteLabel, *m_exportsLabel, *m_exports;
    QLineEdit* m_tags;
    QPlainTextEdit* m_note;
    QString m_id, m_noteBefore;
    QStringList m_tagsBefore;
};

} // namespace lathe::views
