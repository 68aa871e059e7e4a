#include <QTest>
#include <QUndoStack>

#include <views/commands/recipe_editor.h>

using namespace lathe;
using namespace lathe::views;

namespace {

recipe::Recipe threeSteps() {
    recipe::Recipe recipe;
    for (const char* op : {"fuse.conv_relu", "prune.structured", "quantize.static"}) {
        steps::Step step;
        step.op = op;
        recipe.steps.push_back(step);
    }
    return recipe;
}

} // namespace

class RecipeCommandsTest : public QObject {
    Q_OBJECT

private slots:
    void init() {
        m_undo.clear();
        m_model.setRecipe(threeSteps());
    }

    // Each command: redo, undo, redo gives the same documents again, and has a name for the menu.
    void everyCommandCanBeUndoneAndRedone_data() {
        QTest::addColumn<int>("command");
        QTest::newRow("add") << 0;
        QTest::newRow("remove") << 1;
        QTest::newRow("move") << 2;
        QTest::newRow("disable") << 3;
        QTest::newRow("set for the step") << 4;
        QTest::newRow("set for two layers") << 5;
        QTest::newRow("replace") << 6;
        QTest::newRow("rule") << 7;
    }
    void everyCommandCanBeUndoneAndRedone() {
        QFETCH(int, command);
        const recipe::Recipe before = m_model.recipe();
        switch (command) {
        case 0:
            m_editor.addStep("finetune", 1);
            break;
        case 1:
            m_editor.removeStep(1);
            break;
        case 2:
            m_editor.moveStep(0, 2);
            break;
        case 3:
            m_editor.setEnabled(2, false);
            break;
        case 4:
            m_editor.setParameter({1, "ratio", {}}, 0.25);
            break;
        case 5:
            m_editor.setParameter({2, "weights.bits", {QStringLiteral("fc1"), QStringLiteral("fc2")}}, 4);
            break;
        case 7:
            m_editor.setWhere(2, {"!first", "!last"});
            break;
        default:
            m_editor.replace({}, QStringLiteral("clear"));
            break;
        }
        const recipe::Recipe after = m_model.recipe();
        QVERIFY(!(after == before));
        QCOMPARE(m_undo.count(), 1);
        QVERIFY(!m_undo.undoText().isEmpty());
        m_undo.undo();
        QVERIFY(m_model.recipe() == before);
        m_undo.redo();
        QVERIFY(m_model.recipe() == after);
    }

    void aStepIsAddedBehindTheGivenOne() {
        QCOMPARE(m_editor.addStep("finetune", 0), 1);
        QCOMPARE(m_model.step(1).op, std::string("finetune"));
        QCOMPARE(m_editor.addStep("clean.dead_code"), 4);
    }

    void draggingASliderIsOneEntry() {
        m_editor.beginGesture();
        for (const double ratio : {0.4, 0.3, 0.2})
            m_editor.setParameter({1, "ratio", {}}, ratio);
        m_editor.endGesture();
        m_editor.setParameter({1, "ratio", {}}, 0.1);
        QCOMPARE(m_undo.count(), 2);
        m_undo.undo();
        QCOMPARE(m_model.step(1).parameter("ratio").get<double>(), 0.2);
        m_undo.undo();
        QCOMPARE(m_model.step(1).parameter("ratio").get<double>(), 0.5);
    }

    void draggingBackLeavesNoEntry() {
        m_editor.setParameter({1, "ratio", {}}, 0.4);
        m_editor.beginGesture();
        m_editor.setParameter({1, "ratio", {}}, 0.3);
        m_editor.setParameter({1, "ratio", {}}, 0.4);
        m_editor.endGesture();
        QCOMPARE(m_undo.count(), 1);
    }

    void otherParametersAndLayersDoNotMerge() {
        m_editor.beginGesture();
        m_editor.setParameter({1, "ratio", {}}, 0.4);
        m_editor.setParameter({1, "ratio", {QStringLiteral("conv1")}}, 0.3);
        m_editor.setParameter({1, "round_to", {}}, 8);
        m_editor.endGesture();
        QCOMPARE(m_undo.count(), 3);
    }

    void settingTheSameValueIsNoChange() {
        m_editor.setParameter({1, "ratio", {}}, 0.3);
        m_editor.setParameter({1, "ratio", {}}, 0.3);
        QCOMPARE(m_undo.count(), 1);
    }

    void anOverrideIsForItsLayerOnly() {
        m_editor.setParameter({2, "keep", {QStringLiteral("fc3")}}, "float");
        QCOMPARE(m_model.step(2).parameter("keep", "fc3").get<std::string>(), std::string("float"));
        QCOMPARE(m_model.step(2).parameter("keep", "fc1").get<std::string>(), std::string("quantized"));
    }

    void anOverrideWinsOverPatternsBeforeIt() {
        recipe::Recipe recipe = threeSteps();
        recipe.steps[2].layers = {{"fc3", {{"weights", {{"bits", 4}}}}}, {"fc*", {{"weights", {{"bits", 2}}}}}};
        m_model.setRecipe(recipe);
        m_editor.setParameter({2, "weights.bits", {QStringLiteral("fc3")}}, 8);
        QCOMPARE(m_model.step(2).parameter("weights.bits", "fc3").get<int>(), 8);
        QCOMPARE(m_model.step(2).parameter("weights.bits", "fc1").get<int>(), 2);
    }

    void resettingRemovesTheOverrideWithoutATrace() {
        m_editor.setParameter({2, "weights.bits", {QStringLiteral("fc3")}}, 4);
        m_editor.setParameter({2, "weights.bits", {QStringLiteral("fc3")}}, std::nullopt);
        QVERIFY(m_model.recipe() == threeSteps());
    }

    void theTextNamesParameterAndLayer() {
        m_editor.setParameter({1, "ratio", {QStringLiteral("conv2")}}, 0.3);
        QVERIFY2(m_undo.undoText().contains(QStringLiteral("conv2")), qPrintable(m_undo.undoText()));
    }

    void impossibleIndicesAreIgnored() {
        m_editor.removeStep(7);
        m_editor.moveStep(0, 3);
        m_editor.setEnabled(-1, false);
        m_editor.setParameter({9, "ratio", {}}, 0.3);
        QCOMPARE(m_undo.count(), 0);
    }

private:
    RecipeModel m_model;
    QUndoStack m_undo;
    RecipeEditor m_editor{m_model, m_undo};
};

QTEST_GUILESS_MAIN(RecipeCommandsTest)
#include "recipe_commands_test.moc"
