#include <views/shell/main_window.h>

#include <algorithm>

#include <QApplication>
#include <QCloseEvent>
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QMenuBar>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QStatusBar>
#include <QTimer>
#include <QVBoxLayout>

#include <core/history/history.h>
#include <views/models/engine_text.h>
#include <views/models/history_model.h>
#include <views/models/number_text.h>
#include <views/models/text.h>
#include <views/panels/graph_panel.h>
#include <views/panels/history_panel.h>
#include <views/panels/recipe_panel.h>
#include <views/shell/samples.h>
#include <views/shell/save_folder.h>
#include <views/shell/status_strip.h>
#include <views/shell/top_bar.h>
#include <views/shell/welcome_page.h>
#include <views/shell/workspace.h>
#include <views/widgets/themed_icon.h>

namespace lathe::views {

namespace {

/// The files of a drop; empty when it is something else.
QStringList localFiles(const QMimeData* data) {
    QStringList files;
    for (const QUrl& url : data->urls()) {
        if (url.isLocalFile()) files << url.toLocalFile();
    }
    return files;
}

} // namespace

MainWindow::MainWindow(std::unique_ptr<EngineTransport> engine, const QString& historyFile, QWidget* parent)
    : QMainWindow(parent), m_historyFile(historyFile), m_settings(Settings::load()), m_editor(m_session.recipe(), m_session.undoStack()),
      m_engine(std::move(engine)), m_workbench(m_session, m_engine), m_actions(this), m_autosave(m_session),
      m_recipeFiles(m_session, m_editor, this), m_topBar(new TopBar(m_session, m_actions)), m_messages(new MessageBar),
      m_pages(new QStackedWidget), m_welcome(new WelcomePage(m_recent, m_actions)),
      m_workspace(new Workspace(m_session, m_editor, m_workbench, historyFile)), m_status(new StatusStrip(m_session, m_workbench)) {
    setWindowIcon(applicationIcon());
    m_actions.fillMenuBar(menuBar());
    m_pages->addWidget(m_welcome);
    m_pages->addWidget(m_workspace);
    auto* content = new QWidget(this);
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_topBar);
    column->addWidget(m_messages);
    column->addWidget(m_pages, 1);
    setCentralWidget(content);
    statusBar()->setSizeGripEnabled(false);
    statusBar()->addWidget(m_status, 1);
    statusBar()->setContentsMargins(0, 0, 0, 0);

    connect(&m_workbench, &Workbench::problem, this, &MainWindow::showProblem);
    connect(&m_workbench, &Workbench::modelOpened, this, &MainWindow::takeOpened);
    connect(&m_workbench, &Workbench::runFinished, this, &MainWindow::takeRun);
    connect(&m_workbench, &Workbench::measuredAgain, this, [this](const measure::RunDocument& run) {
        tell(run, tr("Measured again: %1"));
        m_workspace->historyPanel()->refresh();
        QApplication::alert(this);
    });
    connect(&m_workbench, &Workbench::runCancelled, this, [this] {
        m_status->say(tr("The comparison was cancelled."));
        m_workspace->historyPanel()->refresh();
    });
    connect(&m_workbench, &Workbench::busyChanged, this, [this] {
        updateActions();
        // What was opened for a model that did not come is for the one that is still there.
        if (m_session.model() && m_recipeModel.isEmpty() && !m_workbench.isOpening()) m_recipeModel = toQt(m_session.model()->file);
    });
    connect(&m_recipeFiles, &RecipeFiles::problem, this, &MainWindow::showProblem);
    connect(&m_recipeFiles, &RecipeFiles::said, m_status, &StatusStrip::say);
    connect(&m_recipeFiles, &RecipeFiles::opened, this, [this] {
        // Opened before its model, or while that is read: it is not for the one that goes.
        if (!m_session.model() || m_workbench.isOpeningAnother()) m_recipeModel.clear();
    });
    connect(&m_session, &Session::recipeFileChanged, this, &MainWindow::remember);
    connect(&m_session, &Session::choicesChanged, this, &MainWindow::remember);
    connect(&m_watcher, &ModelFileWatcher::changed, this, &MainWindow::offerReload);
    connect(m_welcome, &WelcomePage::sampleChosen, this, &MainWindow::openSample);
    connect(m_welcome, &WelcomePage::fileChosen, this, &MainWindow::openFile);
    connect(m_topBar, &TopBar::dataFileWished, this, &MainWindow::chooseData);
    connect(&m_session, &Session::modelChanged, this, [this] {
        m_pages->setCurrentWidget(m_session.model() ? static_cast<QWidget*>(m_workspace) : m_welcome);
        if (!m_session.model()) {
            m_recipeModel.clear();
            m_watcher.watch({});
        }
        updateActions();
        showTitle();
    });
    connect(&m_session, &Session::runningChanged, this, &MainWindow::updateActions);
    connect(&m_session.undoStack(), &QUndoStack::cleanChanged, this, &MainWindow::showTitle);
    connectActions();
    connectHistory();
    // Files may be dropped on any part of the window, also on those that take drops of their own.
    setAcceptDrops(true);
    qApp->installEventFilter(this);

