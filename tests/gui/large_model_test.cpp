// Models of thousands of nodes in the window, with the real engine: from the wish to open until they are drawn.
#include <QElapsedTimer>
#include <QProcess>
#include <QSignalSpy>
#include <QTest>

#include <tests/gui/window_fixture.h>
#include <views/graph/graph_scene.h>
#include <views/jobs/engine_process.h>
#include <views/panels/graph_panel.h>
#include <views/shell/language.h>
#include <views/shell/main_window.h>
#include <views/shell/workspace.h>

using namespace lathe;
using namespace lathe::views;

class LargeModelTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        applyTheme(ThemeChoice::Light);
        applyLanguage(QStringLiteral("en"));
        qputenv("LATHE_CLI", LATHE_BINARY_DIR "/bin/lathe-cli");
        m_window = std::make_unique<MainWindow>(std::make_unique<EngineProcess>(), m_home.file(QStringLiteral("history.sqlite")));
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        QTRY_VERIFY_WITH_TIMEOUT(m_window->session().engine(), 30'000);
        // The graph of another model, which must not stay.
        m_window->openSample(QStringLiteral("lenet5"));
        QTRY_VERIFY_WITH_TIMEOUT(m_window->session().preview() && m_window->isIdle(), 30'000);
    }
    void cleanupTestCase() {
        m_window->session().undoStack().setClean();
        m_window.reset();
    }

    void opensIntoADrawing_data() {
        QTest::addColumn<int>("nodes");
        QTest::addColumn<int>("seconds"); // on a quiet machine; tests may share theirs
        QTest::newRow("a thousand") << 1016 << 2;
        QTest::newRow("three thousand") << 3016 << 3;
        QTest::newRow("ten thousand") << 10016 << 6;
    }
    void opensIntoADrawing() {
        QFETCH(int, nodes);
        QFETCH(int, seconds);
        const QString file = transformer(nodes);
        QElapsedTimer clock;
        clock.start();
        m_window->openFile(file);
        QVERIFY2(view()->cover().contains(QStringLiteral("transformer")), "the graph of the model before is away at once");
        QSignalSpy drawn(view(), &GraphView::drawingShown);
        QVERIFY(drawn.wait(seconds * 1000 * 6));
        qInfo("%d nodes drawn after %.2f s", nodes, static_cast<double>(clock.elapsed()) / 1000);
        QVERIFY2(clock.elapsed() < seconds * 1000 * 4, qPrintable(QString::number(clock.elapsed())));
        QVERIFY(view()->cover().isEmpty());
        // What is drawn, and came from the engine, goes with what is open and not with the model.
        const auto count = [this] { return view()->scene()->nodes().size(); };
        const std::size_t blocks = static_cast<std::size_t>(nodes - 6) / 25, first = count();
        // Each block, and in front of those far away a stub of the mask.
        QVERIFY2(first < 2 * blocks + 64, qPrintable(QString::number(first)));
        GraphPanel* panel = m_window->workspace()->graphPanel();
        clock.restart();
        panel->openModule(QStringLiteral("blocks.7"));
        QVERIFY(drawn.wait(seconds * 1000 * 6));
        qInfo("a block opened after %lld ms", clock.elapsed());
        QVERIFY2(count() >= first - 1 + 25 && count() < first + 2 * 25, qPrintable(QString::number(count())));
        panel->openAll();
        QVERIFY(drawn.wait(seconds * 1000 * 6));
        QVERIFY(count() >= static_cast<std::size_t>(nodes));
        // The whole is laid out anew with each step of a recipe: not for the next model.
        panel->closeAll();
        QVERIFY(drawn.wait(seconds * 1000 * 6));
    }

    void openingIsCancelledAtOnce() {
        m_window->openFile(transformer(10016, QStringLiteral("another")));
        QVERIFY(m_window->workbench().isOpening());
        QElapsedTimer clock;
        clock.start();
        m_window->workbench().cancel();
        QVERIFY(!m_window->workbench().isOpening());
        // The engine is free for the next one.
        m_window->openSample(QStringLiteral("lenet5"));
        QTRY_COMPARE_WITH_TIMEOUT(m_window->session().model()->name, std::string("lenet5"), 10'000);
        QVERIFY2(clock.elapsed() < 5000, qPrintable(QString::number(clock.elapsed())));
    }

private:
    [[nodiscard]] GraphView* view() const { return m_window->workspace()->graphPanel()->view(); }
    QString transformer(int nodes, const QString& name = {}) {
        const QString file = m_home.file(QStringLiteral("%1transformer%2.pt2").arg(name).arg(nodes));
        const int status =
            QProcess::execute(QStringLiteral(LATHE_BINARY_DIR "/bin/bench_make_transformer"), {QString::number(nodes), file});
        if (status != 0) qFatal("the transformer of %d nodes was not written", nodes);
        return file;
    }

    test::TestHome m_home;
    std::unique_ptr<MainWindow> m_window;
};

QTEST_MAIN(LargeModelTest)
#include "large_model_test.moc"
