#pragma once

#include <memory>

#include <QMainWindow>
#include <QStackedWidget>

#include <views/commands/recipe_editor.h>
#include <views/jobs/engine_client.h>
#include <views/jobs/workbench.h>
#include <views/models/session.h>
#include <views/shell/action_registry.h>
#include <views/shell/model_files.h>
#include <views/shell/recent_files.h>
#include <views/shell/recipe_files.h>
#include <views/shell/settings.h>
#include <views/widgets/message_bar.h>

namespace lathe::views {

class ChoiceMenus;
class ExportActions;
class RunActions;
class StatusStrip;
class TopBar;
class WelcomePage;
class Workspace;

/// The window: puts the parts together, tells the actions whom they are for, and when they make sense. What they do is in ModelFiles,
/// RecipeFiles, RunActions, ExportActions and ChoiceMenus. The engine is started after the first paint.
class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    MainWindow(std::unique_ptr<EngineTransport> engine, const QString& historyFile, QWidget* parent = nullptr);
    ~MainWindow() override;

    [[nodiscard]] Session& session() { return m_session; }
    [[nodiscard]] RecipeEditor& editor() { return m_editor; }
    [[nodiscard]] Workbench& workbench() { return m_workbench; }
    [[nodiscard]] const ActionRegistry& actions() const { return m_actions; }
    [[nodiscard]] Workspace* workspace() const { return m_workspace; }
    [[nodiscard]] WelcomePage* welcomePage() const { return m_welcome; }
    [[nodiscard]] MessageBar* messageBar() const { return m_messages; }
    [[nodiscard]] RecipeFiles& recipeFiles() { return m_recipeFiles; }
    [[nodiscard]] RecentFiles& recentFiles() { return m_recent; }

    /// A model or, by its name *.json, a recipe.
    void openFile(const QString& file) { m_modelFiles.open(file); }
    void openFiles(const QStringList& files) { m_modelFiles.openAll(files); }
    void openSample(const QString& id) { m_modelFiles.openSample(id); }
    /// Is all that the window shows there: nothing opening, previewing, laying out or running?
    [[nodiscard]] bool isIdle() const;

signals:
    void firstPainted();

protected:
    void paintEvent(QPaintEvent* event) override;
    void closeEvent(QCloseEvent* event) override;
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void makeContent();
    void connectParts();
    void connectActions();
    void connectStepActions();
    void connectViewActions();
    void connectPanelActions();
    void retranslate();
    void showTitle();
    void updateActions();
    void updateStepActions();
    void showProblem(const Problem& problem);
    void keepSelectedInFloat();
    void chooseModel();
    void showPalette();

    Settings m_settings;
    Session m_session;
    RecipeEditor m_editor;
    EngineClient m_engine;
    Workbench m_workbench;
    ActionRegistry m_actions;
    RecentFiles m_recent;
    RecipeFiles m_recipeFiles;
    ModelFiles m_modelFiles;
    TopBar* m_topBar;
    MessageBar* m_messages;
    bool m_isProblemOfOpening = false; ///< was what m_messages shows said while a model was being opened?
    QStackedWidget* m_pages;
    WelcomePage* m_welcome;
    Workspace* m_workspace;
    StatusStrip* m_status;
    RunActions* m_runActions;
    ExportActions* m_exportActions;
    ChoiceMenus* m_choiceMenus;
    bool m_wasPainted = false;
};

} // namespace lathe::views
