#pragma once

#include <memory>
#include <optional>

#include <QMainWindow>
#include <QStackedWidget>

#include <views/commands/recipe_editor.h>
#include <views/dialogs/export_dialog.h>
#include <views/jobs/engine_client.h>
#include <views/jobs/workbench.h>
#include <views/models/session.h>
#include <views/shell/action_registry.h>
#include <views/shell/model_file_watcher.h>
#include <views/shell/model_memory.h>
#include <views/shell/recent_files.h>
#include <views/shell/recipe_autosave.h>
#include <views/shell/recipe_files.h>
#include <views/shell/settings.h>
#include <views/widgets/message_bar.h>

namespace lathe::views {

class StatusStrip;
class TopBar;
class WelcomePage;
class Workspace;

/// The window: puts the parts together and carries actions out. The engine is started after the first paint.
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
    void openFile(const QString& file);
    void openSample(const QString& id);
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
    void connectActions();
    void connectStepActions();
    void connectViewActions();
    void connectHistory();
    /// Runs of what is open are the ones that are shown.
    void followScope();
    void fillChoiceMenus();
    void fillRecentMenu();
    void fillThemeMenu();
    void fillLanguageMenu();
    void retranslate();
    void showTitle();
    void updateActions();
    void updateStepActions();
    void showProblem(const Problem& problem);
    void offerRecovery();
    /// What a model begins with: what was chosen for it the last time, or what is usual for its kind.
    struct Start {
        std::optional<recipe::Recipe> recipe; ///< nothing: the usual one
        QString recipeFile, data;
        bool isUnsaved = false;
    };
    /// Asks about unsaved changes first, since the model that is open goes with its recipe.
    void openModel(const QString& file, Start start);
    [[nodiscard]] Start rememberedStart(const std::optional<ModelMemory::Entry>& entry) const;
    void takeOpened(const QString& file);
    void startRecipe();
    /// Notes recipe file and data of the model that is open.
    void remember();
    void offerReload(const QString& file);
    [[nodiscard]] bool hasTrainingData() const;
    void takeRun();
    /// Says in status strip and log what was measured; `logged` has the place for it.
    void tell(const measure::RunDocument& run, const QString& logged);
    void useUsualRecipe();
    void restoreRun(const QString& id);
    void compareRuns(const QStringList& ids);
    void keepSelectedInFloat();
    void chooseModel();
    void chooseData();
    void openExport(ExportFormat format);
    void exportTo(ExportDialog& dialog, ExportFormat format, const QString& file, bool verify);
    /// Of the runs that are selected in the history, or else of the last comparison.
    void exportReport(ExportDialog& dialog, const QString& file);
    void showPalette();

    QString m_historyFile;
    Settings m_settings;
    Session m_session;
    RecipeEditor m_editor;
    EngineClient m_engine;
    Workbench m_workbench;
    ActionRegistry m_actions;
    RecentFiles m_recent;
    RecipeAutosave m_autosave;
    RecipeFiles m_recipeFiles;
    TopBar* m_topBar;
    MessageBar* m_messages;
    QStackedWidget* m_pages;
    WelcomePage* m_welcome;
    Workspace* m_workspace;
    StatusStrip* m_status;
    ModelFileWatcher m_watcher;
    Start m_start;                                        ///< of the model that is being opened
    std::optional<RecipeAutosave::Recovered> m_recovered; ///< until its model is open
    QString m_recipeModel;                                ///< file of the model that the recipe is for; "": of any
    QString m_selectedRun;
    bool m_wasPainted = false;
};

} // namespace lathe::views
