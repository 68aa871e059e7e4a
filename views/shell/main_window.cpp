#include <views/shell/main_window.h>

#include <utility>

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

#include <views/models/text.h>
#include <views/panels/graph_panel.h>
#include <views/panels/history_panel.h>
#include <views/shell/choice_menus.h>
#include <views/shell/export_actions.h>
#include <views/shell/run_actions.h>
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
    : QMainWindow(parent), m_settings(Settings::load()), m_editor(m_session.recipe(), m_session.undoStack()), m_engine(std::move(engine)),
      m_workbench(m_session, m_engine), m_actions(this), m_recipeFiles(m_session, m_editor, this),
      m_modelFiles(m_session, m_editor, m_workbench, m_recipeFiles, m_recent), m_topBar(new TopBar(m_session, m_actions)),
      m_messages(new MessageBar), m_pages(new QStackedWidget), m_welcome(new WelcomePage(m_recent, m_actions)),
      m_workspace(new Workspace(PanelParts{m_session, m_editor, m_workbench, historyFile})),
      m_status(new StatusStrip(m_session, m_workbench)),
      m_runActions(new RunActions(m_session, m_editor, m_workbench, m_engine, *m_workspace, *m_status, historyFile, this)),
      m_exportActions(new ExportActions(m_session, m_workbench, *m_workspace->historyPanel(), m_settings, historyFile, this)),
      m_choiceMenus(new ChoiceMenus(m_actions, m_session, m_editor, m_workbench, m_recent, m_settings, this)) {
    setWindowIcon(applicationIcon());
    makeContent();
    connectParts();
    connectActions();
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
    const QObjectList users{this, m_runActions, m_exportActions, m_choiceMenus, &m_modelFiles};
    for (QObject* part : std::initializer_list<QObject*>{&m_session.undoStack(), &m_session.recipe(), &m_session, &m_workbench, &m_engine})
        for (const QObject* user : users)
            part->disconnect(user);
    delete takeCentralWidget();
    delete m_status;
}

void MainWindow::makeContent() {
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
}

void MainWindow::connectParts() {
    connect(&m_workbench, &Workbench::problem, this, &MainWindow::showProblem);
    connect(&m_recipeFiles, &RecipeFiles::problem, this, &MainWindow::showProblem);
    connect(m_runActions, &RunActions::problem, this, &MainWindow::showProblem);
    connect(&m_recipeFiles, &RecipeFiles::said, m_status, &StatusStrip::say);
    connect(&m_modelFiles, &ModelFiles::offered, this, [this](const MessageBar::Message& message) {
        m_isProblemOfOpening = false;
        m_messages->show(message);
    });
    connect(&m_modelFiles, &ModelFiles::opening, this, [this] {
        m_messages->hide();
        m_isProblemOfOpening = false;
    });
    connect(&m_modelFiles, &ModelFiles::opened, this, [this] {
        // What went wrong while it was read, with a recipe that came with it, is still to be read.
        if (!m_isProblemOfOpening) m_messages->hide();
        m_workspace->historyPanel()->refresh();
    });
    connect(m_welcome, &WelcomePage::sampleChosen, this, &MainWindow::openSample);
    connect(m_welcome, &WelcomePage::fileChosen, this, &MainWindow::openFile);
    connect(m_choiceMenus, &ChoiceMenus::fileChosen, this, &MainWindow::openFile);
    connect(m_choiceMenus, &ChoiceMenus::exportChosen, m_exportActions, &ExportActions::open);
    connect(m_topBar, &TopBar::dataFileWished, m_choiceMenus, &ChoiceMenus::chooseDataFile);
    connect(&m_session, &Session::modelChanged, this, [this] {
        m_pages->setCurrentWidget(m_session.model() ? static_cast<QWidget*>(m_workspace) : m_welcome);
        updateActions();
        showTitle();
    });
    connect(&m_workbench, &Workbench::busyChanged, this, &MainWindow::updateActions);
    connect(m_runActions, &RunActions::changed, this, &MainWindow::updateActions);
    connect(&m_session, &Session::runningChanged, this, &MainWindow::updateActions);
    connect(&m_session.undoStack(), &QUndoStack::cleanChanged, this, &MainWindow::showTitle);
}

void MainWindow::paintEvent(QPaintEvent* event) {
    QMainWindow::paintEvent(event);
    if (std::exchange(m_wasPainted, true)) return;
    QTimer::singleShot(0, this, [this] {
        emit firstPainted();
        m_workbench.greet();
        m_modelFiles.offerRecovery();
    });
}

void MainWindow::showProblem(const Problem& problem) {
    m_isProblemOfOpening = m_workbench.isOpening();
    m_messages->show({problem.what, problem.advice, problem.details, {}, {}, {}});
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
    m_modelFiles.discardAutosave();
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
    m_choiceMenus->fill();
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
    if (event->type() == QEvent::Drop) openFiles(files);
    return true;
}

} // namespace lathe::views