    resize(1440, 900);
    if (!m_settings.geometry.isEmpty()) restoreGeometry(m_settings.geometry);
    if (!m_settings.layout.isEmpty()) m_workspace->setLayoutState(m_settings.layout);
    retranslate();
    updateActions();
}

MainWindow::~MainWindow() {
    // The parts below go one after the other: nobody of them may call back, and the panels, which hold references to them, go first.
    for (QObject* part : std::initializer_list<QObject*>{&m_session.undoStack(), &m_session.recipe(), &m_session, &m_workbench, &m_engine})
        part->disconnect(this);
    delete takeCentralWidget();
    delete m_status;
}

void MainWindow::paintEvent(QPaintEvent* event) {
    QMainWindow::paintEvent(event);
    if (std::exchange(m_wasPainted, true)) return;
    QTimer::singleShot(0, this, [this] {
        emit firstPainted();
        m_workbench.greet();
        offerRecovery();
    });
}

void MainWindow::openFile(const QString& file) {
    if (file.endsWith(QLatin1String(".json"), Qt::CaseInsensitive)) return m_recipeFiles.open(file);
    const QString path = QFileInfo(file).absoluteFilePath();
    openModel(path, rememberedStart(ModelMemory::findFile(path)));
}

void MainWindow::openSample(const QString& id) {
    for (const Sample& sample : samples()) {
        if (sample.id == id) openModel(sample.file, {{}, {}, sample.data, false});
    }
}

void MainWindow::openModel(const QString& file, Start start) {
    const bool isSame = m_session.model() && toQt(m_session.model()->file) == file;
    if (isSame) return m_workbench.reopenModel();
    const bool isAsked = m_session.model() && !m_session.isRunning();
    if (isAsked && !m_recipeFiles.confirmLeaving(tr("Save them before opening %1?").arg(QFileInfo(file).fileName()))) return;
    m_start = std::move(start);
    m_workbench.openModel(file, m_start.data, m_start.recipe.value_or(recipe::Recipe{}).preprocessing);
}

MainWindow::Start MainWindow::rememberedStart(const std::optional<ModelMemory::Entry>& entry) const {
    Start start;
    if (!entry) return start;
    start.data = entry->data;
    if (entry->recipeFile.isEmpty()) return start;
    // One that is gone or broken since: the usual one, as if it had never been saved.
    base::Result<recipe::Recipe> recipe = recipe::load(toStd(entry->recipeFile));
    if (!recipe) return start;
    start.recipe = std::move(*recipe);
    start.recipeFile = entry->recipeFile;
    return start;
}

