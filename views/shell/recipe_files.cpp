#include <views/shell/recipe_files.h>

#include <QFileDialog>
#include <QMessageBox>
#include <QPushButton>

#include <core/base/files.h>
#include <views/models/text.h>
#include <views/shell/save_folder.h>

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
    // One that came with the program is a template: saving it asks where to.
    m_session.setRecipeFile(isShipped(file) ? QString() : file);
    emit opened();
}

QString RecipeFiles::suggestedFile() const {
    if (!m_session.recipeFile().isEmpty()) return m_session.recipeFile();
    const QString model = m_session.model() ? toQt(m_session.model()->file) : QString();
    const QString name =
        model.isEmpty() ? QStringLiteral("recipe.json") : QFileInfo(model).completeBaseName() % QStringLiteral("-recipe.json");
    return saveFolder(model) % u'/' % name;
}

void RecipeFiles::chooseAndOpen() {
    const QString file =
        QFileDialog::getOpenFileName(m_window, tr("Open Recipe"), QFileInfo(suggestedFile()).path(), tr("Recipes (*.json)"));
    if (!file.isEmpty()) open(file);
}

bool RecipeFiles::save() { return m_session.recipeFile().isEmpty() ? saveAs() : saveTo(m_session.recipeFile()); }

bool RecipeFiles::saveAs() {
    const QFileInfo suggested(suggestedFile());
    QFileDialog dialog(m_window, tr("Save Recipe"), suggested.path(), tr("Recipes (*.json)"));
    dialog.setAcceptMode(QFileDialog::AcceptSave);
    dialog.setDefaultSuffix(QStringLiteral("json"));
    dialog.selectFile(suggested.fileName());
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

bool RecipeFiles::confirmLeaving(const QString& text) {
    if (!m_session.hasUnsavedChanges()) return true;
    QMessageBox question(QMessageBox::Question, tr("Unsaved recipe"), tr("The recipe has unsaved changes."), QMessageBox::NoButton,
                         m_window);
    question.setTextFormat(Qt::PlainText);
    question.setInformativeText(text);
    QPushButton* saving = question.addButton(tr("Save"), QMessageBox::AcceptRole);
    QPushButton* discarding = question.addButton(tr("Discard"), QMessageBox::DestructiveRole);
    question.setEscapeButton(question.addButton(tr("Keep Editing"), QMessageBox::RejectRole));
    question.setDefaultButton(saving);
    question.exec();
    if (question.clickedButton() == saving) return save();
    return question.clickedButton() == discarding;
}

} // namespace lathe::views
