// Whom each action is for, and when it makes sense. The other half of MainWindow.
#include <views/models/export_formats.h>
#include <views/shell/main_window.h>

#include <QApplication>
#include <QFileDialog>
#include <QFileInfo>

#include <views/dialogs/about_dialog.h>
#include <views/dialogs/command_palette.h>
#include <views/dialogs/import_report_dialog.h>
#include <views/models/text.h>
#include <views/panels/graph_panel.h>
#include <views/panels/history_panel.h>
#include <views/panels/layers_panel.h>
#include <views/panels/recipe_panel.h>
#include <views/shell/run_actions.h>
#include <views/shell/workspace.h>

namespace lathe::views {

void MainWindow::connectActions() {
    const auto on = [this](QStringView id, auto function) { connect(m_actions.action(id), &QAction::triggered, this, function); };
    on(u"file.open", [this] { chooseModel(); });
    on(u"file.sample", [this] { openSample(QStringLiteral("lenet5")); });
    on(u"file.close", [this] { m_modelFiles.close(); });
    on(u"file.openRecipe", [this] { m_recipeFiles.chooseAndOpen(); });
    on(u"file.saveRecipe", [this] { m_recipeFiles.save(); });
    on(u"file.saveRecipeAs", [this] { m_recipeFiles.saveAs(); });
    on(u"file.quit", [this] { close(); });
    on(u"edit.undo", [this] { m_session.undoStack().undo(); });
    on(u"edit.redo", [this] { m_session.undoStack().redo(); });
    on(u"edit.selectAllLayers", [this] {
        m_workspace->showPage(u"layers");
        m_workspace->layersPanel()->table()->selectAll();
    });
    on(u"edit.clearSelection", [this] { m_session.selectNodes({}); });
    on(u"edit.filterLayers", [this] {
        m_workspace->showPage(u"layers");
        m_workspace->layersPanel()->filterField()->setFocus(Qt::ShortcutFocusReason);
    });
    on(u"run.start", [this] { m_runActions->start(); });
    on(u"run.measureAgain", [this] { m_runActions->measureAgain(); });
    on(u"run.cancel", [this] { m_workbench.cancel(); });
    on(u"run.restartEngine", [this] { m_engine.killEngine(); });
    on(u"history.refresh", [this] { m_workspace->historyPanel()->refresh(); });
    on(u"history.restore", [this] { m_runActions->restore(); });
    on(u"history.exportedFiles", [this] { m_runActions->showExportedFiles(); });
    on(u"help.shortcuts", [this] { showPalette(); });
    on(u"view.importReport", [this] {
        if (m_session.model()) ImportReportDialog(*m_session.model(), this).exec();
    });
    on(u"help.about", [this] { AboutDialog(m_session, QApplication::applicationVersion(), this).exec(); });
    connectStepActions();
    connectViewActions();
    connect(&m_session.undoStack(), &QUndoStack::indexChanged, this, &MainWindow::updateActions);
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
    on(u"recipe.default", [this] { m_modelFiles.useUsualRecipe(); });
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
    on(u"view.expandModule", [graph] { graph->openSelected(); });
    on(u"view.collapseModule", [graph] { graph->closeAroundSelected(); });
    on(u"view.expandAll", [graph] { graph->openAll(); });
    on(u"view.collapseAll", [graph] { graph->closeAll(); });
    connect(graph, &GraphPanel::modulesChanged, this, &MainWindow::updateActions);
    on(u"view.palette", [this] { showPalette(); });
    on(u"view.fullScreen", [this](bool checked) { checked ? showFullScreen() : showNormal(); });

    connectPanelActions();
    on(u"view.restoreLayout", [this] { m_workspace->restoreDefaultLayout(); });
}

void MainWindow::connectPanelActions() {
    const auto connectToggle = [this](QStringView actionId, const QString& panel) {
        QAction* action = m_actions.action(actionId);
        connect(action, &QAction::triggered, this, [this, panel](bool checked) { m_workspace->setPanelVisible(panel, checked); });
        connect(m_actions.menu(u"view"), &QMenu::aboutToShow, action,
                [this, action, panel] { action->setChecked(m_workspace->isPanelVisible(panel)); });
        action->setChecked(m_workspace->isPanelVisible(panel));
    };
    for (const PanelSpec& spec : panelSpecs()) {
        if (*spec.action == '\0') continue;
        const QString panel = QString::fromLatin1(spec.id), action = QString::fromLatin1(spec.action);
        if (spec.place == PanelPlace::Tab)
            connect(m_actions.action(action), &QAction::triggered, this, [this, panel] { m_workspace->showPage(panel); });
        else
            connectToggle(action, panel);
    }
    connectToggle(u"view.bottomPanel", QStringLiteral("bottom"));
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
    for (const QStringView id :
         {u"edit.find", u"edit.filterLayers", u"edit.selectAllLayers", u"edit.clearSelection", u"view.zoomIn", u"view.zoomOut",
          u"view.actualSize", u"view.fit", u"view.original", u"view.optimized", u"view.importReport"}) {
        enable(id, hasModel);
    }
    const GraphPanel* graph = m_workspace->graphPanel();
    for (const QStringView id : {u"view.expandModule", u"view.expandAll"})
        enable(id, hasModel && graph->canOpen());
    for (const QStringView id : {u"view.collapseModule", u"view.collapseAll"})
        enable(id, hasModel && graph->canClose());
    for (const PanelSpec& panel : panelSpecs())
        if (panel.place == PanelPlace::Tab) enable(QString::fromLatin1(panel.action), hasModel);
    enable(u"history.restore", !m_runActions->selectedRun().isEmpty());
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

void MainWindow::chooseModel() {
    const QString folder = m_session.model() ? QFileInfo(toQt(m_session.model()->file)).path() : QString();
    const QString file = QFileDialog::getOpenFileName(this, tr("Open Model"), folder,
                                                      tr("Models (%1);;Recipes (*.json);;All files (*)").arg(modelFilePatterns()));
    if (!file.isEmpty()) openFile(file);
}

void MainWindow::keepSelectedInFloat() {
    const QStringList layers = m_session.selectedLayers();
    if (layers.isEmpty()) return;
    for (int step = 0; step < m_session.recipe().stepCount(); ++step) {
        const bool quantizes = m_session.recipe().step(step).op.rfind("quantize.", 0) == 0;
        if (quantizes) m_editor.setParameter({step, "keep", layers}, base::Json("float"));
    }
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
