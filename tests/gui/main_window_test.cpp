#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTableView>
#include <QTableWidget>
#include <QTest>
#include <QTimer>

#include <tests/gui/window_fixture.h>
#include <views/dialogs/command_palette.h>
#include <views/dialogs/export_dialog.h>
#include <views/dialogs/run_comparison_dialog.h>
#include <views/graph/graph_scene.h>
#include <views/panels/graph_panel.h>
#include <views/panels/history_panel.h>
#include <views/panels/inspector_panel.h>
#include <views/panels/layers_panel.h>
#include <views/panels/recipe_panel.h>
#include <views/shell/language.h>
#include <views/shell/main_window.h>
#include <views/shell/top_bar.h>
#include <views/shell/welcome_page.h>
#include <views/shell/workspace.h>
#include <views/widgets/toggle_switch.h>

using namespace lathe;
using namespace lathe::views;

class MainWindowTest : public QObject {
    Q_OBJECT

private slots:
    void init() {
        applyTheme(ThemeChoice::Light);
        applyLanguage(QStringLiteral("en"));
        m_historyFile = m_home.file(QStringLiteral("history%1.sqlite").arg(++m_number));
        m_transport = new test::FakeTransport; // owned by the window
        m_window = std::make_unique<MainWindow>(std::unique_ptr<EngineTransport>(m_transport), m_historyFile);
        m_transport->onRun = [this](const base::Json& parameters) {
            m_storedRun = test::storeRun(m_historyFile, test::LenetEngine::run(*recipe::parse(parameters.at("recipe").dump())));
        };
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        QTRY_VERIFY(m_window->session().engine());
    }
    void cleanup() {
        m_window->session().undoStack().setClean();
        m_window.reset();
    }

    // The engine is started after the first paint, not before: a window is there at once.
    void theEngineStartsAfterTheFirstPaint() {
        auto* transport = new test::FakeTransport;
        MainWindow window{std::unique_ptr<EngineTransport>(transport), m_historyFile};
        QCOMPARE(transport->starts(), 0);
        QSignalSpy painted(&window, &MainWindow::firstPainted);
        window.show();
        QTRY_COMPARE(painted.size(), 1);
        QTRY_COMPARE(transport->starts(), 1);
    }

