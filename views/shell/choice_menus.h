#pragma once

#include <QObject>

#include <views/commands/recipe_editor.h>
#include <views/dialogs/export_dialog.h>
#include <views/jobs/workbench.h>
#include <views/models/session.h>
#include <views/shell/action_registry.h>
#include <views/shell/recent_files.h>
#include <views/shell/settings.h>

namespace lathe::views {

/// Fills the menus whose entries are choices: data, device, kinds of export, recent files, theme, language.
class ChoiceMenus : public QObject {
    Q_OBJECT

public:
    ChoiceMenus(ActionRegistry& actions, Session& session, RecipeEditor& editor, Workbench& workbench, RecentFiles& recent,
                Settings& settings, QWidget* window);
    /// All of them, in the language of the window.
    void fill();
    void chooseDataFile();

signals:
    void fileChosen(const QString& file);
    void exportChosen(const QString& format);

private:
    /// Data, device and export.
    void fillOfSession();
    void addDataActions(QMenu* menu);
    void fillExports();
    void fillRecent();
    void fillThemes();
    void fillLanguages();

    ActionRegistry& m_actions;
    Session& m_session;
    RecipeEditor& m_editor;
    Workbench& m_workbench;
    RecentFiles& m_recent;
    Settings& m_settings;
    QWidget* m_window;
};

} // namespace lathe::views
