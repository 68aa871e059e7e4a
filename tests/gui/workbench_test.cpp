#include <QSignalSpy>
#include <QTest>

#include <tests/gui/fake_transport.h>
#include <views/commands/recipe_editor.h>
#include <views/jobs/workbench.h>

using namespace lathe;
using namespace lathe::views;

class WorkbenchTest : public QObject {
    Q_OBJECT

private slots:
    void init() {
        m_parts = std::make_unique<Parts>();
        m_parts->workbench.greet();
    }
    void cleanup() { m_parts.reset(); }

    void openingFillsTheSessionAndPreviews() {
        QSignalSpy settled(&m_parts->workbench, &Workbench::previewSettled);
        m_parts->workbench.openModel(QStringLiteral("lenet5.pt"));
        QVERIFY(m_parts->workbench.isOpening());
        QTRY_VERIFY(m_parts->session.model());
        QCOMPARE(m_parts->session.layers().rowCount(), 5);
        QTRY_COMPARE(settled.size(), 1);
        QVERIFY(m_parts->session.preview());
    }

    void aFileThatCannotBeOpenedIsAProblemAndTheOldModelStays() {
        open();
        QSignalSpy problem(&m_parts->workbench, &Workbench::problem);
        m_parts->workbench.openModel(QStringLiteral("broken.pt"));
        QTRY_COMPARE(problem.size(), 1);
        const auto shown = problem.first().first().value<Problem>();
        QVERIFY(shown.what.contains(QStringLiteral("broken.pt")));
        QVERIFY(!shown.advice.isEmpty());
        QCOMPARE(m_parts->session.model()->file, std::string("lenet5.pt"));
        // and it still answers
        m_parts->editor.addStep("quantize.static");
        QTRY_COMPARE(m_parts->session.preview()->stages.size(), 1u);
    }

    void dataThatIsChosenLaterTellsTheShapes() {
        m_parts->session.setData({});
        m_parts->workbench.openModel(QStringLiteral("traced.pt"));
        QTRY_VERIFY(m_parts->session.model());
        QVERIFY(m_parts->session.data().isEmpty());
        QCOMPARE(m_parts->session.model()->inputShapes.size(), std::size_t{1});
        QVERIFY(m_parts->session.model()->inputShapes[0].empty());
        m_parts->session.setData(QStringLiteral("fashion-mnist"));
        QTRY_COMPARE(m_parts->session.model()->inputShapes[0], (tensor::Shape{1, 1, 32, 32}));
        const int opened = m_parts->transport->count("open");
        m_parts->session.setData(QStringLiteral("fashion-mnist-small"));
        QTRY_VERIFY(!m_parts->workbench.isOpening());
        QCOMPARE(m_parts->transport->count("open"), opened); // known by now
    }

    void anotherModelBringsItsDataAlong() {
        open();
        m_parts->session.setData(QStringLiteral("fashion-mnist"));
        m_parts->workbench.openModel(QStringLiteral("other.pt"), QStringLiteral("mine.npz"));
        QVERIFY(m_parts->workbench.isOpeningAnother());
        QTRY_COMPARE(m_parts->session.model()->file, std::string("other.pt"));
        QCOMPARE(m_parts->session.data(), QStringLiteral("mine.npz"));
        m_parts->workbench.reopenModel();
        QVERIFY(!m_parts->workbench.isOpeningAnother());
        QTRY_VERIFY(!m_parts->workbench.isOpening());
        QCOMPARE(m_parts->session.data(), QStringLiteral("mine.npz"));
    }

    void aCancelledOpeningLeavesNothingBehind() {
        open();
        m_parts->transport->hold("open");
        m_parts->workbench.openModel(QStringLiteral("other.pt"));
        QTRY_COMPARE(m_parts->transport->count("open"), 2);
        m_parts->workbench.cancel();
        QVERIFY(!m_parts->workbench.isOpening());
        QTRY_COMPARE(m_parts->transport->count("$/cancelRequest"), 1);
        // The next one does not wait, and is the one that counts.
        m_parts->transport->release();
        m_parts->workbench.openModel(QStringLiteral("third.pt"));
        QTRY_COMPARE(m_parts->session.model()->file, std::string("third.pt"));
    }

    // The answer was under way when it was cancelled: nobody else knows the handle.
    void aModelThatComesTooLateIsClosed() {
        m_parts->workbench.openModel(QStringLiteral("lenet5.pt"));
        QCOMPARE(m_parts->transport->count("open"), 1); // answered by the event loop
        m_parts->workbench.cancel();
        QTRY_COMPARE(m_parts->transport->count("close"), 1);
        QVERIFY(!m_parts->session.model());
    }

    void theOldModelIsClosed() {
        open();
        m_parts->workbench.openModel(QStringLiteral("other.pt"));
        QTRY_COMPARE(m_parts->transport->count("close"), 1);
    }