    // The whole case by mouse and keyboard: sample, edit a layer, run, history row, restore.
    void fromTheSampleToTheHistory() {
        auto* sample = m_window->welcomePage()->findChild<QPushButton*>(QStringLiteral("sample.lenet5"));
        QTest::mouseClick(sample, Qt::LeftButton);
        QTRY_VERIFY(m_window->session().preview() && !m_window->session().preview()->stages.empty());
        QVERIFY(m_window->workspace()->isVisible());
        QVERIFY(m_window->session().recipe().stepCount() >= 4);
        QVERIFY(!m_window->isWindowModified());
        const std::int64_t before = m_window->session().preview()->stages.back().weightBytes;

        // Filter, select all that fits, keep them in float by the menu's key.
        QTest::keyClick(m_window.get(), Qt::Key_L, Qt::ControlModifier);
        QLineEdit* filter = m_window->workspace()->layersPanel()->filterField();
        QTest::keyClicks(filter, QStringLiteral("fc3"));
        QTest::keyClick(filter, Qt::Key_Return);
        QCOMPARE(m_window->session().selectedLayers(), QStringList{QStringLiteral("fc3")});
        QCOMPARE(m_window->workspace()->inspectorPanel()->title(), QStringLiteral("fc3"));
        QCOMPARE(m_window->workspace()->graphPanel()->view()->selectedNodes().isEmpty(), false);
        QTest::keyClick(m_window.get(), Qt::Key_K, Qt::ControlModifier);
        QTRY_VERIFY(m_window->session().preview()->stages.back().weightBytes > before);
        QVERIFY(m_window->isWindowModified());

        QTest::keyClick(m_window.get(), Qt::Key_F5);
        QTRY_VERIFY(m_window->session().lastRun());
        HistoryPanel* history = m_window->workspace()->historyPanel();
        QTRY_COMPARE(history->table()->model()->rowCount(), 2);
        QCOMPARE(m_window->workspace()->page(), QStringLiteral("runs"));

        // Clear the recipe, then take the run's recipe back.
        const recipe::Recipe ran = m_window->session().recipe().recipe();
        m_window->actions().action(u"recipe.clear")->trigger();
        QCOMPARE(m_window->session().recipe().stepCount(), 0);
        history->table()->selectRow(rowOf(history, m_storedRun));
        QVERIFY(m_window->actions().action(u"history.restore")->isEnabled());
        QTest::keyClick(m_window.get(), Qt::Key_R, Qt::ControlModifier);
        QVERIFY(m_window->session().recipe().recipe() == ran);
        QTest::keyClick(m_window.get(), Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(m_window->session().recipe().stepCount(), 0);
    }

    void theEngineIsKilledDuringARun() {
        openSample();
        const recipe::Recipe recipe = m_window->session().recipe().recipe();
        m_transport->hold("run");
        QTest::keyClick(m_window.get(), Qt::Key_F5);
        QTRY_COMPARE(m_transport->count("run"), 1);
        m_transport->die(QStringLiteral("it crashed or was killed (signal 9)"));
        QTRY_VERIFY(m_window->messageBar()->isVisible());
        QVERIFY(m_window->messageBar()->message().what.contains(QStringLiteral("signal 9")));
        QVERIFY(m_window->isVisible());
        QVERIFY(m_window->session().recipe().recipe() == recipe);
        m_transport->release();
        QTRY_VERIFY(m_window->actions().action(u"run.start")->isEnabled());
        QTRY_VERIFY(m_window->isIdle());
        QTest::keyClick(m_window.get(), Qt::Key_F5);
        QTRY_VERIFY(m_window->session().lastRun());
    }

    // A run on a busy machine has no verdict, and a button measures its speed again without a run.
    void aSpeedThatIsNotReliableIsMeasuredAgain() {
        openSample();
        const std::string reason = "29,748 of 29,815 calls were disturbed by other programs (1.9 cores busy).";
        measure::RunDocument disturbed = test::LenetEngine::run({});
        for (measure::ModelResult* result : {&disturbed.baseline, &disturbed.optimized})
            result->latency.whyNotReliable = reason;
        disturbed.comparison.speedup = {32.12, 26.45, 48.3, measure::Verdict::NotReliable, reason, "Lathe's FP32 plan"};
        const QString id = QString::fromStdString(test::storeRun(m_historyFile, disturbed));
        m_window->workspace()->showPage(u"runs");
        HistoryPanel* history = m_window->workspace()->historyPanel();
        history->refresh();
        auto* button = history->findChild<QPushButton*>(QStringLiteral("measureAgain"));
        QVERIFY(button->isVisible() && button->isEnabled());
        QVERIFY(m_window->actions().action(u"run.measureAgain")->isEnabled());

        m_transport->hold("measure");
        QTest::mouseClick(button, Qt::LeftButton);
        QTRY_COMPARE(m_transport->count("measure"), 1);
        QVERIFY(m_window->session().isRunning());
        QVERIFY(!button->isEnabled());
        QVERIFY(!m_window->actions().action(u"run.start")->isEnabled());
        QCOMPARE(m_transport->count("run"), 0);
        m_transport->release();
        QTRY_VERIFY(!m_window->session().isRunning());
        QTRY_VERIFY(m_window->session().log().text().contains(QStringLiteral("Measured again: ")));
        QVERIFY(m_window->session().log().text().contains(QStringLiteral("3.37× faster than Lathe's FP32 plan")));
        QVERIFY(!m_window->messageBar()->isVisible());

        QTest::keyClick(m_window.get(), Qt::Key_F5, Qt::ControlModifier);
        QTRY_COMPARE(m_transport->count("measure"), 2);
        QTRY_VERIFY(!m_window->session().isRunning());
    }

    void escapeCancelsARun() {
        openSample();
        m_transport->hold("run");
        QVERIFY(!m_window->actions().action(u"run.cancel")->isEnabled());
        QTest::keyClick(m_window.get(), Qt::Key_F5);
        QTRY_COMPARE(m_transport->count("run"), 1);
        QTest::keyClick(m_window.get(), Qt::Key_Escape);
        QTRY_VERIFY(!m_window->session().isRunning());
        QVERIFY(!m_window->messageBar()->isVisible());
    }

    void aFileThatIsNoModelIsSaidInTheBar() {
        m_window->openFile(QStringLiteral("/tmp/broken.pt"));
        QTRY_VERIFY(m_window->messageBar()->isVisible());
        QVERIFY(m_window->messageBar()->message().what.contains(QStringLiteral("broken.pt")));
        QVERIFY(m_window->welcomePage()->isVisible());
        openSample();
        QVERIFY(!m_window->messageBar()->isVisible());
    }

    // The model is read when the recipe that came with it is known to be none: both are said, whatever their order.
    void aRecipeThatIsNoneIsSaidBesideItsModel() {
        const QString none = m_home.file(QStringLiteral("none.json"));
        QFile file(none);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("[]") == 2);
        file.close();
        m_window->openFiles({none, QStringLiteral("/tmp/model.pt")});
        QTRY_VERIFY(m_window->session().model());
        QTRY_VERIFY(m_window->isIdle());
        QVERIFY(m_window->messageBar()->isVisible());
        QVERIFY(m_window->messageBar()->message().what.contains(QStringLiteral("recipe")));
        openSample();
        QVERIFY(!m_window->messageBar()->isVisible());
    }

