#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include <views/models/recipe_model.h>
#include <views/models/step_text.h>
#include <views/models/text.h>

using namespace lathe;
using namespace lathe::views;

namespace {
steps::Step step(const char* op) {
    steps::Step made;
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

    void aRuleIsOneLine_data() {
        QTest::addColumn<QStringList>("where");
        QTest::addColumn<QString>("words");
        QTest::addColumn<QString>("counted");
        const auto row = [](const QStringList& where, const char* words, const char* counted) {
            QTest::newRow(qPrintable(where.join(u' '))) << where << QString::fromUtf8(words) << QString::fromUtf8(counted);
        };
        row({QStringLiteral("!first"), QStringLiteral("!last")}, "all but the first and last", "all but the first and last: 2 left out");
        row({QStringLiteral("!first")}, "all but the first", "all but the first: 1 left out");
        row({QStringLiteral("layer2.*.conv1")}, "only layer2.*.conv1", "only layer2.*.conv1: 5 left out");
        row({QStringLiteral("layer*"), QStringLiteral("!*.conv2")}, "only layer*, but not *.conv2",
            "only layer*, but not *.conv2: 4 left out");
        row({QStringLiteral("!layer*"), QStringLiteral("*.conv2")}, "!layer*, *.conv2", "!layer*, *.conv2: 2 left out");
    }
    void aRuleIsOneLine() {
        QFETCH(QStringList, where);
        QFETCH(QString, words);
        QFETCH(QString, counted);
        RecipeModel model;
        steps::Step quantization = step("quantize.weight_only");
        quantization.where = toStd(where);
        model.insertStep(0, quantization);
        const auto summary = [&] { return model.index(0).data(RecipeModel::SummaryRole).toString(); };
        QCOMPARE(step_text::ruleText(quantization.where), words);
        QVERIFY2(summary().endsWith(QStringLiteral(" · ") + words), qPrintable(summary()));
        model.setLayerNames({"conv1", "layer1.0.conv1", "layer1.0.conv2", "layer2.0.conv1", "layer2.0.conv2", "fc"});
        QVERIFY2(summary().endsWith(QStringLiteral(" · ") + counted), qPrintable(summary()));
    }
    void manySingleLayersAreCounted() {
        RecipeModel model;
        steps::Step quantization = step("quantize.static");
        for (int layer = 0; layer < 19; ++layer)
            quantization.layers.emplace_back("layer" + std::to_string(layer), base::Json{{"keep", "float"}});
        quantization.layers.emplace_back("fc", base::Json{{"weights", {{"bits", 4}}}});
        model.insertStep(0, quantization);
        const QString summary = model.index(0).data(RecipeModel::SummaryRole).toString();
        QVERIFY2(summary.contains(QStringLiteral("19 left out · fc int4")), qPrintable(summary));
        QVERIFY2(!summary.contains(QStringLiteral("layer1")), qPrintable(summary));
    }
    void summaryShowsWhatIsSet() {
        RecipeModel model;
        steps::Step prune = step("prune.structured");
        prune.parameters["ratio"] = 0.3;
        prune.layers.emplace_back("conv2", base::Json{{"ratio", 0.1}});
        model.insertStep(0, prune);
        const QString summary = model.index(0).data(RecipeModel::SummaryRole).toString();
        QVERIFY2(summary.contains(QStringLiteral("30 %")), qPrintable(summary));
        QVERIFY2(summary.contains(QStringLiteral("conv2 10 %")), qPrintable(summary));
    }

    void aStepThatDidNothingSaysSo() {
        RecipeModel model;
        model.insertStep(0, step("fuse.conv_relu"));
        model.insertStep(1, step("prune.structured"));
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        model.setWarnings({{1, QStringLiteral("No channel was removed.")}});
        QCOMPARE(changed.size(), 1);
        QVERIFY(model.index(0).data(RecipeModel::WarningRole).toString().isEmpty());
        QCOMPARE(model.index(1).data(RecipeModel::WarningRole).toString(), QStringLiteral("No channel was removed."));
        QVERIFY(model.index(1).data(Qt::ToolTipRole).toString().contains(QStringLiteral("No channel was removed.")));
        QVERIFY(model.index(1).data(Qt::AccessibleTextRole).toString().contains(QStringLiteral("No channel was removed.")));
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