    void aBurstOfEditsIsOnePreview() {
        open();
        const int before = m_parts->transport->count("preview");
        m_parts->editor.addStep("prune.structured");
        for (const double ratio : {0.1, 0.2, 0.3})
            m_parts->editor.setParameter({0, "ratio", {}}, ratio);
        QVERIFY(m_parts->workbench.isPreviewPending());
        QTRY_VERIFY(!m_parts->workbench.isPreviewPending());
        QCOMPARE(m_parts->transport->count("preview"), before + 1);
    }

    void onlyTheAnswerToTheNewestRecipeCounts() {
        open();
        m_parts->transport->hold("preview");
        m_parts->editor.addStep("quantize.static");
        QTRY_COMPARE(m_parts->transport->count("preview"), 2);
        m_parts->editor.addStep("finetune");
        QTRY_COMPARE(m_parts->transport->count("preview"), 3);
        QSignalSpy settled(&m_parts->workbench, &Workbench::previewSettled);
        m_parts->transport->release();
        QTRY_COMPARE(settled.size(), 1);
        QCOMPARE(m_parts->session.preview()->stages.size(), 2u);
    }

    void aRunReportsProgressAndEndsInTheSession() {
        open();
        QSignalSpy finished(&m_parts->workbench, &Workbench::runFinished);
        m_parts->transport->hold("run");
        m_parts->workbench.run(QStringLiteral("/tmp/history.sqlite"));
        QVERIFY(m_parts->session.isRunning());
        base::Progress progress;
        progress.phase = "finetune";
        progress.fraction = 0.5;
        QTRY_COMPARE(m_parts->transport->count("run"), 1);
        m_parts->transport->notifyProgress(m_parts->transport->lastId("run"), progress);
        QTRY_COMPARE(m_parts->session.progress().phase, std::string("finetune"));
        // Editing goes on while it runs.
        m_parts->editor.addStep("finetune");
        QTRY_COMPARE(m_parts->session.preview()->stages.size(), 1u);
        m_parts->transport->release();
        QTRY_COMPARE(finished.size(), 1);
        QVERIFY(!m_parts->session.isRunning());
        QVERIFY(m_parts->session.lastRun());
    }

    void cancellingIsNoError() {
        open();
        QSignalSpy cancelled(&m_parts->workbench, &Workbench::runCancelled), problem(&m_parts->workbench, &Workbench::problem);
        m_parts->transport->hold("run");
        m_parts->workbench.run({});
        m_parts->workbench.cancel();
        QTRY_COMPARE(cancelled.size(), 1);
        QVERIFY(!m_parts->session.isRunning());
        QCOMPARE(problem.size(), 0);
    }

    // The engine is killed during a run: said once, recipe and model kept, and it can run again.
    void deathDuringARunIsSurvived() {
        open();
        m_parts->editor.addStep("quantize.static");
        QTRY_VERIFY(!m_parts->workbench.isPreviewPending());
        QSignalSpy problem(&m_parts->workbench, &Workbench::problem), finished(&m_parts->workbench, &Workbench::runFinished);
        m_parts->transport->hold("run");
        m_parts->workbench.run({});
        m_parts->transport->die(QStringLiteral("it was killed by signal 9"));
        QTRY_VERIFY(!m_parts->session.isRunning());
        QTRY_COMPARE(problem.size(), 1);
        QVERIFY(problem.first().first().value<Problem>().what.contains(QStringLiteral("signal 9")));
        QVERIFY(m_parts->session.model());
        QCOMPARE(m_parts->session.recipe().stepCount(), 1);
        m_parts->transport->release();
        QTRY_VERIFY(m_parts->session.engine());
        QTRY_VERIFY(!m_parts->workbench.isOpening());
        m_parts->workbench.run({});
        QTRY_COMPARE(finished.size(), 1);
        QCOMPARE(problem.size(), 1);
    }

    void anEngineThatKeepsDyingIsNotStartedForEver() {
        open();
        QSignalSpy problem(&m_parts->workbench, &Workbench::problem);
        m_parts->transport->hold("open");
        m_parts->transport->die(QStringLiteral("it crashed"));
        QTRY_COMPARE(m_parts->transport->starts(), 2);
        QTRY_COMPARE(m_parts->transport->count("open"), 2);
        m_parts->transport->die(QStringLiteral("it crashed"));
        QTRY_COMPARE(problem.size(), 2);
        QCOMPARE(m_parts->transport->starts(), 2);
        // but Run starts one
        m_parts->transport->release();
        QSignalSpy finished(&m_parts->workbench, &Workbench::runFinished);
        m_parts->workbench.run({});
        QTRY_COMPARE(finished.size(), 1);
    }

private:
    struct Parts {
        Session session;
        RecipeEditor editor{session.recipe(), session.undoStack()};
        test::FakeTransport* transport = new test::FakeTransport; // owned by the client
        EngineClient engine{std::unique_ptr<EngineTransport>(transport)};
        Workbench workbench{session, engine};
    };
    void open() {
        m_parts->workbench.openModel(QStringLiteral("lenet5.pt"));
        QTRY_VERIFY(m_parts->session.preview());
    }
    std::unique_ptr<Parts> m_parts;
};

QTEST_GUILESS_MAIN(WorkbenchTest)
#include "workbench_test.moc"
