#pragma once

#include <QObject>

#include <views/commands/recipe_editor.h>
#include <views/jobs/engine_client.h>
#include <views/jobs/workbench.h>
#include <views/models/session.h>

namespace lathe::views {

class StatusStrip;
class Workspace;

/// Runs: starts them, says what they found, and keeps history and charts on the same run; restores and compares what was measured.
class RunActions : public QObject {
    Q_OBJECT

public:
    RunActions(Session& session, RecipeEditor& editor, Workbench& workbench, EngineClient& engine, Workspace& workspace,
               StatusStrip& status, const QString& historyFile, QWidget* window);

    void start();
    void measureAgain();
    /// The recipe of the selected run.
    void restore();
    void showExportedFiles();
    /// Empty: none.
    [[nodiscard]] const QString& selectedRun() const { return m_selectedRun; }

signals:
    /// Other actions make sense than before.
    void changed();
    void problem(const lathe::views::Problem& problem);

private:
    void connectCharts();
    void select(const QString& id);
    /// Runs of what is open are the ones that are shown.
    void followScope();
    void takeRun();
    void refresh();
    /// Says in status strip and log what was measured; `logged` has the place for it.
    void tell(const measure::RunDocument& run, const QString& logged);
    void restoreRun(const QString& id);
    void compareRuns(const QStringList& ids);

    Session& m_session;
    RecipeEditor& m_editor;
    Workbench& m_workbench;
    Workspace& m_workspace;
    StatusStrip& m_status;
    QString m_historyFile;
    QWidget* m_window;
    QString m_selectedRun;
};

} // namespace lathe::views
