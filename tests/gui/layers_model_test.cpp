#include <cmath>

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include <tests/gui/lenet_engine.h>
#include <views/models/layer_filter.h>
#include <views/models/layers_model.h>

using namespace lathe;
using namespace lathe::views;

class LayersModelTest : public QObject {
    Q_OBJECT

private slots:
    void followsTheRulesOfModels() {
        LayersModel model;
        LayerFilter filter;
        filter.setSourceModel(&model);
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        const QAbstractItemModelTester filterTester(&filter, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setLayers(test::LenetEngine::open("lenet5.pt", 1).layers);
        filter.setPattern(QStringLiteral("fc?"));
        filter.sort(LayersModel::columnOf("parameters"), Qt::DescendingOrder);
        model.setLayers({});
    }

    void aNewPreviewOfTheSameLayersKeepsTheRows() {
        LayersModel model;
        model.setLayers(test::LenetEngine::open("lenet5.pt", 1).layers);
        QSignalSpy reset(&model, &QAbstractItemModel::modelReset), changed(&model, &QAbstractItemModel::dataChanged);
        recipe::Recipe recipe;
        recipe.steps.resize(1);
        recipe.steps[0].op = "quantize.static";
        model.setLayers(test::LenetEngine::preview(recipe).layers);
        QCOMPARE(reset.size(), 0);
        QCOMPARE(changed.size(), 1);
        QCOMPARE(model.index(0, LayersModel::columnOf("bits")).data().toString(), QStringLiteral("8"));
    }

    void whatShrinksTogetherIsToldByGroups() {
        const auto opened = test::LenetEngine::open("lenet5.pt", 1);
        LayersModel model;
        model.setLayers(opened.layers, opened.groups);
        const QString conv1 = QStringLiteral("conv1"), conv2 = QStringLiteral("conv2"), fc1 = QStringLiteral("fc1");
        QCOMPARE(model.coupledWith({conv2}), QStringList{fc1});
        QCOMPARE(model.coupledWith({conv1, conv2}), (QStringList{conv2, fc1}));
        QCOMPARE(model.coupledWith({QStringLiteral("fc3"), QStringLiteral("none")}), QStringList());
    }

    void numbersAreSortedAsNumbers() {
        LayersModel model;
        LayerFilter filter;
        filter.setSourceModel(&model);
        model.setLayers(test::LenetEngine::open("lenet5.pt", 1).layers);
        filter.sort(LayersModel::columnOf("parameters"), Qt::DescendingOrder);
        QStringList names;
        for (int row = 0; row < filter.rowCount(); ++row)
            names << filter.index(row, LayersModel::Name).data().toString();
        QCOMPARE(names, (QStringList{QStringLiteral("fc1"), QStringLiteral("fc2"), QStringLiteral("conv2"), QStringLiteral("fc3"),
                                     QStringLiteral("conv1")}));
    }

    void patternsKeepWhatFits_data() {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<QString>("layer");
        QTest::addColumn<bool>("fits");
        const auto row = [](const char* name, const char* pattern, const char* layer, bool fits) {
            QTest::newRow(name) << QString::fromLatin1(pattern) << QString::fromLatin1(layer) << fits;
        };
        row("nothing", "", "conv1", true);
        row("blanks", "  ", "conv1", true);
        row("part", "onv", "conv1", true);
        row("part, other case", "CONV", "conv1", true);
        row("star", "layer*.conv?", "layer1.0.conv2", true);
        row("whole name needed", "conv", "layer1.conv1", true);
        row("pattern is for the whole name", "conv?", "layer1.conv1", false);
        row("question mark is one letter", "fc?", "fc12", false);
        row("other", "fc*", "conv1", false);
    }
    void patternsKeepWhatFits() {
        QFETCH(QString, pattern);
        QFETCH(QString, layer);
        QFETCH(bool, fits);
        QCOMPARE(layerFitsPattern(pattern, layer), fits);
    }

    void timeAndKernelComeFromTheRun() {
        LayersModel model;
        model.setLayers(test::LenetEngine::open("lenet5.pt", 1).layers);
        QCOMPARE(model.index(0, LayersModel::kernelColumn()).data().toString(), QStringLiteral("–"));
        model.setMeasured(test::LenetEngine::run({}).optimized);
        QCOMPARE(model.index(0, LayersModel::kernelColumn()).data().toString(), QStringLiteral("oneDNN float32"));
        model.setMeasured({});
        QCOMPARE(model.index(0, LayersModel::columnOf("p50_us")).data().toString(), QStringLiteral("–"));
    }

    void timesOfAllRowsAddUpToTheCall() {
        LayersModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setLayers(test::LenetEngine::open("lenet5.pt", 1).layers);
        const measure::ModelResult result = test::LenetEngine::run({}).optimized;
        model.setMeasured(result);
        QStringList names;
        double sum = 0;
        for (int row = 0; row < model.rowCount(); ++row) {
            names << model.index(row, LayersModel::Name).data().toString();
            const double time = model.index(row, LayersModel::columnOf("p50_us")).data(LayersModel::SortRole).toDouble();
            QVERIFY(std::isfinite(time));
            sum += time;
        }
        // In the order in which they run, operators without weights among the layers.
        QCOMPARE(names, QStringLiteral("conv1 pool1 conv2 pool2 fc1 fc2 fc3").split(u' ') << QStringLiteral("Rest of the call"));
        QVERIFY2(std::abs(sum - result.latency.p50 * 1000) < 1e-6, qPrintable(QString::number(sum)));
        QCOMPARE(model.index(1, LayersModel::Name).data(LayersModel::NodeRole).toString(), QStringLiteral("pool1"));
        QVERIFY(model.index(7, 0).data(LayersModel::NodeRole).toString().isEmpty());
        QCOMPARE(model.index(1, LayersModel::columnOf("bits")).data().toString(), QStringLiteral("–"));
        QCOMPARE(model.coveredBy(QStringLiteral("relu1")), QStringLiteral("conv1"));
        model.setMeasured({});
        QCOMPARE(model.rowCount(), 5);
    }

    void aLayerThatRanWithinAnotherSaysSo() {
        LayersModel model;
        model.setLayers(test::LenetEngine::open("lenet5.pt", 1).layers);
        measure::ModelResult result = test::LenetEngine::run({}).optimized;
        std::erase_if(result.layers, [](const measure::LayerResult& layer) { return layer.name == "fc2"; });
        result.layers.back().covers = {"fc2"};
        model.setMeasured(result);
        QCOMPARE(model.index(5, LayersModel::Name).data().toString(), QStringLiteral("fc2"));
        QCOMPARE(model.index(5, LayersModel::columnOf("p50_us")).data().toString(), QStringLiteral("in fc3"));
    }

    void timesTakenUnderDisturbanceAreSaidToBe() {
        LayersModel model;
        model.setLayers(test::LenetEngine::open("lenet5.pt", 1).layers);
        measure::ModelResult result = test::LenetEngine::run({}).optimized;
        model.setMeasured(result);
        const QModelIndex time = model.index(1, LayersModel::columnOf("p50_us"));
        const QString quiet = time.data().toString();
        QVERIFY(!time.data(LayersModel::DoubtRole).toBool());
        QCOMPARE(time.data(Qt::ToolTipRole).toString(), QString());
        result.latency.whyNotReliable = "29,748 of 29,815 calls were disturbed by other programs (1.9 cores busy).";
        model.setMeasured(result);
        QCOMPARE(time.data().toString(), QStringLiteral("≈") + quiet);
        QVERIFY(time.data(LayersModel::DoubtRole).toBool());
        const QString toolTip = time.data(Qt::ToolTipRole).toString();
        QVERIFY2(toolTip.contains(QStringLiteral("Not reliable: 29,748 of 29,815 calls")), qPrintable(toolTip));
        QCOMPARE(model.headerData(LayersModel::columnOf("p50_us"), Qt::Horizontal, Qt::DisplayRole).toString(),
                 QStringLiteral("Time (not reliable)"));
        QVERIFY(!model.index(1, LayersModel::columnOf("macs")).data(LayersModel::DoubtRole).toBool());
        model.setMeasured(test::LenetEngine::run({}).optimized);
        QCOMPARE(model.headerData(LayersModel::columnOf("p50_us"), Qt::Horizontal, Qt::DisplayRole).toString(), QStringLiteral("Time"));
    }

    void theErrorOfWeightsIsShownInItsParts() {
        LayersModel model;
        recipe::Recipe recipe;
        recipe.steps.resize(2);
        recipe.steps[0].op = "prune.structured";
        recipe.steps[1].op = "quantize.static";
        model.setLayers(test::LenetEngine::preview(recipe).layers);
        const auto text = [&](int column) { return model.index(0, column).data().toString(); };
        QCOMPARE(text(LayersModel::columnOf("loss")), QStringLiteral("0.5100"));
        QCOMPARE(text(LayersModel::columnOf("loss_pruned")), QStringLiteral("0.5000"));
        QCOMPARE(text(LayersModel::columnOf("loss_weights")), QStringLiteral("0.01000"));
        QCOMPARE(text(LayersModel::columnOf("activations_sqnr_db")), QStringLiteral("–"));
        model.setMeasured(test::LenetEngine::run(recipe).optimized);
        QCOMPARE(text(LayersModel::columnOf("activations_sqnr_db")), QStringLiteral("31.5 dB"));
    }

    void macsThatAreNotKnownSaySo() {
        LayersModel model;
        auto layers = test::LenetEngine::open("lenet5.pt", 1).layers;
        layers[1].macs.reset();
        model.setLayers(layers);
        QCOMPARE(model.index(1, LayersModel::columnOf("macs")).data().toString(), QStringLiteral("unknown"));
    }
};

QTEST_GUILESS_MAIN(LayersModelTest)
#include "layers_model_test.moc"