void MainWindow::takeOpened(const QString& file) {
    m_messages->hide();
    m_watcher.watch(file);
    if (!isShipped(file)) m_recent.add(file);
    // The same file again, or a recipe that was opened for the model that comes next: it stays.
    if (m_recipeModel != file) startRecipe();
    m_recipeModel = file;
    remember();
    m_session.selectStep(-1);
    m_workspace->historyPanel()->refresh();
}

void MainWindow::startRecipe() {
    const client::OpenReply& model = *m_session.model();
    Start start = std::exchange(m_start, {});
    if (!start.recipe && start.data.isEmpty()) start = rememberedStart(ModelMemory::findContent(toQt(model.sha256)));
    if (start.data.isEmpty() && m_session.engine()) start.data = fittingData(m_session.engine()->data, model);
    m_session.setData(start.data);
    const bool isRecipeChosen = m_recipeModel.isEmpty() && m_session.recipe().stepCount() > 0 && !start.isUnsaved;
    if (isRecipeChosen) return;
    if (!start.recipe) start.recipe = usualRecipe(model.report, hasTrainingData());
    m_session.startRecipe(std::move(*start.recipe), start.recipeFile, start.isUnsaved);
    if (!start.isUnsaved) return;
    m_autosave.save();
    if (const auto recovered = std::exchange(m_recovered, std::nullopt)) RecipeAutosave::forget(*recovered);
}

void MainWindow::remember() {
    const std::optional<client::OpenReply>& model = m_session.model();
    if (!model || toQt(model->file) != m_recipeModel || isShipped(m_recipeModel)) return;
    ModelMemory::remember({m_recipeModel, toQt(model->sha256), m_session.recipeFile(), m_session.data()});
}

void MainWindow::offerReload(const QString& file) {
    m_messages->show({tr("%1 has changed on disk.").arg(QFileInfo(file).fileName()),
                      tr("Reload it to work on what is there now; the recipe stays."),
                      {},
                      tr("Reload"),
                      [this] { m_workbench.reopenModel(); },
                      {}});
}

bool MainWindow::hasTrainingData() const {
    const std::optional<client::HelloReply>& engine = m_session.engine();
    return engine && std::any_of(engine->data.begin(), engine->data.end(), [this](const client::DataEntry& entry) {
               return !entry.shape.empty() && toQt(entry.name) == m_session.data();
           });
}

void MainWindow::useUsualRecipe() {
    const client::InspectReport report = m_session.model() ? m_session.model()->report : client::InspectReport{};
    m_editor.replace(usualRecipe(report, hasTrainingData()), tr("use the usual recipe"));
}

void MainWindow::takeRun() {
    tell(*m_session.lastRun(), tr("Comparison finished: %1"));
    m_workspace->historyPanel()->refresh();
    m_workspace->historyPanel()->scopes().followAgain();
    m_workspace->showPage(Workspace::BottomPage::Runs);
    QApplication::alert(this);
}

void MainWindow::tell(const measure::RunDocument& run, const QString& logged) {
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
        facts << tr("%1× faster than %2").arg(QLocale().toString(speedup.ratio, 'f', 2), baseline);
        break;
    case measure::Verdict::Slower:
        facts << tr("%1× slower than %2").arg(QLocale().toString(1 / speedup.ratio, 'f', 2), baseline);
        break;
    case measure::Verdict::NoSignificantDifference:
        facts << tr("no significant difference in speed to %1").arg(baseline);
        break;
    case measure::Verdict::NotReliable:
        facts << tr("speed not reliable: the machine was disturbed");
        break;
    }
    facts << tr("%1× smaller").arg(QLocale().toString(run.comparison.sizeRatio, 'f', 1));
    m_status->say(facts.join(QStringLiteral(" · ")));
    m_session.log().add(LogModel::Level::Info, logged.arg(facts.join(QStringLiteral(" · "))));
    if (speedup.verdict == measure::Verdict::NotReliable) m_session.log().add(LogModel::Level::Warning, engineText(speedup.reason));
}

