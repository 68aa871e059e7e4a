#include <views/panels/history_panel.h>

#include <array>
#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

#include <QAction>
#include <QComboBox>
#include <QFile>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScreen>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

#include <tests/gui/run_rows.h>
#include <views/panels/run_notes_popup.h>
#include <views/widgets/scope_box.h>

using namespace lathe;
using namespace lathe::views;

class HistoryPanelTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<HistoryPanel> m_panel;
    QString m_baseline, m_optimized, m_firstOptimized;

    [[nodiscard]] QString file() const { return m_folder->filePath(QStringLiteral("history.sqlite")); }
    [[nodiscard]] history::History open() const { return std::move(*history::History::open(file().toStdString())); }
    /// One complete comparison, written by another connection, as the engine does.
    void addComparison(const char* model = "lenet5.pt", const char* data = "fashion-mnist", bool isDisturbed = false) {
        history::History history = open();
        history::RunRow base = test::baselineRow("");
        base.modelFile = model;
        base.dataName = data;
        history::RunRow optimized = test::optimizedRow("int8", base, 0.9039, 0.0524);
        if (isDisturbed) {
            base = test::disturbedRow(base);
            optimized = test::disturbedRow(optimized);
        }
        history::RunRow first = base, second = optimized;
        second.id.clear();
        second.parentId.clear();
        const auto ids = history.begin(first, second);
        QVERIFY2(ids.has_value(), ids ? "" : ids.error().message.text().c_str());
        measure::RunDocument document;
        document.modelFile = base.modelFile;
        document.dataName = base.dataName;
        document.baseline = base.result;
        document.optimized = optimized.result;
        document.comparison = *optimized.comparison;
        const auto completed = history.complete(document, ids->first, ids->second);
        QVERIFY2(completed.has_value(), completed ? "" : completed.error().message.text().c_str());
        m_baseline = QString::fromStdString(ids->first);
        m_optimized = QString::fromStdString(ids->second);
        if (m_firstOptimized.isEmpty()) m_firstOptimized = m_optimized;
    }
    void clickRow(int row, Qt::KeyboardModifiers modifiers) {
        const QRect cell = m_panel->table()->visualRect(m_panel->table()->model()->index(row, HistoryModel::Recipe));
        QTest::mouseClick(m_panel->table()->viewport(), Qt::LeftButton, modifiers, cell.center());
    }
    void press(Qt::Key key) { QTest::keyClick(m_panel->table(), key); }