    void filesDroppedAnywhereAreOpened() {
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(QStringLiteral("/tmp/lenet5.pt"))});
        QWidget* target = m_window->welcomePage();
        QDragEnterEvent enter(QPoint(10, 10), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(target, &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent drop(QPointF(10, 10), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(target, &drop);
        QTRY_VERIFY(m_window->session().model());
        QCOMPARE(m_window->session().model()->file, std::string("/tmp/lenet5.pt"));
    }

    void theLanguageIsSwitchedLive() {
        openSample();
        m_window->session().selectNodes({QStringLiteral("conv2")});
        const QString english = m_window->actions().action(u"run.start")->text();
        applyLanguage(QStringLiteral("zh_CN"));
        QTRY_COMPARE(m_window->actions().action(u"run.start")->text(), QStringLiteral("运行比较(&R)"));
        // Everything that shows text is in Chinese now: no English sentence is left in a visible label or button.
        QStringList left;
        for (const QLabel* label : m_window->findChildren<QLabel*>()) {
            if (label->isVisible() && isEnglish(label->text())) left << label->text();
        }
        for (const QAbstractButton* button : m_window->findChildren<QAbstractButton*>()) {
            if (button->isVisible() && isEnglish(button->text())) left << button->text();
        }
        QVERIFY2(left.isEmpty(), qPrintable(left.join(QStringLiteral(" | "))));
        applyLanguage(QStringLiteral("en"));
        QTRY_COMPARE(m_window->actions().action(u"run.start")->text(), english);
    }

    void everyActionHasATextAndShortcutsAreUnique() {
        QHash<QKeySequence, QString> seen;
        QVERIFY(m_window->actions().actions().size() > 20);
        for (const QAction* action : m_window->actions().actions()) {
            QVERIFY(!action->text().isEmpty());
            for (const QKeySequence& key : action->shortcuts()) {
                QVERIFY2(!seen.contains(key), qPrintable(key.toString() + u' ' + action->text() + u' ' + seen.value(key)));
                seen.insert(key, action->text());
            }
            QVERIFY2(!action->shortcut().isEmpty() || action->objectName().startsWith(QStringLiteral("help.about")),
                     qPrintable(action->text()));
        }
    }

    // A key that two actions listen to where the focus is does neither of the two.
    void noTwoActionsShareAKeyWhereBothListen() {
        openSample();
        for (int number = 0; number < 9; ++number) {
            QFile file(m_home.file(QStringLiteral("recent%1.pt").arg(number)));
            QVERIFY(file.open(QIODevice::WriteOnly));
            m_window->recentFiles().add(file.fileName());
        }
        const QList<QAction*> actions = m_window->findChildren<QAction*>();
        QStringList clashes;
        for (qsizetype a = 0; a < actions.size(); ++a) {
            for (qsizetype b = a + 1; b < actions.size(); ++b) {
                for (const QKeySequence& key : actions[a]->shortcuts()) {
                    if (!key.isEmpty() && actions[b]->shortcuts().contains(key) && listenTogether(actions[a], actions[b]))
                        clashes.append(QStringLiteral("%1: %2, %3").arg(key.toString(), actions[a]->text(), actions[b]->text()));
                }
            }
        }
        QVERIFY2(clashes.isEmpty(), qPrintable(clashes.join(QStringLiteral(" | "))));
    }

    void deleteInTheTableOfRunsDeletesRuns() {
        openSample();
        QTest::keyClick(m_window.get(), Qt::Key_F5);
        HistoryPanel* history = m_window->workspace()->historyPanel();
        QTRY_COMPARE(history->table()->model()->rowCount(), 2);
        m_window->session().selectStep(0);
        const int steps = m_window->session().recipe().stepCount();
        const bool wasEnabled = m_window->session().recipe().step(0).enabled;
        history->table()->setFocus();
        history->table()->selectRow(0);
        QTest::keyClick(history->table(), Qt::Key_Down, Qt::ShiftModifier);
        QCOMPARE(history->selectedRuns().size(), 2); // and the window's echo leaves it so
        QTest::keyClick(history->table(), Qt::Key_Space, Qt::ControlModifier);
        QCOMPARE(history->selectedRuns().size(), 1);
        QCOMPARE(m_window->session().recipe().step(0).enabled, wasEnabled);
        QTest::keyClick(history->table(), Qt::Key_Space, Qt::ControlModifier);
        QTest::keyClick(history->table(), Qt::Key_Delete);
        auto* question = history->findChild<QMessageBox*>();
        QVERIFY(question);
        for (QAbstractButton* button : question->buttons()) {
            if (button->text().remove(u'&') == QStringLiteral("Delete")) button->click();
        }
        QTRY_COMPARE(history->table()->model()->rowCount(), 0);
        QCOMPARE(m_window->session().recipe().stepCount(), steps);
    }

    void aFinishedRunIsShownWhateverScopeWasChosen() {
        openSample();
        measure::RunDocument other = test::LenetEngine::run({});
        other.modelSha256 = std::string(64, 'b');
        other.modelFile = "resnet18.pt";
        (void)test::storeRun(m_historyFile, other);
        HistoryPanel* history = m_window->workspace()->historyPanel();
        history->refresh();
        QCOMPARE(history->table()->model()->rowCount(), 0); // of another model
        history->scopes().choose(1);
        QCOMPARE(history->table()->model()->rowCount(), 2);
        QTest::keyClick(m_window.get(), Qt::Key_F5);
        QTRY_VERIFY(rowOf(history, m_storedRun) >= 0);
        QCOMPARE(history->table()->model()->rowCount(), 2);
        // Two of them side by side.
        history->table()->selectAll();
        history->compareAction()->trigger();
        auto* dialog = m_window->findChild<RunComparisonDialog*>();
        QVERIFY(dialog);
        QVERIFY2(dialog->verdictText().contains(QStringLiteral("measured together")), qPrintable(dialog->verdictText()));
    }

    void runsOfAKilledEngineAreInterruptedAtOnce() {
        openSample();
        HistoryPanel* history = m_window->workspace()->historyPanel();
        // Of a process that is no more: its number is in use by nobody.
        const auto begin = [this] {
            auto store = history::History::open(toStd(m_historyFile));
            const history::RunRow row;
            if (!store || !store->begin(row, row)) _exit(1);
        };
        const pid_t child = fork();
        if (child == 0) {
            begin();
            pause();
        }
        QTRY_COMPARE(history->model().rowCount(), 2);
        QCOMPARE(history->model().rows().front().state, history::RunState::Running);
        kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
        m_transport->die(QStringLiteral("it crashed or was killed (signal 9)"));
        // Not by the poll, a timer that comes later: at once.
        QCoreApplication::sendPostedEvents();
        QCOMPARE(history->model().rows().front().state, history::RunState::Interrupted);
    }

    void thePaletteFindsAndRunsACommand() {
        openSample();
        QTimer::singleShot(0, this, [] {
            auto* palette = qobject_cast<CommandPalette*>(QApplication::activePopupWidget());
            QVERIFY(palette);
            QTest::keyClicks(palette->field(), QStringLiteral("clear rec"));
            QTest::keyClick(palette->field(), Qt::Key_Return);
        });
        m_window->actions().action(u"view.palette")->trigger();
        QTRY_COMPARE(m_window->session().recipe().stepCount(), 0);
    }

    void closingWithChangesAsks() {
        openSample();
        m_window->editor().removeStep(0);
        answerQuestion(QStringLiteral("Keep Editing"));
        QVERIFY(!m_window->close());
        answerQuestion(QStringLiteral("Discard"));
        QVERIFY(m_window->close());
    }

    void thePythonOfAnExportIsAskedForAndRemembered() {
        openSample();
        const auto openDialog = [this] {
            m_window->actions().menu(u"export")->actions().constFirst()->trigger();
            return m_window->findChild<ExportDialog*>();
        };
        ExportDialog* dialog = openDialog();
        QVERIFY(dialog);
        dialog->setPython(QStringLiteral("/opt/venv/bin/python"));
        QTest::keyClick(dialog->findChild<QLineEdit*>(), Qt::Key_Return);
        QTRY_VERIFY(!dialog->isBusy());
        const auto* checks = dialog->findChild<QTableWidget*>();
        QCOMPARE(checks->rowCount(), 2);
        QCOMPARE(checks->item(1, 0)->text(), QStringLiteral("torch 2.11.0"));
        delete dialog;
        QCOMPARE(openDialog()->python(), QStringLiteral("/opt/venv/bin/python"));
    }
    // Each model has its own recipe, recipe file, data and undo history.
    void anotherModelStartsWithItsOwnRecipe() {
        const QString first = m_home.file(QStringLiteral("first%1.pt").arg(m_number)),
                      second = m_home.file(QStringLiteral("second%1.pt").arg(m_number));
        const QString file = m_home.file(QStringLiteral("first%1.json").arg(m_number));
        openModel(first);
        m_window->session().setData(QStringLiteral("first.npz"));
        m_window->editor().removeStep(0);
        const recipe::Recipe own = m_window->session().recipe().recipe();
        QVERIFY(m_window->recipeFiles().saveTo(file));

        openModel(second);
        QVERIFY(m_window->session().recipe().recipe() != own);
        QVERIFY(m_window->session().recipe().stepCount() > 0);
        QVERIFY(m_window->session().recipeFile().isEmpty());
        QVERIFY(!m_window->session().undoStack().canUndo());
        QVERIFY(!m_window->isWindowModified());
        QCOMPARE(m_window->session().data(), QStringLiteral("fashion-mnist")); // built in, and it fits
        QVERIFY(!m_window->recipeFiles().suggestedFile().startsWith(file));

        openModel(first);
        QVERIFY(m_window->session().recipe().recipe() == own);
        QCOMPARE(m_window->session().recipeFile(), file);
        QCOMPARE(m_window->session().data(), QStringLiteral("first.npz"));
        QVERIFY(!m_window->isWindowModified());
    }

    void unsavedChangesAreAskedForBeforeAnotherModelIsOpened() {
        openModel(QStringLiteral("/tmp/lenet5.pt"));
        m_window->editor().removeStep(0);
        answerQuestion(QStringLiteral("Keep Editing"));
        const int opened = m_transport->count("open");
        m_window->openFile(QStringLiteral("/tmp/other.pt"));
        QCOMPARE(m_transport->count("open"), opened);
        answerQuestion(QStringLiteral("Discard"));
        openModel(QStringLiteral("/tmp/other.pt"));
        QVERIFY(!m_window->isWindowModified());
    }

    void aRecipeThatIsOpenedWithItsModelStays() {
        openSample();
        const QString file = m_home.file(QStringLiteral("given%1.json").arg(m_number));
        m_window->editor().removeStep(0);
        QVERIFY(m_window->recipeFiles().saveTo(file));
        const recipe::Recipe given = m_window->session().recipe().recipe();
        // As from the command line: a model and its recipe.
        m_transport->hold("open");
        m_window->openFile(QStringLiteral("/tmp/with-recipe.pt"));
        m_window->openFile(file);
        m_transport->release();
        QTRY_COMPARE(m_window->session().model()->file, std::string("/tmp/with-recipe.pt"));
        QVERIFY(m_window->session().recipe().recipe() == given);
        QCOMPARE(m_window->session().recipeFile(), file);
    }

    void theGraphIsBlankWhileAnotherModelIsOpened() {
        openSample();
        QTRY_VERIFY(m_window->isIdle());
        GraphView* graph = m_window->workspace()->graphPanel()->view();
        m_transport->hold("open");
        m_window->openFile(QStringLiteral("/tmp/other.pt"));
        QVERIFY2(graph->cover().contains(QStringLiteral("other.pt")), qPrintable(graph->cover()));
        // Cancelled: the old one is there again.
        QTest::keyClick(m_window.get(), Qt::Key_Escape);
        QTRY_VERIFY(graph->cover().isEmpty());
        QVERIFY(!graph->scene()->nodes().empty());
        m_transport->release();
        openModel(QStringLiteral("/tmp/other.pt"));
        QTRY_VERIFY(m_window->isIdle());
        QVERIFY(graph->cover().isEmpty());
        QVERIFY(!graph->scene()->nodes().empty());
    }

    void aModelFileThatChangedIsReloadedOnRequest() {
        const QString file = m_home.file(QStringLiteral("changing.pt"));
        const auto write = [&file](const QByteArray& text) {
            QFile out(file);
            QVERIFY(out.open(QIODevice::WriteOnly));
            out.write(text);
        };
        write("one");
        openModel(file);
        m_window->editor().removeStep(0);
        const recipe::Recipe recipe = m_window->session().recipe().recipe();
        write("something else");
        QTRY_VERIFY(m_window->messageBar()->isVisible());
        QVERIFY(m_window->messageBar()->message().what.contains(QStringLiteral("changing.pt")));
        const int opened = m_transport->count("open");
        QTest::mouseClick(m_window->messageBar()->actionButton(), Qt::LeftButton);
        QTRY_COMPARE(m_transport->count("open"), opened + 1);
        QTRY_VERIFY(!m_window->workbench().isOpening());
        QVERIFY(m_window->session().recipe().recipe() == recipe); // and nothing was asked
        QVERIFY(m_window->isWindowModified());
    }

    void recentFilesHaveKeys() {
        QStringList files;
        for (int number = 1; number <= 9; ++number) {
            files.prepend(m_home.file(QStringLiteral("recent%1.pt").arg(number)));
            QFile file(files.first());
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.close();
            openModel(files.first());
        }
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        QTest::keyClick(m_window.get(), Qt::Key_3, Qt::ControlModifier);
        QTRY_COMPARE(m_window->session().model()->file, toStd(files[2]));
        // The one opened last is the first now; the ninth stays the ninth.
        QTest::keyClick(m_window.get(), Qt::Key_9, Qt::ControlModifier);
        QTRY_COMPARE(m_window->session().model()->file, toStd(files[8]));
    }

    void recipesAreSavedAndOpened() {
        openSample();
        const QString file = m_home.file(QStringLiteral("mine.json"));
        QVERIFY(m_window->recipeFiles().saveTo(file));
        QVERIFY(!m_window->isWindowModified());
        const recipe::Recipe saved = m_window->session().recipe().recipe();
        m_window->editor().replace({}, QStringLiteral("clear"));
        m_window->openFile(file);
        QVERIFY(m_window->session().recipe().recipe() == saved);
        QVERIFY(!m_window->isWindowModified());
        // A folder that cannot be written: said, and the recipe is still unsaved.
        m_window->editor().removeStep(0);
        QVERIFY(!m_window->recipeFiles().saveTo(QStringLiteral("/nowhere/mine.json")));
        QVERIFY(m_window->messageBar()->isVisible());
        QVERIFY(m_window->isWindowModified());
    }

private:
    /// Is there a widget with whose focus both actions are asked? As Qt decides it (qaction.cpp, correctActionContext).
    static bool listenTogether(const QAction* a, const QAction* b) {
        const auto places = [](const QAction* action) {
            QList<const QWidget*> widgets;
            for (const QObject* object : action->associatedObjects()) {
                const auto* widget = qobject_cast<const QWidget*>(object);
                if (widget && !qobject_cast<const QMenu*>(widget)) widgets.append(widget);
            }
            return widgets;
        };
        const auto isEverywhere = [](const QAction* action) { return action->shortcutContext() == Qt::WindowShortcut; };
        if (isEverywhere(a) && isEverywhere(b)) return true;
        // Where the one with the narrower place listens, with what is in it.
        const auto listensAt = [&](const QAction* action, const QWidget* focus) {
            if (isEverywhere(action)) return true;
            for (const QWidget* place : places(action)) {
                const bool isIn = action->shortcutContext() == Qt::WidgetWithChildrenShortcut && place->isAncestorOf(focus);
                if (place == focus || isIn) return true;
            }
            return false;
        };
        for (const QAction* action : {a, b}) {
            if (isEverywhere(action)) continue;
            for (const QWidget* place : places(action)) {
                QList<const QWidget*> focuses{place};
                if (action->shortcutContext() == Qt::WidgetWithChildrenShortcut) {
                    for (const QWidget* inside : place->findChildren<QWidget*>())
                        focuses.append(inside);
                }
                for (const QWidget* focus : focuses)
                    if (listensAt(a, focus) && listensAt(b, focus)) return true;
            }
        }
        return false;
    }
    void openModel(const QString& file) {
        m_window->openFile(file);
        QTRY_COMPARE(m_window->session().model() ? m_window->session().model()->file : std::string(), toStd(file));
        QTRY_VERIFY(!m_window->workbench().isOpening());
    }
    static void answerQuestion(const QString& text) {
        QTimer::singleShot(0, [text] {
            auto* question = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
            QVERIFY(question);
            for (QAbstractButton* button : question->buttons()) {
                if (button->text() == text) return button->click();
            }
            QFAIL("no such button");
        });
    }
    void openSample() {
        m_window->openSample(QStringLiteral("lenet5"));
        QTRY_VERIFY(m_window->session().preview() && !m_window->session().preview()->stages.empty());
    }
    /// Two or more English words in a row; names of things (LeNet, FBGEMM, MAC) are no sentences.
    static bool isEnglish(const QString& text) {
        static const QRegularExpression words(QStringLiteral("\\b[a-z]{3,} [a-z]{3,}\\b"));
        return text.contains(words);
    }
    static int rowOf(const HistoryPanel* history, const std::string& id) {
        const QAbstractItemModel* rows = history->table()->model();
        for (int row = 0; row < rows->rowCount(); ++row) {
            if (rows->index(row, 0).data(HistoryModel::IdRole).toString() == toQt(id)) return row;
        }
        return -1;
    }

    test::TestHome m_home;
    QString m_historyFile;
    std::string m_storedRun;
    int m_number = 0;
    test::FakeTransport* m_transport = nullptr;
    std::unique_ptr<MainWindow> m_window;
};

QTEST_MAIN(MainWindowTest)
#include "main_window_test.moc"
