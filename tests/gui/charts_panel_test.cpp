#include <views/charts/charts_panel.h>

#include <algorithm>

#include <QComboBox>
#include <QFile>
#include <QHelpEvent>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QToolTip>
#include <QWheelEvent>
#include <QXmlStreamReader>
#include <qcustomplot.h>

#include <tests/gui/run_rows.h>
#include <views/charts/bars_chart.h>
#include <views/charts/chart_style.h>
#include <views/charts/latency_chart.h>
#include <views/charts/layers_chart.h>
#include <views/charts/pareto_chart.h>
#include <views/widgets/theme.h>

using namespace lathe;
using namespace lathe::views;

namespace {

/// int8 is better than all but the baseline's accuracy; lowrank is slower and worse than int8; running has no results.
std::vector<history::RunRow> someRuns() {
    const history::RunRow base = test::baselineRow();
    std::vector<history::RunRow> rows{test::optimizedRow("lowrank", base, 0.88, 0.09), test::optimizedRow("pruned", base, 0.895, 0.033),
                                      test::optimizedRow("int8", base, 0.9039, 0.0524), base};
    history::RunRow running = test::optimizedRow("running", base, 0.99, 0.001);
    running.state = history::RunState::Running;
    rows.insert(rows.begin(), running);
    return rows;
}

base::Result<history::RunRow> withSamples(const QString& id) {
    for (history::RunRow row : someRuns()) {
        if (QString::fromStdString(row.id) != id) continue;
        for (int sample = 0; sample < 100; ++sample)
            row.result.latency.samplesMs.push_back(row.result.latency.p50 * (1 + sample * 0.001));
        measure::LayerResult layer;
        layer.name = "conv1";
        layer.op = "aten::conv2d";
        layer.p50Us = 18;
        layer.loss = 0.25;
        row.result.layers.push_back(layer);
        layer.name = "=fc1";
        layer.p50Us = 9;
        layer.loss.reset();
        row.result.layers.push_back(layer);
        return row;
    }
    return base::failure(base::ErrorCode::NotFound, "There is no such run.");
}

/// A run with that many layers, called layer0 and so on.
RunSource withLayers(int count) {
    return [count](const QString& id) -> base::Result<history::RunRow> {
        auto row = withSamples(id);
        if (!row) return row;
        row->result.layers.resize(static_cast<std::size_t>(count));
        for (int index = 0; index < count; ++index) {
            measure::LayerResult& layer = row->result.layers[static_cast<std::size_t>(index)];
            layer.name = "layer" + std::to_string(index);
            layer.op = "aten::conv2d";
            layer.p50Us = 1 + index % 17;
        }
        return row;
    };
}

/// The bar of the run whose name begins so; null without one.
const Bar* barOf(const BarsChart& chart, const char* name) {
    const auto found = std::ranges::find_if(chart.bars(), [name](const Bar& bar) { return bar.label.startsWith(QLatin1String(name)); });
    return found == chart.bars().end() ? nullptr : &*found;
}

QByteArray contentOf(const QString& name) {
    QFile file(name);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

class ChartsPanelTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<ChartsPanel> m_panel;
    QTemporaryDir m_folder;

    [[nodiscard]] ParetoChart& pareto() const { return dynamic_cast<ParetoChart&>(m_panel->chart(ChartsPanel::Page::Pareto)); }
    [[nodiscard]] QPoint pixelOf(const QString& id) const {
        for (const ParetoChart::Point& point : pareto().points()) {
            if (QString::fromStdString(point.row->id) != id) continue;
            return {qRound(pareto().plot().xAxis->coordToPixel(point.x)), qRound(pareto().plot().yAxis->coordToPixel(point.quality))};
        }
        return {};
    }

private Q_SLOTS:
    void init() {
        m_panel = std::make_unique<ChartsPanel>();
        m_panel->setRunSource(withSamples);
        m_panel->setRuns(someRuns());
        m_panel->resize(640, 420);
        m_panel->show();
        pareto().plot().replot();
    }
    void cleanup() { m_panel.reset(); }

    void withoutRunsThereIsASentence() {
        m_panel->setRuns({});
        for (const ChartsPanel::Page page :
             {ChartsPanel::Page::Pareto, ChartsPanel::Page::Bars, ChartsPanel::Page::Latency, ChartsPanel::Page::Layers}) {
            m_panel->setPage(page);
            QVERIFY(m_panel->currentChart().emptyText().startsWith(QStringLiteral("No runs yet. Press F5")));
        }
    }
    void paretoHoldsTheMeasuredRuns() {
        QCOMPARE(pareto().points().size(), std::size_t{4}); // not the running one
        for (const ParetoChart::Point& point : pareto().points()) {
            QCOMPARE(point.x, point.row->result.latency.p50 * 1000);
            QCOMPARE(point.quality, *point.row->result.quality.accuracy * 100);
            QCOMPARE(point.isOnFront, point.row->id != "lowrank");
            QCOMPARE(point.isBaseline, point.row->id == "base");
        }
        // Line of the front, discs, crosses, squares, circles, selection.
        const QCustomPlot& plot = pareto().plot();
        QCOMPARE(plot.graphCount(), 6);
        QCOMPARE(plot.graph(0)->dataCount(), 3);
        QCOMPARE(plot.graph(1)->dataCount(), 2);
        QCOMPARE(plot.graph(2)->dataCount(), 1);
        QCOMPARE(plot.graph(2)->data()->constBegin()->value, 88.0);
        QCOMPARE(plot.graph(3)->dataCount(), 1);
        QCOMPARE(plot.graph(4)->dataCount(), 0);
        QCOMPARE(plot.graph(5)->dataCount(), 0);
    }
    void whatIsNotReliableIsHollowAndOffTheFront() {
        std::vector<history::RunRow> rows = someRuns();
        for (history::RunRow& row : rows) {
            if (row.id == "int8") row = test::disturbedRow(row);
        }
        m_panel->setRuns(rows);
        for (const auto axis : {ParetoChart::Latency, ParetoChart::SpeedUp, ParetoChart::FileSize}) {
            pareto().choice().setCurrentIndex(axis);
            QCOMPARE(pareto().points().size(), std::size_t{4});
            for (const ParetoChart::Point& point : pareto().points()) {
                const bool isDoubtful = point.row->id == "int8" && axis != ParetoChart::FileSize;
                QCOMPARE(point.isDoubtful, isDoubtful);
                if (isDoubtful) QVERIFY(!point.isOnFront);
            }
            const QCPGraph& circles = *pareto().plot().graph(4);
            QCOMPARE(circles.dataCount(), axis == ParetoChart::FileSize ? 0 : 1);
            QCOMPARE(circles.scatterStyle().brush().style(), Qt::NoBrush);
            QCOMPARE(circles.scatterStyle().pen().color(), chartColors(pareto().palette()).dominated);
            QCOMPARE(circles.name(), QStringLiteral("not reliable"));
        }
        m_panel->setPage(ChartsPanel::Page::Bars);
        auto& chart = dynamic_cast<BarsChart&>(m_panel->currentChart());
        for (const std::string_view metric : {"latency_p50", "speedup", "file_size"}) {
            chart.choice().setCurrentIndex(BarsChart::choiceOf(metric));
            QVERIFY(barOf(chart, "int8") != nullptr);
            for (const Bar& bar : chart.bars()) {
                const bool isDoubtful = bar.label.startsWith(QStringLiteral("int8")) && metric != "file_size";
                QCOMPARE(bar.emphasis == BarEmphasis::Doubtful, isDoubtful);
                if (isDoubtful) QVERIFY(!bar.low && !bar.valueText.contains(u'×'));
            }
            QCOMPARE(chart.plot().xAxis->label().contains(QStringLiteral("hatched: not reliable")), metric != "file_size");
        }
    }
    void paretoAgainstSpeedUp() {
        pareto().choice().setCurrentIndex(ParetoChart::SpeedUp);
        QCOMPARE(pareto().points().size(), std::size_t{4});
        for (const ParetoChart::Point& point : pareto().points()) {
            QCOMPARE(point.x, point.row->comparison ? point.row->comparison->speedup.ratio : 1.0);
            QCOMPARE(point.isOnFront, point.row->id != "lowrank");
        }
    }
    void withoutLabelsTheFrontIsOfTheOutputs() {
        std::vector<history::RunRow> rows = someRuns();
        double sqnr = 20;
        for (history::RunRow& row : rows) {
            row.environment["task"] = "outputs";
            row.result.quality.accuracy.reset();
            if (row.role == history::RunRole::Baseline) continue;
            row.result.quality.sqnrDb = sqnr += 5;
            row.result.quality.maxAbsError = 0.1;
        }
        history::RunRow same = test::optimizedRow("same", test::baselineRow(), 0, 0.1);
        same.environment["task"] = "outputs";
        same.result.quality.accuracy.reset();
        same.result.quality.maxAbsError = 0;
        rows.push_back(same);
        m_panel->setRuns(rows);
        // running 25, lowrank 30, pruned 35, int8 40; the original and what is identical to it above them.
        QCOMPARE(pareto().points().size(), std::size_t{5});
        for (const ParetoChart::Point& point : pareto().points()) {
            const std::string& id = point.row->id;
            QCOMPARE(point.isIdentical, id == "base" || id == "same");
            QCOMPARE(point.quality, id == "lowrank" ? 30.0 : id == "pruned" ? 35.0 : id == "int8" ? 40.0 : 46.0);
            QCOMPARE(point.isOnFront, id == "pruned" || id == "int8" || id == "same");
        }
        QVERIFY(pareto().plot().yAxis->label().contains(QStringLiteral("dB")));
        QCOMPARE(pareto().table().header[3], QStringLiteral("sqnr_db"));
        m_panel->setPage(ChartsPanel::Page::Bars);
        auto& chart = dynamic_cast<BarsChart&>(m_panel->currentChart());
        chart.choice().setCurrentIndex(BarsChart::choiceOf("sqnr_db"));
        QCOMPARE(chart.bars().size(), std::size_t{4});
        QCOMPARE(chart.bars().back().valueText, QStringLiteral("identical"));
        QCOMPARE(chart.bars().back().value, 46.0);
    }
    void outputsCanBeChosenInPlaceOfTheAccuracy() {
        std::vector<history::RunRow> rows = someRuns();
        m_panel->setRuns(rows);
        pareto().choice().setCurrentIndex(ParetoChart::axisCount + ParetoChart::FileSize);
        QVERIFY(!pareto().emptyText().isEmpty()); // runs from before it was measured
        for (history::RunRow& row : rows)
            if (row.id == "int8") row.result.quality.sqnrDb = 33;
        m_panel->setRuns(rows);
        QCOMPARE(pareto().points().size(), std::size_t{2});
        QCOMPARE(pareto().points().front().x, 66.0);
        QCOMPARE(pareto().points().front().quality, 33.0);
    }
    void labelsTouchNeitherEachOtherNorPoints() {
        std::vector<history::RunRow> rows = someRuns();
        const history::RunRow base = test::baselineRow();
        for (int count = 0; count < 12; ++count)
            rows.push_back(test::optimizedRow("crowd" + std::to_string(count), base, 0.9 + 0.0001 * count, 0.05));
        m_panel->setRuns(rows);
        pareto().plot().replot();
        const std::vector<QRectF> labels = pareto().labelRects();
        int placed = 0;
        for (std::size_t a = 0; a < labels.size(); ++a) {
            if (labels[a].isNull()) continue;
            ++placed;
            for (std::size_t b = a + 1; b < labels.size(); ++b)
                QVERIFY(!labels[a].intersects(labels[b]));
            for (const ParetoChart::Point& point : pareto().points()) {
                QVERIFY(
                    !labels[a].contains(pareto().plot().xAxis->coordToPixel(point.x), pareto().plot().yAxis->coordToPixel(point.quality)));
            }
        }
        QVERIFY(placed >= 4);
    }
    void clickSelectsAndDoubleClickActivates() {
        QSignalSpy selected(m_panel.get(), &ChartsPanel::runSelected), activated(m_panel.get(), &ChartsPanel::runActivated);
        QTest::mouseClick(&pareto().plot(), Qt::LeftButton, {}, pixelOf(QStringLiteral("int8")));
        QCOMPARE(selected.size(), 1);
        QCOMPARE(selected.first().first().toString(), QStringLiteral("int8"));
        QCOMPARE(pareto().plot().graph(5)->dataCount(), 1); // the ring
        QTest::mouseDClick(&pareto().plot(), Qt::LeftButton, {}, pixelOf(QStringLiteral("int8")));
        QCOMPARE(activated.last().first().toString(), QStringLiteral("int8"));
        QTest::mouseClick(&pareto().plot(), Qt::LeftButton, {}, QPoint(1, 1));
        QVERIFY(selected.last().first().toString() == QStringLiteral("int8"));
    }
    void selectionFromOutsideIsNotReported() {
        QSignalSpy selected(m_panel.get(), &ChartsPanel::runSelected);
        m_panel->setSelectedRun(QStringLiteral("pruned"));
        QCOMPARE(pareto().plot().graph(5)->data()->constBegin()->value, 89.5);
        QCOMPARE(selected.size(), 0);
    }
    void onlyTheComparedRunsAndTheirBaselines() {
        m_panel->showOnly({QStringLiteral("int8"), QStringLiteral("pruned")});
        QCOMPARE(pareto().points().size(), std::size_t{3});
        for (QPushButton* button : m_panel->findChildren<QPushButton*>()) {
            if (button->text() == QStringLiteral("Show All")) button->click();
        }
        QCOMPARE(pareto().points().size(), std::size_t{4});
    }
    void chartsStayInOneScope() {
        std::vector<history::RunRow> rows = someRuns();
        history::RunRow resnet = test::baselineRow("resnet");
        resnet.modelFile = "resnet18.pt";
        resnet.result.quality.accuracy = 0.99;
        resnet.result.latency.p50 = 0.001; // would beat all others
        resnet.isPinnedBaseline = true;
        rows.push_back(resnet);
        RunScopes scopes;
        scopes.setRuns(rows);
        m_panel->setScopes(scopes);
        m_panel->setRuns(rows);
        scopes.follow({QStringLiteral("lenet5.pt"), QStringLiteral("lenet5.pt"), QString(), QString(), 0});
        QCOMPARE(pareto().points().size(), std::size_t{4});
        for (const ParetoChart::Point& point : pareto().points())
            QCOMPARE(point.isOnFront, point.row->id != "lowrank");
        pareto().choice().setCurrentIndex(ParetoChart::SpeedUp);
        for (const ParetoChart::Point& point : pareto().points())
            QCOMPARE(point.x, point.row->comparison ? point.row->comparison->speedup.ratio : 1.0);
        scopes.choose(1);
        QCOMPARE(pareto().points().size(), std::size_t{1});
        // All are listed: the chart shows the scope of the run that is selected.
        scopes.choose(static_cast<int>(scopes.entries().size()) - 1);
        m_panel->setSelectedRun(QStringLiteral("int8"));
        QCOMPARE(pareto().points().size(), std::size_t{4});
        m_panel.reset();
    }
    void speedUpIsAgainstThePinnedRun() {
        std::vector<history::RunRow> rows = someRuns();
        for (history::RunRow& row : rows)
            row.isPinnedBaseline = row.id == "int8";
        m_panel->setRuns(rows);
        m_panel->setPage(ChartsPanel::Page::Bars);
        auto& chart = dynamic_cast<BarsChart&>(m_panel->currentChart());
        chart.choice().setCurrentIndex(BarsChart::choiceOf("speedup"));
        QCOMPARE(chart.bars().size(), std::size_t{3}); // not the pinned one itself
        const Bar* bar = barOf(chart, "pruned");
        QVERIFY(bar != nullptr);
        QCOMPARE(bar->value, 0.0524 / 0.033);
        QVERIFY(!bar->low); // not measured together
        QVERIFY2(bar->valueText.startsWith(QStringLiteral("about")), qPrintable(bar->valueText));
    }
    void barsOfEachMetric_data() {
        QTest::addColumn<int>("metric");
        QTest::addColumn<double>("valueOfInt8");
        QTest::newRow("accuracy") << BarsChart::choiceOf("accuracy") << 90.39;
        QTest::newRow("latency") << BarsChart::choiceOf("latency_p50") << 52.4;
        QTest::newRow("speed-up") << BarsChart::choiceOf("speedup") << 0.1182 / 0.0524;
        QTest::newRow("file size") << BarsChart::choiceOf("file_size") << 66.0;
        QTest::newRow("parameters") << BarsChart::choiceOf("parameters") << 61.706;
        QTest::newRow("macs") << BarsChart::choiceOf("macs") << 0.41652;
        QTest::newRow("peak memory") << BarsChart::choiceOf("peak_memory") << 80.0;
    }
    void barsOfEachMetric() {
        QFETCH(int, metric);
        QFETCH(double, valueOfInt8);
        m_panel->setPage(ChartsPanel::Page::Bars);
        auto& chart = dynamic_cast<BarsChart&>(m_panel->currentChart());
        chart.choice().setCurrentIndex(metric);
        const Bar* bar = barOf(chart, "int8");
        QVERIFY(bar != nullptr);
        QVERIFY(qAbs(bar->value - valueOfInt8) < 1e-9);
        QCOMPARE(bar->low.has_value(), metric == BarsChart::choiceOf("accuracy") || metric == BarsChart::choiceOf("speedup"));
        if (bar->low) QVERIFY(*bar->low<bar->value&& * bar->high> bar->value);
    }
    void wilsonIntervalOfAccuracy() {
        // 9039 of 10000: 89.797 % to 90.952 %, as statsmodels' proportion_confint(method="wilson") gives it.
        m_panel->setPage(ChartsPanel::Page::Bars);
        const auto& chart = dynamic_cast<BarsChart&>(m_panel->currentChart());
        const Bar* bar = barOf(chart, "int8");
        QVERIFY(bar != nullptr && bar->low && bar->high);
        QVERIFY(qAbs(*bar->low - 89.797) < 0.002);
        QVERIFY(qAbs(*bar->high - 90.952) < 0.002);
    }
    void latencyShowsRunAndBaseline() {
        m_panel->setPage(ChartsPanel::Page::Latency);
        m_panel->setSelectedRun(QStringLiteral("int8"));
        QCustomPlot& plot = m_panel->currentChart().plot();
        QCOMPARE(plot.graphCount(), 2);
        for (int graph = 0; graph < 2; ++graph)
            QCOMPARE((plot.graph(graph)->data()->constEnd() - 1)->value, 100.0);
        m_panel->currentChart().choice().setCurrentIndex(LatencyChart::Histogram);
        QCOMPARE(plot.graphCount(), 2);
        QCOMPARE(m_panel->currentChart().table().rows.size(), 200);
    }
    void aRunThatCannotBeReadIsSaid() {
        m_panel->setPage(ChartsPanel::Page::Latency);
        m_panel->setRunSource(
            [](const QString&) -> base::Result<history::RunRow> { return base::failure(base::ErrorCode::Busy, "The history is locked."); });
        m_panel->setSelectedRun(QStringLiteral("int8"));
        QCOMPARE(m_panel->currentChart().emptyText(), QStringLiteral("The history is locked."));
    }
    void layersInTheOrderOfTheModel() {
        m_panel->setPage(ChartsPanel::Page::Layers);
        m_panel->setSelectedRun(QStringLiteral("int8"));
        auto& chart = dynamic_cast<LayersChart&>(m_panel->currentChart());
        // Two layers and what the call takes beyond them: together they are the call.
        QCOMPARE(chart.bars().size(), std::size_t{3});
        QCOMPARE(chart.bars()[0].label, QStringLiteral("conv1"));
        QCOMPARE(chart.bars()[0].value, 18.0);
        QCOMPARE(chart.bars()[2].label, QStringLiteral("Rest of the call"));
        QVERIFY(qAbs(chart.bars()[0].value + chart.bars()[1].value + chart.bars()[2].value - 52.4) < 1e-9);
        chart.choice().setCurrentIndex(LayersChart::Loss);
        QCOMPARE(chart.bars().size(), std::size_t{1});
        QCOMPARE(chart.bars()[0].value, 0.25);
    }
    void timesOfLayersTakenUnderDisturbanceAreHatched() {
        m_panel->setRunSource([](const QString& id) -> base::Result<history::RunRow> {
            auto row = withSamples(id);
            return row ? base::Result<history::RunRow>(test::disturbedRow(*row)) : row;
        });
        m_panel->setPage(ChartsPanel::Page::Layers);
        m_panel->setSelectedRun(QStringLiteral("int8"));
        auto& chart = dynamic_cast<LayersChart&>(m_panel->currentChart());
        for (const Bar& bar : chart.bars()) {
            QCOMPARE(bar.emphasis, BarEmphasis::Doubtful);
            QVERIFY2(bar.valueText.startsWith(u'≈'), qPrintable(bar.valueText));
        }
        QVERIFY(chart.plot().xAxis->label().contains(QStringLiteral("hatched: not reliable")));
        chart.plot().replot();
        const QPoint first(120, qRound(chart.plot().yAxis->coordToPixel(2)));
        QHelpEvent help(QEvent::ToolTip, first, chart.plot().mapToGlobal(first));
        QCoreApplication::sendEvent(&chart.plot(), &help);
        QVERIFY2(QToolTip::text().contains(QStringLiteral("1.9 cores busy")), qPrintable(QToolTip::text()));
        chart.choice().setCurrentIndex(LayersChart::Loss); // no time
        QCOMPARE(chart.bars()[0].emphasis, BarEmphasis::Normal);
        QVERIFY(!chart.plot().xAxis->label().contains(QStringLiteral("not reliable")));
    }
    void layersStayReadable_data() {
        QTest::addColumn<int>("count");
        for (const int count : {21, 250, 1000, 5000})
            QTest::addRow("%d layers", count) << count;
    }
    void layersStayReadable() {
        QFETCH(int, count);
        m_panel->setRunSource(withLayers(count));
        m_panel->setPage(ChartsPanel::Page::Layers);
        m_panel->setSelectedRun(QStringLiteral("int8"));
        auto& chart = dynamic_cast<LayersChart&>(m_panel->currentChart());
        QCustomPlot& plot = chart.plot();
        const auto settle = [&plot] {
            QCoreApplication::processEvents(); // sizes are final
            plot.replot();
        };
        settle();
        QCOMPARE(chart.bars().size(), static_cast<std::size_t>(count) + 1); // the last one is the rest of the call
        // A row is as high as its label, and its bar is not a hair.
        const double row = plot.yAxis->coordToPixel(0) - plot.yAxis->coordToPixel(1);
        QVERIFY2(row >= QFontMetrics(plot.yAxis->tickLabelFont()).height(), qPrintable(QString::number(row)));
        auto* bars = dynamic_cast<QCPBars*>(plot.plottable(0));
        QVERIFY(bars->width() * row >= 8);
        QVERIFY(plot.itemCount() * row <= plot.height() + row);
        QVERIFY(chart.scrollBar().isVisible());

        const auto textUnder = [&](double y) {
            QHelpEvent help(QEvent::ToolTip, QPoint(120, qRound(y)), plot.mapToGlobal(QPoint(120, qRound(y))));
            QCoreApplication::sendEvent(&plot, &help);
            return QToolTip::text();
        };
        QVERIFY2(textUnder(plot.yAxis->coordToPixel(count)).contains(QStringLiteral("layer0 ·")), "the first is on top");
        QTest::keyClick(&chart.scrollBar(), Qt::Key_End);
        settle();
        const QString last = textUnder(plot.yAxis->coordToPixel(1));
        QVERIFY2(last.contains(QStringLiteral("layer%1 ·").arg(count - 1)), qPrintable(last));
        QWheelEvent wheel(QPointF(50, 50), plot.mapToGlobal(QPointF(50, 50)), {}, QPoint(0, 240), Qt::NoButton, {}, Qt::NoScrollPhase,
                          false);
        const int before = chart.scrollBar().value();
        QCoreApplication::sendEvent(&plot, &wheel);
        QVERIFY(chart.scrollBar().value() < before);
    }
    void aPictureOfLayersHoldsEachOnce() {
        m_panel->setRunSource(withLayers(250));
        m_panel->setPage(ChartsPanel::Page::Layers);
        m_panel->setSelectedRun(QStringLiteral("int8"));
        auto& chart = dynamic_cast<LayersChart&>(m_panel->currentChart());
        QCoreApplication::processEvents();
        const int shown = chart.plot().itemCount();
        const QString file = m_folder.filePath(QStringLiteral("layers.svg"));
        m_panel->exportTo(ChartFormat::Svg, file);
        const QByteArray svg = contentOf(file);
        for (int index = 0; index < 250; ++index)
            QCOMPARE(svg.count(">layer" + QByteArray::number(index) + "<"), 1);
        QCOMPARE(chart.plot().itemCount(), shown); // and the window is as it was
    }
    void noLabelIsDrawnTwice_data() {
        QTest::addColumn<int>("page");
        for (const auto page : {ChartsPanel::Page::Pareto, ChartsPanel::Page::Bars, ChartsPanel::Page::Latency, ChartsPanel::Page::Layers})
            QTest::addRow("page %d", static_cast<int>(page)) << static_cast<int>(page);
    }
    void noLabelIsDrawnTwice() {
        QFETCH(int, page);
        m_panel->setPage(static_cast<ChartsPanel::Page>(page));
        m_panel->setSelectedRun(QStringLiteral("int8"));
        const QString file = m_folder.filePath(QStringLiteral("chart.svg"));
        m_panel->exportTo(ChartFormat::Svg, file);
        QXmlStreamReader reader(contentOf(file));
        QStringList seen;
        QString place;
        while (!reader.atEnd()) {
            if (reader.readNext() == QXmlStreamReader::StartElement) {
                const QXmlStreamAttributes attributes = reader.attributes();
                if (reader.name() == QLatin1String("g")) place = attributes.value(QLatin1String("transform")).toString();
                if (reader.name() != QLatin1String("text")) continue;
                const QString text =
                    QStringList{place, attributes.value(QLatin1String("x")).toString(), attributes.value(QLatin1String("y")).toString(),
                                reader.readElementText(QXmlStreamReader::IncludeChildElements)}
                        .join(u' ');
                QVERIFY2(!seen.contains(text), qPrintable(text));
                seen << text;
            }
        }
        QVERIFY(!seen.isEmpty());
        QVERIFY2(!reader.hasError(), qPrintable(reader.errorString()));
    }
    void chartsFollowTheTheme_data() { noLabelIsDrawnTwice_data(); }
    void chartsFollowTheTheme() {
        QFETCH(int, page);
        applyTheme(ThemeChoice::Light);
        m_panel->setPage(static_cast<ChartsPanel::Page>(page));
        m_panel->setSelectedRun(QStringLiteral("int8"));
        QCustomPlot& plot = m_panel->currentChart().plot();
        QTRY_COMPARE(plot.xAxis->tickLabelColor(), lightColors().muted);
        QTRY_COMPARE(plot.toPixmap().toImage().pixelColor(1, 1), lightColors().window);
        applyTheme(ThemeChoice::Dark);
        QTRY_COMPARE(plot.xAxis->tickLabelColor(), darkColors().muted);
        QTRY_COMPARE(plot.toPixmap().toImage().pixelColor(1, 1), darkColors().window);
        applyTheme(ThemeChoice::Light);
        QTRY_COMPARE(plot.xAxis->tickLabelColor(), lightColors().muted);
    }
    void legendHidesASeries() {
        QCustomPlot& plot = pareto().plot();
        auto* item = plot.legend->item(0);
        QTest::mouseClick(&plot, Qt::LeftButton, {}, item->rect().center());
        QVERIFY(!plot.graph(1)->visible());
        QTest::mouseClick(&plot, Qt::LeftButton, {}, item->rect().center());
        QVERIFY(plot.graph(1)->visible());
    }
    void axesHaveNoExponents() {
        QCustomPlot plot;
        plot.resize(400, 300);
        applyChartStyle(plot);
        plot.xAxis->setRange(0, 450'000);
        plot.replot(QCustomPlot::rpImmediateRefresh);
        const QVector<QString> labels = plot.xAxis->tickVectorLabels();
        QVERIFY(labels.size() > 1);
        for (const QString& label : labels)
            QVERIFY2(!label.contains(u'e', Qt::CaseInsensitive), qPrintable(label));
    }
    void csvIsTheTable() {
        QLocale::setDefault(QLocale(QLocale::German)); // a comma as decimal separator must not get into it
        QSignalSpy exported(m_panel.get(), &ChartsPanel::exported);
        const QString file = m_folder.filePath(QStringLiteral("pareto.csv"));
        m_panel->exportTo(ChartFormat::Csv, file);
        QLocale::setDefault(QLocale::c());
        QCOMPARE(exported.size(), 1);
        const QList<QByteArray> lines = contentOf(file).split('\n');
        QCOMPARE(lines[0], QByteArray("run,id,latency_p50_us,accuracy_percent,pareto_front,baseline,kind,not_reliable\r"));
        QCOMPARE(lines[3], QByteArray("lenet5 · int8 · 2,int8,52.4,90.39,1,0,real,0\r"));
        QCOMPARE(lines.size(), 6);
    }
    void formulasAndQuotesAreDefused() {
        m_panel->setPage(ChartsPanel::Page::Layers);
        m_panel->setSelectedRun(QStringLiteral("int8"));
        QVERIFY(csvText(m_panel->currentChart().table()).contains("\r\n'=fc1,aten::conv2d,,9\r\n"));
        QCOMPARE(csvText({{QStringLiteral("a")}, {{QStringLiteral("say \"hi\", you")}, {std::nan("")}, {-1.5}}}),
                 QByteArray("a\r\n\"say \"\"hi\"\", you\"\r\n\r\n-1.5\r\n"));
    }
    void svgIsWellFormedAndHoldsTheTexts() {
        const QString file = m_folder.filePath(QStringLiteral("pareto.svg"));
        m_panel->exportTo(ChartFormat::Svg, file);
        QXmlStreamReader reader(contentOf(file));
        QString texts;
        while (!reader.atEnd()) {
            if (reader.readNext() == QXmlStreamReader::Characters) texts += reader.text();
        }
        QVERIFY2(!reader.hasError(), qPrintable(reader.errorString()));
        QVERIFY(texts.contains(QStringLiteral("accuracy, %")));
        QVERIFY(texts.contains(QStringLiteral("int8")));
    }
    void pngIsTwiceTheSize() {
        const QString file = m_folder.filePath(QStringLiteral("pareto.png"));
        m_panel->exportTo(ChartFormat::Png, file);
        QCOMPARE(QImage(file).size(), pareto().plot().size() * 2);
    }
    void aFolderThatIsNotThereIsSaid() {
        QSignalSpy problem(m_panel.get(), &ChartsPanel::problem), exported(m_panel.get(), &ChartsPanel::exported);
        m_panel->exportTo(ChartFormat::Csv, m_folder.filePath(QStringLiteral("no/such/folder.csv")));
        QCOMPARE(exported.size(), 0);
        QCOMPARE(problem.size(), 1);
        QVERIFY(problem.first().first().toString().contains(QStringLiteral("no/such/folder.csv")));
    }
};

QTEST_MAIN(ChartsPanelTest)
#include "charts_panel_test.moc"