private Q_SLOTS:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_firstOptimized.clear();
        addComparison();
        m_panel = std::make_unique<HistoryPanel>(file());
        m_panel->resize(1000, 300);
        m_panel->show();
        QVERIFY(QTest::qWaitForWindowActive(m_panel.get()));
        m_panel->refresh();
        m_panel->table()->setFocus();
    }
    void cleanup() {
        m_panel.reset();
        m_folder.reset();
    }

    void otherFiguresAreColumnsWhenTheyAreChosen() {
        QTableView* table = m_panel->table();
        for (int column = HistoryModel::ColumnCount; column < m_panel->model().columnCount(); ++column)
            QVERIFY(table->isColumnHidden(column));
        Q_EMIT table->horizontalHeader()->customContextMenuRequested({});
        auto* menu = m_panel->findChild<QMenu*>();
        QVERIFY(menu);
        QCOMPARE(static_cast<int>(menu->actions().size()), m_panel->model().columnCount() - HistoryModel::ColumnCount);
        menu->actions().front()->trigger();
        QVERIFY(!table->isColumnHidden(HistoryModel::ColumnCount));
        QVERIFY(table->isColumnHidden(HistoryModel::ColumnCount + 1));
        menu->close();
    }

    void showsTheRuns() {
        QCOMPARE(m_panel->model().rowCount(), 2);
        QCOMPARE(m_panel->problemText(), QString());
        QVERIFY(m_panel->table()->isVisible());
    }
    void selectionIsReportedOnlyWhenTheUserMadeIt() {
        QSignalSpy selected(m_panel.get(), &HistoryPanel::runSelected);
        m_panel->setSelectedRun(m_optimized);
        QCOMPARE(m_panel->selectedRun(), m_optimized);
        QCOMPARE(selected.size(), 0);
        m_panel->table()->selectRow(1);
        QCOMPARE(selected.last().first().toString(), m_panel->selectedRun());
        m_panel->setSelectedRun(QStringLiteral("no such run"));
        QVERIFY(m_panel->selectedRuns().isEmpty());
    }
    void returnActivates() {
        QSignalSpy activated(m_panel.get(), &HistoryPanel::runActivated);
        m_panel->setSelectedRun(m_optimized);
        press(Qt::Key_Return);
        QCOMPARE(activated.size(), 1);
        QCOMPARE(activated.last().first().toString(), m_optimized);
    }
    void renamesInPlace() {
        m_panel->setSelectedRun(m_optimized);
        press(Qt::Key_F2);
        auto* editor = m_panel->table()->viewport()->findChild<QLineEdit*>();
        QVERIFY(editor != nullptr);
        editor->setText(QStringLiteral("for the paper"));
        QTest::keyClick(editor, Qt::Key_Return);
        QTRY_COMPARE(m_panel->model().row(m_optimized)->name, std::string("for the paper"));
        QCOMPARE(open().run(m_optimized.toStdString())->name, std::string("for the paper"));
    }
    void baselineIsSetAndCleared() {
        m_panel->setSelectedRun(m_optimized);
        press(Qt::Key_B);
        QVERIFY(open().run(m_optimized.toStdString())->isPinnedBaseline);
        QCOMPARE(m_panel->model().indexOf(m_optimized, HistoryModel::Star).data().toString(), QStringLiteral("★"));
        press(Qt::Key_B);
        QVERIFY(!open().run(m_optimized.toStdString())->isPinnedBaseline);
    }
    void tagsAndNoteAreKeptHoweverThePopupIsClosed() {
        m_panel->setSelectedRun(m_optimized);
        press(Qt::Key_F4);
        auto* popup = m_panel->findChild<RunNotesPopup*>();
        QVERIFY(popup->isVisible());
        auto* tags = popup->findChild<QLineEdit*>();
        tags->setText(QStringLiteral(" lenet,, paper 1 ,lenet"));
        QTest::keyClick(tags, Qt::Key_Return);
        QVERIFY(!popup->isVisible());
        QCOMPARE(open().run(m_optimized.toStdString())->tags, (std::vector<std::string>{"lenet", "paper 1"}));
        press(Qt::Key_F4);
        auto* note = popup->findChild<QPlainTextEdit*>();
        QTest::keyClicks(note, QStringLiteral("worth keeping"));
        QTest::keyClick(note, Qt::Key_Escape);
        QVERIFY(!popup->isVisible());
        QCOMPARE(open().run(m_optimized.toStdString())->note, std::string("worth keeping"));
    }
    void severalRunsAreSelectedWithTheMouse() {
        QSignalSpy selected(m_panel.get(), &HistoryPanel::runSelected);
        // As the window answers: what was selected is shown as selected.
        connect(m_panel.get(), &HistoryPanel::runSelected, m_panel.get(), [this](const QString& id) { m_panel->setSelectedRun(id); });
        clickRow(0, Qt::NoModifier);
        clickRow(1, Qt::ControlModifier);
        QCOMPARE(m_panel->selectedRuns().size(), 2);
        clickRow(1, Qt::ControlModifier);
        QCOMPARE(m_panel->selectedRuns().size(), 1);
        clickRow(0, Qt::NoModifier);
        clickRow(1, Qt::ShiftModifier);
        QCOMPARE(m_panel->selectedRuns().size(), 2);
        QVERIFY(selected.size() >= 4);
    }
    void severalRunsAreSelectedWithTheKeyboardAndStaySelected() {
        connect(m_panel.get(), &HistoryPanel::runSelected, m_panel.get(), [this](const QString& id) { m_panel->setSelectedRun(id); });
        QSignalSpy compared(m_panel.get(), &HistoryPanel::comparisonRequested);
        clickRow(0, Qt::NoModifier);
        QTest::keyClick(m_panel->table(), Qt::Key_Down, Qt::ShiftModifier);
        QCOMPARE(m_panel->selectedRuns().size(), 2);
        QTest::keyClick(m_panel->table(), Qt::Key_Space, Qt::ControlModifier);
        QCOMPARE(m_panel->selectedRuns().size(), 1);
        QTest::keyClick(m_panel->table(), Qt::Key_Space, Qt::ControlModifier);
        const QStringList both = m_panel->selectedRuns();
        QCOMPARE(both.size(), 2);
        // What others write, and what is read anew, changes nothing.
        addComparison();
        QTRY_COMPARE(m_panel->model().rowCount(), 4);
        m_panel->refresh();
        QCOMPARE(m_panel->selectedRuns(), both);
        press(Qt::Key_C);
        QCOMPARE(compared.size(), 1);
        QCOMPARE(compared.first().first().toStringList(), both);
        // Another one, from outside, is the only one then.
        m_panel->setSelectedRun(m_optimized);
        QCOMPARE(m_panel->selectedRuns(), QStringList{m_optimized});
    }
    void aRunWhoseProcessWasKilledIsInterruptedAtOnce() {
        // A process of our own begins a run and is killed; nobody has waited for it yet when the panel looks.
        std::array<int, 2> pipeEnds{};
        QCOMPARE(pipe(pipeEnds.data()), 0);
        const pid_t child = fork();
        if (child == 0) {
            history::History history = open();
            const auto ids = history.begin(test::baselineRow(""), test::optimizedRow("", test::baselineRow(""), 0.9, 0.05));
            const char done = ids ? '1' : '0';
            if (write(pipeEnds[1], &done, 1) == 1) pause();
            _exit(0);
        }
        char begun = 0;
        QCOMPARE(read(pipeEnds[0], &begun, 1), ssize_t{1});
        QCOMPARE(begun, '1');
        const auto states = [this](history::RunState state) {
            const auto& rows = m_panel->model().rows();
            return std::count_if(rows.begin(), rows.end(), [&](const history::RunRow& row) { return row.state == state; });
        };
        QTRY_COMPARE(states(history::RunState::Running), 2);
        kill(child, SIGKILL);
        siginfo_t information{};
        QCOMPARE(waitid(P_PID, static_cast<id_t>(child), &information, WEXITED | WNOWAIT), 0);
        QTRY_COMPARE(states(history::RunState::Interrupted), 2);
        QCOMPARE(states(history::RunState::Running), 0);
        waitpid(child, nullptr, 0);
        for (const int end : pipeEnds)
            close(end);
    }
    void runsOfOtherScopesAreHiddenUntilAllAreChosen() {
        const auto isShown = [this] { return m_panel->scopeBox()->isVisibleTo(m_panel.get()); };
        QVERIFY(!isShown()); // one scope: nothing to choose
        addComparison("resnet18.pt", "imagenet.npz");
        m_panel->refresh();
        QVERIFY(isShown());
        const QString resnet = m_optimized;
        const auto text = [this](const QString& id, int column) { return m_panel->model().indexOf(id, column).data().toString(); };
        // The model that is open decides.
        m_panel->scopes().follow({QStringLiteral("lenet5.pt"), QStringLiteral("lenet5.pt"), QStringLiteral("fashion-mnist"), QString(), 0});
        QCOMPARE(m_panel->table()->model()->rowCount(), 2);
        QCOMPARE(m_panel->scopeBox()->currentText(), QStringLiteral("lenet5.pt · fashion-mnist"));
        QCOMPARE(text(resnet, HistoryModel::Speedup), QStringLiteral("—"));
        QCOMPARE(text(resnet, HistoryModel::Change), QStringLiteral("—"));
        m_panel->scopes().follow({QStringLiteral("resnet18.pt"), QStringLiteral("resnet18.pt"), QString(), QString(), 0});
        QCOMPARE(m_panel->scopeBox()->currentText(), QStringLiteral("resnet18.pt · imagenet.npz"));
        QVERIFY(text(resnet, HistoryModel::Speedup) != QStringLiteral("—"));
        // All: the others stand apart, dimmed and without differences.
        m_panel->scopes().choose(m_panel->scopeBox()->count() - 1);
        QCOMPARE(m_panel->table()->model()->rowCount(), 4);
        QCOMPARE(text(m_firstOptimized, HistoryModel::Change), QStringLiteral("—"));
        QCOMPARE(m_panel->model().indexOf(m_firstOptimized, HistoryModel::P50).data(HistoryModel::ToneRole).value<HistoryModel::Tone>(),
                 HistoryModel::Tone::Muted);
        QVERIFY(m_panel->model()
                    .indexOf(m_firstOptimized, HistoryModel::Speedup)
                    .data(Qt::ToolTipRole)
                    .toString()
                    .contains(QStringLiteral("different data: imagenet.npz and fashion-mnist")));
        // A model without runs: those of others are not shown as its own.
        m_panel->scopes().follow({QStringLiteral("new.onnx"), QStringLiteral("new.onnx"), QString(), QString(), 0});
        QCOMPARE(m_panel->table()->model()->rowCount(), 0);
        QVERIFY(isShown());
        QCOMPARE(m_panel->scopeBox()->currentText(), QStringLiteral("new.onnx · no runs yet"));
    }
    void eachScopeHasItsBaseline() {
        m_panel->setSelectedRun(m_optimized);
        press(Qt::Key_B);
        addComparison("resnet18.pt", "imagenet.npz");
        m_panel->refresh();
        m_panel->scopes().choose(m_panel->scopeBox()->count() - 1);
        m_panel->setSelectedRun(m_optimized);
        press(Qt::Key_B);
        QVERIFY(open().run(m_optimized.toStdString())->isPinnedBaseline);
        QVERIFY(open().run(m_firstOptimized.toStdString())->isPinnedBaseline);
    }
    void anUnreliableSpeedIsSaidWithAButtonAgainstIt() {
        auto* text = m_panel->findChild<QLabel*>(QStringLiteral("doubt"));
        auto* button = m_panel->findChild<QPushButton*>(QStringLiteral("measureAgain"));
        QVERIFY(!button->isVisible()); // what there is was measured in quiet
        const QString quiet = m_optimized;
        addComparison("lenet5.pt", "fashion-mnist", true);
        m_panel->refresh();
        QVERIFY(button->isVisible() && text->isVisible()); // the newest, nothing is selected
        QVERIFY2(text->text().contains(QStringLiteral("1.9 cores busy")), qPrintable(text->text()));
        QSignalSpy wished(m_panel.get(), &HistoryPanel::measureAgainRequested);
        QTest::mouseClick(button, Qt::LeftButton);
        QCOMPARE(wished.size(), 1);
        QCOMPARE(wished.last().first().toString(), m_optimized);

        // Any run can be measured again, but only an unreliable one asks for it.
        m_panel->setSelectedRun(quiet);
        QVERIFY(!button->isVisible());
        m_panel->table()->setFocus(); // the button had it
        press(Qt::Key_M);
        QCOMPARE(wished.last().first().toString(), quiet);
        m_panel->setSelectedRun(m_baseline);
        QVERIFY(!m_panel->measureAgainAction()->isEnabled());
        m_panel->setSelectedRun(m_optimized);
        QVERIFY(button->isVisible() && button->isEnabled());
        m_panel->setCanMeasure(false); // something else is at work
        QVERIFY(button->isVisible() && !button->isEnabled());
        press(Qt::Key_M);
        QCOMPARE(wished.size(), 2);
    }
    void showsTheExportsOfARun() {
        history::ExportedFile exported;
        exported.file = "/out/int8.pt";
        exported.format = "torchscript";
        exported.bytes = 66'000;
        exported.originalBytes = 247'000;
        exported.checks = {{"libtorch", "2.11.0", history::ExportVerdict::Same, 0.0, 0.0, 1.0, 4.2, ""}};
        const auto run = open().addExport(exported);
        QVERIFY2(run.has_value(), run ? "" : run.error().message.text().c_str());
        QCOMPARE(QString::fromStdString(*run), m_optimized);
        m_panel->refresh();
        auto* popup = m_panel->findChild<RunNotesPopup*>();
        m_panel->move(m_panel->screen()->availableGeometry().bottomRight() - QPoint(100, 100));
        m_panel->setSelectedRun(m_optimized);
        press(Qt::Key_F4);
        QVERIFY2(popup->exportsText().contains(QStringLiteral("int8.pt · 66 kB")), qPrintable(popup->exportsText()));
        QVERIFY(popup->exportsText().contains(QStringLiteral("libtorch 2.11.0: ✓ the same")));
        QVERIFY(popup->screen()->availableGeometry().contains(popup->frameGeometry()));
        popup->close();
        m_panel->setSelectedRun(m_baseline);
        press(Qt::Key_F4);
        QCOMPARE(popup->exportsText(), QString());
        popup->close();
    }
    void deletesAfterAsking() {
        m_panel->setSelectedRun(m_optimized);
        QCOMPARE(m_panel->deleteAction()->shortcut(), QKeySequence(QKeySequence::Delete));
        const auto answer = [this](const QString& word) {
            m_panel->deleteAction()->trigger();
            auto* question = m_panel->findChild<QMessageBox*>();
            QVERIFY(question != nullptr);
            for (QAbstractButton* button : question->buttons()) {
                if (button->text().remove(u'&') == word) button->click();
            }
            QTRY_VERIFY(m_panel->findChild<QMessageBox*>() == nullptr);
        };
        answer(QStringLiteral("Cancel"));
        QCOMPARE(m_panel->model().rowCount(), 2);
        answer(QStringLiteral("Delete"));
        QCOMPARE(m_panel->model().rowCount(), 1);
        QCOMPARE(open().list()->size(), std::size_t{1});
    }
    void followsWhatOthersWrite() {
        QSignalSpy changed(m_panel.get(), &HistoryPanel::runsChanged);
        addComparison();
        QTRY_COMPARE(m_panel->model().rowCount(), 4);
        QVERIFY(!changed.isEmpty());
    }
    void filterHidesAndSaysSo() {
        m_panel->filterField()->setText(QStringLiteral("no such word"));
        QVERIFY(!m_panel->table()->isVisible());
        m_panel->filterField()->clear();
        QVERIFY(m_panel->table()->isVisible());
    }
    void aTermThatCannotBeUsedIsSaidBelowTheField() {
        auto* sentence = m_panel->findChild<QLabel*>(QStringLiteral("filterProblem"));
        QVERIFY(!sentence->isVisible());
        m_panel->filterField()->setText(QStringLiteral("accuracy>abc"));
        QVERIFY(sentence->isVisible());
        QCOMPARE(m_panel->filterProblemText(), QStringLiteral("In “accuracy>abc”, “abc” is no number."));
        QCOMPARE(m_panel->filterField()->accessibleDescription(), m_panel->filterProblemText());
        QVERIFY(m_panel->table()->isVisible()); // not an empty table
        m_panel->filterField()->setText(QStringLiteral("accuracy>1"));
        QVERIFY(!sentence->isVisible());
        QCOMPARE(m_panel->table()->model()->rowCount(), 2);
        m_panel->filterField()->clear();
    }
    void tagsAreAColumnOnceARunHasOne() {
        QVERIFY(m_panel->table()->isColumnHidden(HistoryModel::Tags));
        QVERIFY(m_panel->table()->isColumnHidden(HistoryModel::Scope));
        QVERIFY(open().setTags(m_optimized.toStdString(), {"paper"}));
        m_panel->refresh();
        QVERIFY(!m_panel->table()->isColumnHidden(HistoryModel::Tags));
        addComparison("resnet18.pt", "imagenet.npz");
        m_panel->refresh();
        QVERIFY(m_panel->table()->isColumnHidden(HistoryModel::Scope));
        m_panel->scopes().choose(m_panel->scopeBox()->count() - 1);
        QVERIFY(!m_panel->table()->isColumnHidden(HistoryModel::Scope)); // which run is of which
    }
    void aFilterAndNewRunsLeaveTheSelection() {
        m_panel->setSelectedRun(m_optimized);
        QSignalSpy selected(m_panel.get(), &HistoryPanel::runSelected);
        m_panel->filterField()->setText(QStringLiteral("int8"));
        QCOMPARE(m_panel->table()->model()->rowCount(), 1);
        QCOMPARE(m_panel->selectedRun(), m_optimized);
        QVERIFY(m_panel->deleteAction()->isEnabled());
        m_panel->filterField()->setText(QStringLiteral("no such word"));
        QCOMPARE(m_panel->selectedRun(), QString());
        QVERIFY(!m_panel->deleteAction()->isEnabled()); // what cannot be seen is not deleted
        m_panel->filterField()->clear();
        m_panel->setSelectedRun(m_optimized);
        const QString before = m_optimized;
        addComparison();
        m_panel->refresh();
        QCOMPARE(m_panel->model().rowCount(), 4);
        QCOMPARE(m_panel->selectedRuns(), QStringList{before});
        QCOMPARE(selected.size(), 0); // nobody selected anything
    }
    void aLongHistoryIsReadPageByPage() {
        for (int more = 0; more < 3; ++more)
            addComparison();
        m_panel->setPageSize(3); // of eight
        m_panel->refresh();
        QVERIFY(m_panel->isReading());
        QTRY_VERIFY(!m_panel->isReading());
        QCOMPARE(m_panel->model().rowCount(), 8);
        // The newest run is there at once, and none of those that were known goes meanwhile.
        addComparison();
        QSignalSpy changed(m_panel.get(), &HistoryPanel::runsChanged);
        m_panel->refresh();
        QVERIFY(m_panel->isReading());
        QCOMPARE(m_panel->model().rowCount(), 10);
        QCOMPARE(QString::fromStdString(m_panel->model().rows().front().id), m_optimized);
        QTRY_VERIFY(!m_panel->isReading());
        QCOMPARE(m_panel->model().rowCount(), 10);
        QCOMPARE(changed.size(), 2);
    }
    void givesARunWithEverything() {
        QVERIFY(m_panel->run(m_optimized).has_value());
        QCOMPARE(m_panel->run(QStringLiteral("nonsense")).error().code, base::ErrorCode::NotFound);
    }
    void aFileThatIsNoHistoryIsSaidAndLeftAlone() {
        const QString name = m_folder->filePath(QStringLiteral("letter.txt"));
        const QByteArray letter(5000, 'x');
        {
            QFile text(name);
            QVERIFY(text.open(QIODevice::WriteOnly));
            text.write(letter);
        }
        HistoryPanel panel(name);
        panel.show();
        panel.refresh();
        QVERIFY(!panel.problemText().isEmpty());
        QVERIFY(panel.problemText().contains(QStringLiteral("letter.txt")));
        QFile text(name);
        QVERIFY(text.open(QIODevice::ReadOnly));
        QCOMPARE(text.readAll(), letter);
        // Once the file is in order, another try shows the runs.
        QVERIFY(QFile::remove(name));
        for (QPushButton* button : panel.findChildren<QPushButton*>())
            button->click();
        QCOMPARE(panel.problemText(), QString());
    }
};

QTEST_MAIN(HistoryPanelTest)
#include "history_panel_test.moc"
