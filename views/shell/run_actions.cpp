#include <views/shell/run_actions.h>

#include <QApplication>
#include <QFileInfo>

#include <views/charts/charts_panel.h>
#include <views/dialogs/exported_files_dialog.h>
#include <views/dialogs/run_comparison_dialog.h>
#include <views/models/engine_text.h>
#include <views/models/number_text.h>
#include <views/models/run_text.h>
#include <views/models/text.h>
#include <views/panels/history_panel.h>
#include <views/shell/status_strip.h>
#include <views/shell/workspace.h>

namespace lathe::views {

RunActions::RunActions(Session& session, RecipeEditor& editor, Workbench& workbench, EngineClient& engine, Workspace& workspace,
                       StatusStrip& status, const QString& historyFile, QWidget* window)
    : QObject(window), m_session(session), m_editor(editor), m_workbench(workbench), m_workspace(workspace), m_status(status),
      m_historyFile(historyFile), m_window(window) {
    HistoryPanel* history = workspace.historyPanel();
    connect(&workbench, &Workbench::runFinished, this, &RunActions::takeRun);
    connect(&workbench, &Workbench::measuredAgain, this, [this](const measure::RunDocument& run) {
        tell(run, tr("Measured again: %1"));
        refresh();
        QApplication::alert(m_window);
    });
    connect(&workbench, &Workbench::runCancelled, this, [this] {
        m_status.say(tr("The comparison was cancelled."));
        refresh();
    });
    // Its runs are not at work any more.
    connect(&engine, &EngineClient::engineDied, history, &HistoryPanel::markInterrupted);
    for (const auto change : {&Session::modelChanged, &Session::choicesChanged, &Session::engineChanged})
        connect(&session, change, this, &RunActions::followScope);
    connect(history, &HistoryPanel::runSelected, this, &RunActions::select);
    connect(history, &HistoryPanel::runActivated, this, &RunActions::restoreRun);
    connect(history, &HistoryPanel::comparisonRequested, this, &RunActions::compareRuns);
    connect(history, &HistoryPanel::runsChanged, this, &RunActions::changed);
    connect(history, &HistoryPanel::measureAgainRequested, this,
            [this](const QString& id) { m_workbench.measureAgain(id, m_historyFile); });
    connectCharts();
}

void RunActions::connectCharts() {
    HistoryPanel* history = m_workspace.historyPanel();
    ChartsPanel* charts = m_workspace.chartsPanel();
    charts->setRunSource([history](const QString& id) { return history->run(id); });
    charts->setScopes(history->scopes());
    connect(history, &HistoryPanel::runsChanged, charts, &ChartsPanel::setRuns);
    connect(history, &HistoryPanel::comparisonRequested, charts, &ChartsPanel::showOnly);
    connect(charts, &ChartsPanel::runSelected, this, &RunActions::select);
    connect(charts, &ChartsPanel::runActivated, this, &RunActions::restoreRun);
    connect(charts, &ChartsPanel::exported, this,
            [this](const QString& file) { m_status.say(tr("Saved %1.").arg(QFileInfo(file).fileName())); });
    connect(charts, &ChartsPanel::problem, this, [this](const QString& sentence) {
        emit problem({sentence, tr("Free some space or choose another folder, and try again."), {}});
    });
}

void RunActions::start() { m_workbench.run(m_historyFile); }
void RunActions::measureAgain() { m_workspace.historyPanel()->measureAgainAction()->trigger(); }
void RunActions::restore() { restoreRun(m_selectedRun); }
void RunActions::refresh() { m_workspace.historyPanel()->refresh(); }

void RunActions::showExportedFiles() {
    auto exports = m_workspace.historyPanel()->exportedFiles();
    if (!exports) {
        emit problem(problemFor(exports.error(), tr("Reading the history")));
        return;
    }
    ExportedFilesDialog(std::move(*exports), m_window).exec();
}

void RunActions::select(const QString& id) {
    if (id == m_selectedRun) return;
    m_selectedRun = id;
    m_workspace.historyPanel()->setSelectedRun(id);
    m_workspace.chartsPanel()->setSelectedRun(id);
    emit changed();
}

void RunActions::compareRuns(const QStringList& ids) {
    std::vector<history::RunRow> runs;
    for (const history::RunRow& row : m_workspace.historyPanel()->model().rows())
        if (ids.contains(toQt(row.id))) runs.push_back(row);
    if (runs.size() < 2) return;
    auto* dialog = new RunComparisonDialog(views::compareRuns(std::move(runs)), m_window);
    // Not modal: another run can be chosen beside it.
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->show();
}

void RunActions::followScope() {
    RunScopes::Open open;
    if (m_session.model()) {
        open.modelSha256 = toQt(m_session.model()->sha256);
        open.modelName = QFileInfo(toQt(m_session.model()->file)).fileName();
    }
    open.data = m_session.data();
    open.device = m_session.device();
    if (m_session.engine()) open.threads = m_session.engine()->threads;
    m_workspace.historyPanel()->scopes().follow(open);
}

void RunActions::takeRun() {
    tell(*m_session.lastRun(), tr("Comparison finished: %1"));
    refresh();
    m_workspace.historyPanel()->scopes().followAgain();
    m_workspace.showPage(u"runs");
    QApplication::alert(m_window);
}

void RunActions::tell(const measure::RunDocument& run, const QString& logged) {
    QStringList facts;
    if (run.optimized.quality.accuracy) {
        facts << tr("accuracy %1").arg(percentText(*run.optimized.quality.accuracy, 2));
        //: A difference in percentage points, with its sign
        if (run.comparison.accuracyDrop) facts << tr("%1 points").arg(signedText(-*run.comparison.accuracyDrop * 100, 2));
    }
    const measure::Quality& quality = run.optimized.quality;
    if (measure::isIdentical(quality)) {
        facts << tr("outputs identical");
    } else if (quality.sqnrDb && !quality.accuracy) {
        //: How near the outputs are to the original's, where there are no labels
        facts << tr("outputs at %1").arg(decibelText(quality.sqnrDb));
    }
    const measure::Speedup& speedup = run.comparison.speedup;
    const QString baseline = speedup.baseline.empty() ? tr("the original") : speedupBaselineText(speedup);
    switch (speedup.verdict) {
    case measure::Verdict::Faster:
        facts << tr("%1× faster than %2").arg(ratioText(speedup.ratio), baseline);
        break;
    case measure::Verdict::Slower:
        facts << tr("%1× slower than %2").arg(ratioText(1 / speedup.ratio), baseline);
        break;
    case measure::Verdict::NoSignificantDifference:
        facts << tr("no significant difference in speed to %1").arg(baseline);
        break;
    case measure::Verdict::NotReliable:
        facts << tr("speed not reliable: the machine was disturbed");
        break;
    }
    facts << tr("%1× smaller").arg(ratioText(run.comparison.sizeRatio, 1));
    m_status.say(facts.join(QStringLiteral(" · ")));
    m_session.log().add(LogModel::Level::Info, logged.arg(facts.join(QStringLiteral(" · "))));
    if (speedup.verdict == measure::Verdict::NotReliable) m_session.log().add(LogModel::Level::Warning, engineText(speedup.reason));
}

void RunActions::restoreRun(const QString& id) {
    if (id.isEmpty()) return;
    const base::Result<history::RunRow> row = m_workspace.historyPanel()->run(id);
    if (!row) {
        emit problem(problemFor(row.error(), tr("Reading the history")));
        return;
    }
    const QString name = toQt(row->name);
    if (row->recipeJson.empty()) return m_editor.replace({}, tr("restore %1").arg(name));
    base::Result<recipe::Recipe> recipe = recipe::parse(row->recipeJson);
    if (!recipe) {
        emit problem(problemFor(recipe.error(), tr("Restoring the recipe of %1").arg(name)));
        return;
    }
    m_editor.replace(std::move(*recipe), tr("restore %1").arg(name));
}

} // namespace lathe::views
