#include <views/shell/recipe_files.h>

#include <QFileDialog>
#include <QMessageBox>
#include <QPushButton>

#include <core/base/files.h>
#include <views/models/text.h>

namespace lathe::views {

RecipeFiles::RecipeFiles(Session& session, RecipeEditor& editor, QWidget* window)
    : QObject(window), m_session(session), m_editor(editor), m_window(window) {}

void RecipeFiles::open(const QString& file) {
    base::Result<recipe::Recipe> recipe = recipe::load(toStd(file));
    if (!recipe) {
        emit problem(problemFor(recipe.error(), tr("Opening the recipe %1").arg(file)));
        return;
    }
    m_editor.replace(std::move(*recipe), tr("open recipe %1").arg(QFileInfo(file).fileName()));
    m_session.undoStack().setClean();
    m_session.setRecipeFile(file);
}

void RecipeFiles::chooseAndOpen() {
    const QString file = QFileDialog::getOpenFileName(m_window, tr("Open Recipe"), m_session.recipeFile(), tr("Recipes (*.json)"));
    if (!file.isEmpty()) open(file);
}

bool RecipeFiles::save() { return m_session.recipeFile().isEmpty() ? saveAs() : saveTo(m_session.recipeFile()); }

bool RecipeFiles::saveAs() {
    QFileDialog dialog(m_window, tr("Save Recipe"), m_session.recipeFile(), tr("Recipes (*.json)"));
    dialog.setAcceptMode(QFileDialog::AcceptSave);
    dialog.setDefaultSuffix(QStringLiteral("json"));
    if (m_session.recipeFile().isEmpty()) dialog.selectFile(QStringLiteral("recipe.json"));
    return dialog.exec() == QDialog::Accepted && saveTo(dialog.selectedFiles().constFirst());
}

bool RecipeFiles::saveTo(const QString& file) {
    if (const base::Result<> written = base::writeFile(toStd(file), recipe::write(m_session.recipe().recipe())); !written) {
        emit problem(problemFor(written.error(), tr("Saving the recipe %1").arg(file)));
        return false;
    }
    m_session.setRecipeFile(file);
    m_session.undoStack().setClean();
    emit said(tr("Saved %1.").arg(QFileInfo(file).fileName()));
    return true;
}

bool RecipeFiles::confirmClose() {
    if (!m_session.hasUnsavedChanges()) return true;
    QMessageBox question(QMessageBox::Question, tr("Unsaved recipe"), tr("The recipe has unsaved changes."), QMessageBox::NoButton,
                         m_window);
    question.setTextFormat(Qt::PlainText);
    question.setInformativeText(tr("Save them before closing?"));
    QPushButton* saving = question.addButton(tr("Save"), QMessageBox::AcceptRole);
    QPushButton* discarding = question.addButton(tr("Discard"), QMessageBox::DestructiveRole);
    question.setEscapeButton(question.addButton(tr("Keep Editing"), QMessageBox::RejectRole));
    question.setDefaultButton(saving);
    question.exec();
    if (question.clickedButton() == saving) return save();
    return question.clickedButton() == discarding;
}

} // namespace lathe::views
