#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include <views/models/recipe_model.h>

using namespace lathe;
using namespace lathe::views;

namespace {
recipe::Step step(const char* op) {
    recipe::Step made;
    made.op = op;
    return made;
}
} // namespace

class RecipeModelTest : public QObject {
    Q_OBJECT

private slots:
    void followsTheRulesOfModels() {
        RecipeModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.insertStep(0, step("finetune"));
        model.insertStep(0, step("prune.structured"));
        model.insertStep(2, step("quantize.static"));
        model.moveStep(0, 2);
        model.moveStep(2, 1);
        model.takeStep(0);
        model.setRecipe({});
        QCOMPARE(model.rowCount(), 0);
    }

    void movingPutsTheStepThere_data() {
        QTest::addColumn<int>("from");
        QTest::addColumn<int>("to");
        QTest::newRow("down") << 0 << 2;
        QTest::newRow("one down") << 0 << 1;
        QTest::newRow("up") << 2 << 0;
        QTest::newRow("one up") << 2 << 1;
    }
    void movingPutsTheStepThere() {
        QFETCH(int, from);
        QFETCH(int, to);
        RecipeModel model;
        for (const char* op : {"fuse.conv_relu", "finetune", "quantize.static"})
            model.insertStep(model.stepCount(), step(op));
        const std::string moved = model.step(from).op;
        model.moveStep(from, to);
        QCOMPARE(model.step(to).op, moved);
        QCOMPARE(model.stepCount(), 3);
    }

    void theViewsWishesChangeNothingByThemselves() {
        RecipeModel model;
        model.insertStep(0, step("fuse.conv_relu"));
        model.insertStep(1, step("finetune"));
        QSignalSpy enableWished(&model, &RecipeModel::enableWished), moveWished(&model, &RecipeModel::moveWished);
        QVERIFY(model.setData(model.index(1), static_cast<int>(Qt::Unchecked), Qt::CheckStateRole));
        QCOMPARE(enableWished.size(), 1);
        QCOMPARE(enableWished.first().at(0).toInt(), 1);
        QCOMPARE(enableWished.first().at(1).toBool(), false);
        // A drop behind the last step.
        QVERIFY(model.moveRows({}, 0, 1, {}, 2));
        QCOMPARE(moveWished.first().at(1).toInt(), 1);
        QVERIFY(model.step(1).enabled);
        QCOMPARE(model.step(0).op, std::string("fuse.conv_relu"));
    }

    void aDropOnItsOwnPlaceIsNoWish() {
        RecipeModel model;
        model.insertStep(0, step("fuse.conv_relu"));
        model.insertStep(1, step("finetune"));
        QVERIFY(!model.moveRows({}, 0, 1, {}, 0));
        QVERIFY(!model.moveRows({}, 0, 1, {}, 1));
        QVERIFY(!model.moveRows({}, 5, 1, {}, 0));
    }

    void summaryShowsWhatIsSet() {
        RecipeModel model;
        recipe::Step prune = step("prune.structured");
        prune.parameters["ratio"] = 0.3;
        prune.layers.emplace_back("conv2", base::Json{{"ratio", 0.1}});
        model.insertStep(0, prune);
        const QString summary = model.index(0).data(RecipeModel::SummaryRole).toString();
        QVERIFY2(summary.contains(QStringLiteral("30 %")), qPrintable(summary));
        QVERIFY2(summary.contains(QStringLiteral("conv2 10 %")), qPrintable(summary));
    }

    void aProblemIsShownAtItsStepOnly() {
        RecipeModel model;
        model.insertStep(0, step("fuse.conv_relu"));
        model.insertStep(1, step("prune.structured"));
        model.setProblem(1, QStringLiteral("<b>conv9</b> does not exist"));
        QVERIFY(model.index(0).data(RecipeModel::ProblemRole).toString().isEmpty());
        QCOMPARE(model.index(1).data(RecipeModel::ProblemRole).toString(), QStringLiteral("<b>conv9</b> does not exist"));
        QVERIFY(!model.index(1).data(Qt::ToolTipRole).toString().contains(QStringLiteral("<b>")));
    }
};

QTEST_GUILESS_MAIN(RecipeModelTest)
#include "recipe_model_test.moc"
