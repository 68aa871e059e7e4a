// What each action of the window does. The other half of MainWindow.
#include <views/shell/main_window.h>

#include <QActionGroup>
#include <QApplication>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>

#include <core/base/files.h>
#include <core/history/history.h>
#include <core/history/run_document.h>
#include <core/report/html_report.h>
#include <views/charts/charts_panel.h>
#include <views/dialogs/about_dialog.h>
#include <views/dialogs/command_palette.h>
#include <views/dialogs/data_preview_dialog.h>
#include <views/dialogs/export_dialog.h>
#include <views/dialogs/exported_files_dialog.h>
#include <views/dialogs/import_report_dialog.h>
#include <views/dialogs/random_input_dialog.h>
#include <views/dialogs/run_comparison_dialog.h>
#include <views/models/engine_text.h>
#include <views/models/text.h>
#include <views/panels/graph_panel.h>
#include <views/panels/history_panel.h>
#include <views/panels/layers_panel.h>
#include <views/panels/recipe_panel.h>
#include <views/shell/language.h>
#include <views/shell/save_folder.h>
#include <views/shell/status_strip.h>
#include <views/shell/top_bar.h>
#include <views/shell/workspace.h>

namespace lathe::views {

void MainWindow::connectActions() {
    const auto on = [this](QStringView id, auto function) { connect(m_actions.action(id), &QAction::triggered, this, function); };
    on(u"file.open", [this] { chooseModel(); });
    on(u"file.sample", [this] { openSample(QStringLiteral("lenet5")); });
    on(u"file.close", [this] {
        if (!m_session.isRunning() && m_recipeFiles.confirmLeaving(tr("Save them before closing it?"))) m_session.closeModel();
    });
    on(u"file.openRecipe", [this] { m_recipeFiles.chooseAndOpen(); });
    on(u"file.saveRecipe", [this] { m_recipeFiles.save(); });
    on(u"file.saveRecipeAs", [this] { m_recipeFiles.saveAs(); });
    on(u"file.quit", [this] { close(); });
    on(u"edit.undo", [this] { m_session.undoStack().undo(); });
    on(u"edit.redo", [this] { m_session.undoStack().redo(); });
    on(u"edit.selectAllLayers", [this] {
        m_workspace->showPage(Workspace::BottomPage::Layers);
        m_workspace->layersPanel()->table()->selectAll();
    });
    on(u"edit.clearSelection", [this] { m_session.selectNodes({}); });
    on(u"edit.filterLayers", [this] {
        m_workspace->showPage(Workspace::BottomPage::Layers);
        m_workspace->layersPanel()->filterField()->setFocus(Qt::ShortcutFocusReason);
    });
    on(u"run.start", [this] { m_workbench.run(m_historyFile); });
    on(u"run.measureAgain", [this] { m_workspace->historyPanel()->measureAgainAction()->trigger(); });
    on(u"run.cancel", [this] { m_workbench.cancel(); });
    on(u"run.restartEngine", [this] { m_engine.killEngine(); });
    on(u"history.refresh", [this] { m_workspace->historyPanel()->refresh(); });
    on(u"history.restore", [this] { restoreRun(m_selectedRun); });
    on(u"history.exportedFiles", [this] {
        auto exports = m_workspace->historyPanel()->exportedFiles();
        if (!exports) return showProblem(problemFor(exports.error(), tr("Reading the history")));
        ExportedFilesDialog(std::move(*exports), this).exec();
    });
    on(u"help.shortcuts", [this] { showPalette(); });
    on(u"view.importReport", [this] {
        if (m_session.model()) ImportReportDialog(*m_session.model(), this).exec();
    });
    on(u"help.about", [this] { AboutDialog(m_session, QApplication::applicationVersion(), this).exec(); });
    connectStepActions();
    connectViewActions();

    connect(&m_session.undoStack(), &QUndoStack::indexChanged, this, &MainWindow::updateActions);
    connect(&m_session, &Session::engineChanged, this, &MainWindow::fillChoiceMenus);
    connect(&m_session, &Session::choicesChanged, this, &MainWindow::fillChoiceMenus);
    connect(&m_session, &Session::modelChanged, this, &MainWindow::fillChoiceMenus);
    connect(&m_recent, &RecentFiles::changed, this, &MainWindow::fillRecentMenu);
}

void MainWindow::connectStepActions() {
    const auto on = [this](QStringView id, auto function) { connect(m_actions.action(id), &QAction::triggered, this, function); };
    on(u"step.toggle", [this] {
        const int step = m_session.selectedStep();
        if (step >= 0) m_editor.setEnabled(step, !m_session.recipe().step(step).enabled);
    });
    on(u"step.remove", [this] { m_editor.removeStep(m_session.selectedStep()); });
    const auto move = [this](int offset) {
        const int from = m_session.selectedStep(), to = from + offset;
        if (from < 0 || to < 0 || to >= m_session.recipe().stepCount()) return;
        m_editor.moveStep(from, to);
        m_session.selectStep(to);
    };
    on(u"step.up", [move] { move(-1); });
    on(u"step.down", [move] { move(+1); });
    on(u"layers.keepFloat", [this] { keepSelectedInFloat(); });
    on(u"recipe.default", [this] { useUsualRecipe(); });
    on(u"recipe.clear", [this] { m_editor.replace({}, tr("clear the recipe")); });

    // Their keys mean something else elsewhere (Delete in the history removes a run, Ctrl+Space selects rows there): they work in the
    // recipe's list alone, and are its context menu.
    for (const QStringView id : {u"step.toggle", u"step.up", u"step.down", u"step.remove"}) {
        QAction* action = m_actions.action(id);
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        removeAction(action);
        m_workspace->recipePanel()->list()->addAction(action);
    }
    connect(m_actions.menu(u"addStep"), &QMenu::aboutToShow, this, [this] {
        m_actions.menu(u"addStep")->clear();
        m_actions.menu(u"addStep")->addActions(m_workspace->recipePanel()->addMenu()->actions());
    });
    connect(&m_session, &Session::selectedStepChanged, this, &MainWindow::updateStepActions);
    connect(&m_session, &Session::selectedNodesChanged, this, &MainWindow::updateStepActions);
    connect(&m_session.recipe(), &RecipeModel::recipeChanged, this, &MainWindow::updateStepActions);
}

void MainWindow::connectViewActions() {
    const auto on = [this](QStringView id, auto function) { connect(m_actions.action(id), &QAction::triggered, this, function); };
    GraphPanel* graph = m_workspace->graphPanel();
    on(u"edit.find", [graph] { graph->view()->openFind(); });
    on(u"view.zoomIn", [graph] { graph->view()->zoomIn(); });
    on(u"view.zoomOut", [graph] { graph->view()->zoomOut(); });
    on(u"view.actualSize", [graph] { graph->view()->resetZoom(); });
    on(u"view.fit", [graph] { graph->view()->fit(); });
    on(u"view.original", [graph] { graph->setStage(GraphPanel::Stage::Original); });
    on(u"view.afterStep", [graph] { graph->setStage(GraphPanel::Stage::AfterStep); });
    on(u"view.optimized", [graph] { graph->setStage(GraphPanel::Stage::Optimized); });
    on(u"view.layers", [this] { m_workspace->showPage(Workspace::BottomPage::Layers); });
    on(u"view.runs", [this] { m_workspace->showPage(Workspace::BottomPage::Runs); });
    on(u"view.log", [this] { m_workspace->showPage(Workspace::BottomPage::Log); });
    on(u"view.palette", [this] { showPalette(); });
    on(u"view.fullScreen", [this](bool checked) { checked ? showFullScreen() : showNormal(); });

    struct Toggle {
        QStringView id;
        Workspace::Panel panel;
    };
    for (const Toggle& toggle :
         {Toggle{u"view.recipePanel", Workspace::Panel::Recipe}, Toggle{u"view.inspectorPanel", Workspace::Panel::Inspector},
          Toggle{u"view.bottomPanel", Workspace::Panel::Bottom}, Toggle{u"view.chartsPanel", Workspace::Panel::Charts}}) {
        QAction* action = m_actions.action(toggle.id);
        on(toggle.id, [this, toggle](bool checked) { m_workspace->setPanelVisible(toggle.panel, checked); });
        connect(m_actions.menu(u"view"), &QMenu::aboutToShow, action,
                [this, action, toggle] { action->setChecked(m_workspace->isPanelVisible(toggle.panel)); });
        action->setChecked(m_workspace->isPanelVisible(toggle.panel));
    }
    on(u"view.restoreLayout", [this] { m_workspace->restoreDefaultLayout(); });
}

void MainWindow::connectHistory() {
    HistoryPanel* history = m_workspace->historyPanel();
    ChartsPanel* charts = m_workspace->chartsPanel();
    const auto select = [this](const QString& id) {
        if (id == m_selectedRun) return;
        m_selectedRun = id;
        m_workspace->historyPanel()->setSelectedRun(id);
        m_workspace->chartsPanel()->setSelectedRun(id);
        updateActions();
    };
    connect(history, &HistoryPanel::runSelected, this, select);
    connect(charts, &ChartsPanel::runSelected, this, select);
    charts->setRunSource([history](const QString& id) { return history->run(id); });
    connect(history, &HistoryPanel::comparisonRequested, charts, &ChartsPanel::showOnly);
    connect(history, &HistoryPanel::comparisonRequested, this, &MainWindow::compareRuns);
    connect(charts, &ChartsPanel::exported, this,
            [this](const QString& file) { m_status->say(tr("Saved %1.").arg(QFileInfo(file).fileName())); });
    connect(charts, &ChartsPanel::problem, this, [this](const QString& sentence) {
        showProblem({sentence, tr("Free some space or choose another folder, and try again."), {}});
    });
    connect(history, &HistoryPanel::runsChanged, charts, &ChartsPanel::setRuns);
    charts->setScopes(history->scopes());
    for (const auto change : {&Session::modelChanged, &Session::choicesChanged, &Session::engineChanged})
        connect(&m_session, change, this, &MainWindow::followScope);
    // Its runs are not at work any more.
    connect(&m_engine, &EngineClient::engineDied, history, &HistoryPanel::markInterrupted);
    connect(history, &HistoryPanel::runsChanged, this, &MainWindow::updateActions);
    connect(history, &HistoryPanel::measureAgainRequested, this,
            [this](const QString& id) { m_workbench.measureAgain(id, m_historyFile); });
    connect(history, &HistoryPanel::runActivated, this, &MainWindow::restoreRun);
    connect(charts, &ChartsPanel::runActivated, this, &MainWindow::restoreRun);
}

void MainWindow::compareRuns(const QStringList& ids) {
    std::vector<history::RunRow> runs;
    for (const history::RunRow& row : m_workspace->historyPanel()->model().rows())
        if (ids.contains(toQt(row.id))) runs.push_back(row);
    if (runs.size() < 2) return;
    auto* dialog = new RunComparisonDialog(views::compareRuns(std::move(runs)), this);
    // Not modal: another run can be chosen beside it.
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->show();
}

void MainWindow::followScope() {
    RunScopes::Open open;
    if (m_session.model()) {
        open.modelSha256 = toQt(m_session.model()->sha256);
        open.modelName = QFileInfo(toQt(m_session.model()->file)).fileName();
    }
    open.data = m_session.data();
    open.device = m_session.device();
    if (m_session.engine()) open.threads = m_session.engine()->threads;
    m_workspace->historyPanel()->scopes().follow(open);
}

void MainWindow::updateActions() {
    const bool hasModel = m_session.model().has_value();
    const bool isRunning = m_session.isRunning();
    const QUndoStack& undo = m_session.undoStack();
    const auto enable = [this](QStringView id, bool enabled) { m_actions.action(id)->setEnabled(enabled); };
    enable(u"run.start", hasModel && !isRunning && !m_workbench.isOpening());
    m_workspace->historyPanel()->setCanMeasure(!isRunning && !m_workbench.isOpening());
    enable(u"run.measureAgain", m_workspace->historyPanel()->measureAgainAction()->isEnabled());
    enable(u"run.cancel", m_workbench.canCancel());
    enable(u"run.restartEngine", m_engine.isEngineRunning());
    enable(u"file.close", hasModel && !isRunning);
    enable(u"edit.undo", undo.canUndo());
    enable(u"edit.redo", undo.canRedo());
    for (const QStringView id : {u"edit.find", u"edit.filterLayers", u"edit.selectAllLayers", u"edit.clearSelection", u"view.zoomIn",
                                 u"view.zoomOut", u"view.actualSize", u"view.fit", u"view.original", u"view.optimized", u"view.layers",
                                 u"view.runs", u"view.log", u"view.importReport"}) {
        enable(id, hasModel);
    }
    enable(u"history.restore", !m_selectedRun.isEmpty());
    m_actions.menu(u"export")->setEnabled(hasModel);
    // "Undo change Pruned share of conv2": the name of what would be undone belongs to the menu.
    const QString undoName = tr("&Undo"), redoName = tr("&Redo");
    m_actions.action(u"edit.undo")->setText(undo.canUndo() ? tr("&Undo: %1").arg(undo.undoText()) : undoName);
    m_actions.action(u"edit.redo")->setText(undo.canRedo() ? tr("&Redo: %1").arg(undo.redoText()) : redoName);
    updateStepActions();
}

void MainWindow::updateStepActions() {
    const int step = m_session.selectedStep(), count = m_session.recipe().stepCount();
    const auto enable = [this](QStringView id, bool enabled) { m_actions.action(id)->setEnabled(enabled); };
    enable(u"step.toggle", step >= 0);
    enable(u"step.remove", step >= 0);
    enable(u"step.up", step > 0);
    enable(u"step.down", step >= 0 && step + 1 < count);
    enable(u"view.afterStep", step >= 0 && m_session.model().has_value());
    enable(u"recipe.clear", count > 0);
    enable(u"layers.keepFloat", !m_session.selectedLayers().isEmpty());
}

void MainWindow::fillChoiceMenus() {
    const auto fill = [this](QMenu* menu, const QString& chosen, const std::vector<std::pair<QString, QString>>& entries, auto choose) {
        menu->clear();
        auto* group = new QActionGroup(menu);
        for (const auto& [value, title] : entries) {
            QAction* action = menu->addAction(QString(title).replace(u'&', QStringLiteral("&&")));
            action->setCheckable(true);
            action->setChecked(value == chosen);
            group->addAction(action);
            connect(action, &QAction::triggered, this, [choose, value = value] { choose(value); });
        }
    };
    std::vector<std::pair<QString, QString>> dataEntries, deviceEntries;
    if (m_session.engine()) {
        for (const client::DataEntry& entry : m_session.engine()->data) {
            dataEntries.emplace_back(toQt(entry.name), entry.description.empty() ? toQt(entry.name) : engineText(entry.description));
        }
        for (const client::DeviceEntry& entry : m_session.engine()->devices) {
            deviceEntries.emplace_back(toQt(entry.device), toQt(entry.device) % QStringLiteral(" · ") % toQt(entry.name));
        }
    }
    fill(m_actions.menu(u"data"), m_session.data(), dataEntries, [this](const QString& value) { m_session.setData(value); });
    fill(m_actions.menu(u"device"), m_session.device(), deviceEntries, [this](const QString& value) { m_session.setDevice(value); });
    connect(m_actions.menu(u"data")->addAction(tr("Choose a File…")), &QAction::triggered, this, &MainWindow::chooseData);
    connect(m_actions.menu(u"data")->addAction(tr("Choose a Folder…")), &QAction::triggered, this, [this] {
        const QString folder = QFileDialog::getExistingDirectory(this, tr("Choose Data"));
        if (!folder.isEmpty()) m_session.setData(folder);
    });

    QAction* random = m_actions.menu(u"data")->addAction(tr("Random &Input…"));
    random->setEnabled(m_session.model().has_value());
    connect(random, &QAction::triggered, this, [this] {
        if (!m_session.model()) return;
        RandomInputDialog dialog(m_session.model()->report.inputs, m_session.data(), this);
        if (dialog.exec() == QDialog::Accepted) m_session.setData(dialog.data());
    });
    QAction* look = m_actions.menu(u"data")->addAction(tr("&Preview…"));
    look->setEnabled(!m_session.data().isEmpty() && m_session.engine().has_value());
    connect(look, &QAction::triggered, this, [this] { DataPreviewDialog(m_session, m_editor, m_workbench, this).exec(); });

    QMenu* exports = m_actions.menu(u"export");
    exports->clear();
    for (const auto& [format, title] :
         {std::pair(ExportFormat::TorchScript, tr("&TorchScript…")), std::pair(ExportFormat::ExportedProgram, tr("torch.&export (.pt2)…")),
          std::pair(ExportFormat::Onnx, tr("&ONNX…")), std::pair(ExportFormat::Report, tr("&HTML Report…")),
          std::pair(ExportFormat::Recipe, tr("&Recipe…"))}) {
        connect(exports->addAction(title), &QAction::triggered, this, [this, format = format] { openExport(format); });
    }
    exports->actions().constFirst()->setShortcut(QKeySequence(QStringLiteral("Ctrl+E")));
}

void MainWindow::fillRecentMenu() {
    QMenu* menu = m_actions.menu(u"recent");
    menu->clear();
    const QStringList files = m_recent.files();
    for (const QString& file : files) {
        QAction* action = menu->addAction(QString(file).replace(u'&', QStringLiteral("&&")));
        action->setShortcut(QKeySequence(QStringLiteral("Ctrl+%1").arg(menu->actions().size())));
        connect(action, &QAction::triggered, this, [this, file] { openFile(file); });
    }
    if (files.isEmpty()) menu->addAction(tr("Nothing yet"))->setEnabled(false);
    menu->addSeparator();
    connect(menu->addAction(tr("Clear List")), &QAction::triggered, &m_recent, &RecentFiles::clear);
}

void MainWindow::fillThemeMenu() {
    QMenu* menu = m_actions.menu(u"theme");
    menu->clear();
    auto* group = new QActionGroup(menu);
    struct Entry {
        ThemeChoice choice;
        QString title;
    };
    for (const Entry& entry : {Entry{ThemeChoice::System, tr("As the &Desktop")}, Entry{ThemeChoice::Light, tr("&Light")},
                               Entry{ThemeChoice::Dark, tr("&Dark")}}) {
        QAction* action = menu->addAction(entry.title);
        action->setCheckable(true);
        action->setChecked(m_settings.theme == entry.choice);
        group->addAction(action);
        connect(action, &QAction::triggered, this, [this, choice = entry.choice] {
            m_settings.theme = choice;
            applyTheme(choice);
        });
    }
}

void MainWindow::fillLanguageMenu() {
    QMenu* menu = m_actions.menu(u"language");
    menu->clear();
    auto* group = new QActionGroup(menu);
    for (const LanguageEntry& language : languages()) {
        QAction* action = menu->addAction(language.name);
        action->setCheckable(true);
        action->setChecked(language.code == currentLanguage());
        group->addAction(action);
        connect(action, &QAction::triggered, this, [this, code = language.code] {
            m_settings.language = code;
            applyLanguage(code);
        });
    }
}

void MainWindow::chooseModel() {
    const QString folder = m_session.model() ? QFileInfo(toQt(m_session.model()->file)).path() : QString();
    const QString file = QFileDialog::getOpenFileName(this, tr("Open Model"), folder,
                                                      tr("Models (*.pt *.pth *.jit *.ts *.pt2 *.onnx);;Recipes (*.json);;All files (*)"));
    if (!file.isEmpty()) openFile(file);
}

void MainWindow::chooseData() {
    const QString file =
        QFileDialog::getOpenFileName(this, tr("Choose Data"), {}, tr("Data (*.npz *.csv *.tsv *-ubyte *.gz);;All files (*)"));
    if (!file.isEmpty()) m_session.setData(file);
}

void MainWindow::keepSelectedInFloat() {
    const QStringList layers = m_session.selectedLayers();
    if (layers.isEmpty()) return;
    for (int step = 0; step < m_session.recipe().stepCount(); ++step) {
        const bool quantizes = m_session.recipe().step(step).op.rfind("quantize.", 0) == 0;
        if (quantizes) m_editor.setParameter({step, "keep", layers}, base::Json("float"));
    }
}

void MainWindow::restoreRun(const QString& id) {
    if (id.isEmpty()) return;
    const base::Result<history::History> history = history::History::open(toStd(m_historyFile));
    if (!history) return showProblem(problemFor(history.error(), tr("Reading the history")));
    const base::Result<history::RunRow> row = history->run(toStd(id));
    if (!row) return showProblem(problemFor(row.error(), tr("Reading the history")));
    if (row->recipeJson.empty()) return m_editor.replace({}, tr("restore %1").arg(toQt(row->name)));
    base::Result<recipe::Recipe> recipe = recipe::parse(row->recipeJson);
    if (!recipe) return showProblem(problemFor(recipe.error(), tr("Restoring the recipe of %1").arg(toQt(row->name))));
    m_editor.replace(std::move(*recipe), tr("restore %1").arg(toQt(row->name)));
}

void MainWindow::openExport(ExportFormat format) {
    if (!m_session.model()) return;
    const QFileInfo file(toQt(m_session.model()->file));
    auto* dialog = new ExportDialog(format, saveFolder(file.filePath()), file.completeBaseName() % QStringLiteral("-optimized"), this);
    // Not modal: the recipe can be looked at and edited while a large model is written and checked.
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setPython(m_settings.python);
    connect(dialog, &ExportDialog::exportRequested, this,
            [this, dialog](ExportFormat wanted, const QString& path, bool verify) { exportTo(*dialog, wanted, path, verify); });
    connect(dialog, &ExportDialog::cancelRequested, &m_workbench, &Workbench::cancel);
    connect(&m_session, &Session::progressChanged, dialog, [this, dialog] {
        if (dialog->isBusy()) dialog->setProgress(m_session.progress());
    });
    dialog->show();
}

void MainWindow::exportTo(ExportDialog& dialog, ExportFormat format, const QString& file, bool verify) {
    if (format == ExportFormat::Recipe) {
        const std::string text = recipe::write(m_session.recipe().recipe());
        if (const base::Result<> written = base::writeFile(toStd(file), text); !written)
            return dialog.setError(toQt(written.error().text()));
        client::ExportReply reply;
        reply.file = toStd(file);
        reply.bytes = static_cast<std::int64_t>(text.size());
        return dialog.setResult(reply);
    }
    if (format == ExportFormat::Report) return exportReport(dialog, file);
    client::ExportRequest request;
    request.to = client::ExportTarget::TorchScript;
    if (format == ExportFormat::ExportedProgram) request.to = client::ExportTarget::ExportedProgram;
    if (format == ExportFormat::Onnx) request.to = client::ExportTarget::Onnx;
    request.file = toStd(file);
    request.verify = verify;
    m_settings.python = dialog.python();
    request.python = toStd(m_settings.python);
    if (!m_historyFile.isEmpty()) request.history = toStd(m_historyFile);
    m_workbench.exportModel(request, &dialog, [&dialog](const base::Result<client::ExportReply>& reply) {
        if (reply)
            dialog.setResult(*reply);
        else
            dialog.setError(toQt(reply.error().text()));
    });
}

void MainWindow::exportReport(ExportDialog& dialog, const QString& file) {
    std::vector<history::RunRow> runs;
    for (const QString& id : m_workspace->historyPanel()->selectedRuns()) {
        base::Result<history::RunRow> run = m_workspace->historyPanel()->run(id);
        if (!run) return dialog.setError(toQt(run.error().text()));
        runs.push_back(std::move(*run));
    }
    if (runs.empty() && m_session.lastRun()) runs = history::rowsOf(*m_session.lastRun());
    if (runs.empty()) return dialog.setError(tr("There is nothing to report yet: run the comparison, or select runs in the history."));
    const std::string html = report::htmlReport(runs);
    if (const base::Result<> written = base::writeFile(toStd(file), html); !written) return dialog.setError(toQt(written.error().text()));
    client::ExportReply reply;
    reply.file = toStd(file);
    reply.bytes = static_cast<std::int64_t>(html.size());
    dialog.setResult(reply);
}

void MainWindow::showPalette() {
    QList<QAction*> commands = m_actions.actions();
    for (const QStringView id : {u"export", u"addStep", u"theme", u"language", u"data", u"device"}) {
        if (id == QStringView(u"addStep"))
            commands += m_workspace->recipePanel()->addMenu()->actions();
        else
            commands += m_actions.menu(id)->actions();
    }
    commands.removeIf([](const QAction* action) { return action->isSeparator() || action->text().isEmpty(); });
    CommandPalette palette(commands, this);
    palette.move(mapToGlobal(QPoint((width() - palette.width()) / 2, 80)));
    palette.exec();
}

} // namespace lathe::views