void MainWindow::showProblem(const Problem& problem) { m_messages->show({problem.what, problem.advice, problem.details, {}, {}, {}}); }

void MainWindow::offerRecovery() {
    const std::optional<RecipeAutosave::Recovered> found = RecipeAutosave::findAbandoned();
    if (!found) return;
    const auto forget = [found = *found] { RecipeAutosave::forget(found); };
    const auto recover = [this, found = *found, forget] {
        if (found.modelFile.isEmpty()) {
            m_editor.replace(found.recipe, tr("recover the recipe"));
            m_autosave.save();
            return forget();
        }
        // What was kept is forgotten when the recipe is kept anew: at the next autosave of the model that is being opened.
        Start start = rememberedStart(ModelMemory::findFile(found.modelFile));
        start.recipe = found.recipe;
        start.isUnsaved = true;
        m_recovered = found;
        openModel(found.modelFile, std::move(start));
    };
    const QString model = QFileInfo(found->modelFile).fileName();
    m_messages->show({tr("Lathe was not closed properly; an unsaved recipe was kept."),
                      model.isEmpty() ? tr("Recover it to go on where you were.") : tr("Recover it to go on with %1.").arg(model),
                      {},
                      tr("Recover"),
                      recover,
                      forget});
}

bool MainWindow::isIdle() const {
    return m_session.engine() && !m_workbench.isOpening() && !m_workbench.isPreviewPending() && !m_session.isRunning() &&
           !m_workspace->graphPanel()->isPending();
}

void MainWindow::closeEvent(QCloseEvent* event) {
    if (m_session.isRunning()) {
        QMessageBox question(QMessageBox::Question, tr("Comparison running"), tr("A comparison is running."), QMessageBox::NoButton, this);
        question.setInformativeText(tr("Closing the window ends it; what it measured so far is lost."));
        QPushButton* closing = question.addButton(tr("End It and Close"), QMessageBox::DestructiveRole);
        question.setEscapeButton(question.addButton(tr("Keep Running"), QMessageBox::RejectRole));
        question.exec();
        if (question.clickedButton() != closing) return event->ignore();
    }
    if (!m_recipeFiles.confirmLeaving(tr("Save them before closing?"))) return event->ignore();
    m_autosave.discard();
    m_settings.geometry = saveGeometry();
    m_settings.layout = m_workspace->layoutState();
    m_settings.save();
    event->accept();
}

void MainWindow::showTitle() {
    setWindowModified(m_session.hasUnsavedChanges());
    //: The window's title: name of the model's file, and [*] for unsaved changes
    setWindowTitle(m_session.model() ? tr("%1[*] — Lathe").arg(QFileInfo(toQt(m_session.model()->file)).fileName()) : tr("Lathe[*]"));
}

void MainWindow::retranslate() {
    m_actions.retranslate();
    fillChoiceMenus();
    fillRecentMenu();
    fillThemeMenu();
    fillLanguageMenu();
    updateActions();
    showTitle();
    m_status->setAccessibleName(tr("Status"));
}

void MainWindow::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    if (event->type() == QEvent::ThemeChange && m_settings.theme == ThemeChoice::System) applyTheme(ThemeChoice::System);
    QMainWindow::changeEvent(event);
}

bool MainWindow::eventFilter(QObject* watched, QEvent* event) {
    const bool isDrag = event->type() == QEvent::DragEnter || event->type() == QEvent::DragMove || event->type() == QEvent::Drop;
    if (!isDrag || !watched->isWidgetType() || static_cast<QWidget*>(watched)->window() != this)
        return QMainWindow::eventFilter(watched, event);
    auto* drop = static_cast<QDropEvent*>(event);
    const QStringList files = localFiles(drop->mimeData());
    if (files.isEmpty()) return QMainWindow::eventFilter(watched, event);
    drop->acceptProposedAction();
    if (event->type() == QEvent::Drop) {
        for (const QString& file : files)
            openFile(file);
    }
    return true;
}

} // namespace lathe::views
