#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include <tests/gui/lenet_engine.h>
#include <views/commands/recipe_editor.h>
#include <views/models/session.h>

using namespace lathe;
using namespace lathe::views;

class SessionTest : public QObject {
    Q_OBJECT

private slots:
    void selectingTellsOnce() {
        Session session;
        session.setModel(test::LenetEngine::open("lenet5.pt", 1));
        QSignalSpy changed(&session, &Session::selectedNodesChanged);
        session.selectNodes({QStringLiteral("conv2"), QStringLiteral("pool2")});
        session.selectNodes({QStringLiteral("conv2"), QStringLiteral("pool2")});
        QCOMPARE(changed.size(), 1);
        QCOMPARE(session.selectedLayers(), QStringList{QStringLiteral("conv2")});
    }

    void anotherModelForgetsSelectionAndResults() {
        Session session;
        session.setModel(test::LenetEngine::open("lenet5.pt", 1));
        session.selectNodes({QStringLiteral("conv2")});
        session.setLastRun(test::LenetEngine::run({}));
        session.setModel(test::LenetEngine::open("other.pt", 2));
        QVERIFY(session.selectedNodes().isEmpty());
        QVERIFY(!session.lastRun());
        QVERIFY(!session.layers().measured(QStringLiteral("conv1")));
    }

    void theSelectedStepStaysInTheRecipe() {
        Session session;
        RecipeEditor editor(session.recipe(), session.undoStack());
        editor.addStep("fuse.conv_relu");
        editor.addStep("quantize.static");
        session.selectStep(1);
        editor.removeStep(1);
        QCOMPARE(session.selectedStep(), 0);
        editor.removeStep(0);
        QCOMPARE(session.selectedStep(), -1);
        session.selectStep(3);
        QCOMPARE(session.selectedStep(), -1);
    }

    void unsavedChangesFollowTheUndoStack() {
        Session session;
        RecipeEditor editor(session.recipe(), session.undoStack());
        QVERIFY(!session.hasUnsavedChanges());
        editor.addStep("finetune");
        QVERIFY(session.hasUnsavedChanges());
        session.undoStack().undo();
        QVERIFY(!session.hasUnsavedChanges());
    }

    void noDataIsChosenForAModelThatNobodyKnows() {
        Session session;
        session.setEngine(test::LenetEngine::hello());
        QVERIFY(session.data().isEmpty());
        session.setData(QStringLiteral("mine.npz"));
        session.setEngine(test::LenetEngine::hello());
        QCOMPARE(session.data(), QStringLiteral("mine.npz"));
    }

    void aStartedRecipeIsANewDocument() {
        Session session;
        RecipeEditor editor(session.recipe(), session.undoStack());
        editor.addStep("finetune");
        recipe::Recipe recipe;
        recipe.steps.resize(1);
        recipe.steps[0].op = "quantize.dynamic";
        session.startRecipe(recipe, QStringLiteral("/r/mine.json"), false);
        QVERIFY(session.recipe().recipe() == recipe);
        QVERIFY(!session.hasUnsavedChanges());
        QVERIFY(!session.undoStack().canUndo());
        QCOMPARE(session.recipeFile(), QStringLiteral("/r/mine.json"));
        session.startRecipe(recipe, {}, true);
        QVERIFY(session.hasUnsavedChanges());
    }

    void aClosedModelTakesRecipeAndDataAlong() {
        Session session;
        RecipeEditor editor(session.recipe(), session.undoStack());
        session.setModel(test::LenetEngine::open("lenet5.pt", 1));
        session.setData(QStringLiteral("mine.npz"));
        session.setRecipeFile(QStringLiteral("/r/mine.json"));
        editor.addStep("finetune");
        session.closeModel();
        QCOMPARE(session.recipe().stepCount(), 0);
        QVERIFY(session.recipeFile().isEmpty());
        QVERIFY(session.data().isEmpty());
        QVERIFY(!session.hasUnsavedChanges());
    }

    void theLogFollowsTheRulesOfModels() {
        LogModel log;
        const QAbstractItemModelTester tester(&log, QAbstractItemModelTester::FailureReportingMode::QtTest);
        log.add(LogModel::Level::Info, QStringLiteral("one"));
        log.add(LogModel::Level::Error, QStringLiteral("two"));
        log.clear();
        QCOMPARE(log.rowCount(), 0);
    }

    void theLogKeepsTheNewestLines() {
        LogModel log;
        for (int line = 0; line < 5003; ++line)
            log.addEngineLine(QStringLiteral("lathe: warning: line %1").arg(line));
        QCOMPARE(log.rowCount(), 5000);
        QVERIFY(log.index(4999).data().toString().endsWith(QStringLiteral("line 5002")));
        QCOMPARE(log.index(0).data(LogModel::LevelRole).toInt(), static_cast<int>(LogModel::Level::Warning));
    }
};

QTEST_GUILESS_MAIN(SessionTest)
#include "session_test.moc"
