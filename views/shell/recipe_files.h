#pragma once

#include <QObject>

#include <views/commands/recipe_editor.h>
#include <views/jobs/problem.h>
#include <views/models/session.h>

namespace lathe::views {

/// The recipe's file: open, save, save as, and the question about unsaved changes.
class RecipeFiles : public QObject {
    Q_OBJECT

public:
    RecipeFiles(Session& session, RecipeEditor& editor, QWidget* window);

    void open(const QString& file);
    void chooseAndOpen();
    /// Asks for a file when there is none yet. False: cancelled, or it could not be written.
    bool save();
    bool saveAs();
    bool saveTo(const QString& file);
    /// True when nothing would be lost: saved, or the user does not want to keep the changes. `question`: "Save them before closing?"
    [[nodiscard]] bool confirmLeaving(const QString& question);
    /// What a dialog that saves begins with: the recipe's file, or one beside the model, never one that came with the program.
    [[nodiscard]] QString suggestedFile() const;

signals:
    /// A recipe was opened by its file.
    void opened();
    void problem(const lathe::views::Problem& problem);
    void said(const QString& sentence);

private:
    Session& m_session;
    RecipeEditor& m_editor;
    QWidget* m_window;
};

} // namespace lathe::views
