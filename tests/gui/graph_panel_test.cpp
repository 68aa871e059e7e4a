#include <algorithm>

#include <QLineEdit>
#include <QTest>

#include <tests/gui/window_fixture.h>
#include <views/graph/find_bar.h>
#include <views/graph/graph_canvas.h>
#include <views/graph/graph_scene.h>
#include <views/graph/graph_view.h>
#include <views/graph/legend.h>
#include <views/graph/node_item.h>
#include <views/models/number_text.h>
#include <views/panels/graph_panel.h>

using namespace lathe;
using namespace lathe::views;

class GraphPanelTest : public QObject {
    Q_OBJECT

private slots:
    void init() {
        m_parts = std::make_unique<Parts>();
        m_parts->panel.resize(600, 800);
        m_parts->panel.show();
        QVERIFY(QTest::qWaitForWindowExposed(&m_parts->panel));
        m_parts->workbench.openModel(QStringLiteral("lenet5.pt"));
        QTRY_VERIFY(node("fc3"));
        m_parts->panel.setFigure(GraphPanel::Figure::Time);
    }
    void cleanup() { m_parts.reset(); }

    void everyNodeHasItsTimeOrSaysWhereItIs() {
        const measure::RunDocument run = test::LenetEngine::run({});
        m_parts->session.setLastRun(run);
        QVERIFY(node("conv1")->colour());
        QVERIFY(node("pool1")->colour()); // no weights, but it takes time
        QVERIFY(!node("relu1")->colour());
        QCOMPARE(node("relu1")->valueText(), QStringLiteral("in conv1"));
        double sum = 0;
        for (const measure::LayerResult& layer : run.baseline.layers)
            sum += *layer.p50Us;
        // The original's drawing has the original's times.
        QCOMPARE(node("pool1")->valueText(), QStringLiteral("7.50 µs"));
        const QString legend = m_parts->panel.findChild<Legend*>()->accessibleName();
        QVERIFY2(legend.contains(QStringLiteral("call 118 µs")), qPrintable(legend));
        QVERIFY2(legend.contains(QStringLiteral("rest")), qPrintable(legend));
        m_parts->session.setLastRun(std::nullopt);
        QVERIFY(!node("pool1")->colour());
        QVERIFY(node("relu1")->valueText().isEmpty());
    }

    void aStepThatPrunesShowsWhatItTakes() {
        recipe::Recipe recipe;
        recipe.steps.resize(1);
        recipe.steps[0].op = "prune.structured";
        m_parts->session.recipe().setRecipe(recipe);
        m_parts->session.setPreview(test::LenetEngine::preview(recipe));
        QCOMPARE(node("conv1")->outline(), NodeItem::Outline::None);
        m_parts->session.selectStep(0);
        QCOMPARE(node("conv1")->outline(), NodeItem::Outline::Shrinks);
        QCOMPARE(node("pool1")->outline(), NodeItem::Outline::None);
        QVERIFY(node("fc3")->toolTip().contains(QStringLiteral("is an output of the model")));
        // A layer under the pointer: what goes with it.
        emit m_parts->panel.view()->nodeHovered(QStringLiteral("conv1"));
        QCOMPARE(node("conv2")->outline(), NodeItem::Outline::Shrinks);
        QCOMPARE(node("fc2")->outline(), NodeItem::Outline::None);
        emit m_parts->panel.view()->nodeHovered({});
        QCOMPARE(node("fc2")->outline(), NodeItem::Outline::Shrinks);
        m_parts->session.selectStep(-1);
        QCOMPARE(node("fc2")->outline(), NodeItem::Outline::None);
    }

    void aDrawingThatCannotBeMadeIsSaid() {
        auto* view = m_parts->panel.findChild<GraphView*>();
        m_parts->transport->refuse("drawing", "Step 1 removes every channel of conv1.");
        m_parts->panel.setStage(GraphPanel::Stage::Optimized);
        QTRY_COMPARE(view->notice(), QStringLiteral("Step 1 removes every channel of conv1."));
        QVERIFY(!node("fc3")); // not that of another stage
        m_parts->transport->refuse("drawing", {});
        m_parts->panel.setStage(GraphPanel::Stage::Original);
        QTRY_VERIFY(node("fc3"));
        QCOMPARE(view->notice(), QString());
    }

    /// What is asked of the engine, what comes and what is drawn goes with what is open: the model has 131 nodes.
    void modulesOpenAndClose() {
        openBlocks();
        QCOMPARE(m_parts->transport->count("drawing"), 0); // the answer to "open" has what is seen first
        GraphView* view = m_parts->panel.view();
        QCOMPARE(drawnNodes(), 10);
        QVERIFY(node("module:blocks"));
        QVERIFY(m_parts->panel.canOpen() && !m_parts->panel.canClose());

        emit view->nodeActivated(QStringLiteral("embed")); // no module
        emit view->nodeActivated(QStringLiteral("module:blocks"));
        QTRY_VERIFY(node("module:blocks.4"));
        QCOMPARE(drawnNodes(), 10 - 1 + 5);
        QCOMPARE(openAsked(), (std::vector<std::string>{"blocks"}));
        m_parts->panel.openModule(QStringLiteral("blocks.1"));
        QTRY_VERIFY(node("blocks.1.fc1"));
        QCOMPARE(drawnNodes(), 14 - 1 + 25);
        QVERIFY(!node("blocks.2.fc1"));
        QCOMPARE(m_parts->transport->count("drawing"), 2);

        // Each stage shows the same modules open.
        m_parts->panel.setStage(GraphPanel::Stage::Optimized);
        QTRY_COMPARE(m_parts->transport->count("drawing"), 3);
        QTRY_VERIFY(!m_parts->panel.isPending());
        QVERIFY(node("blocks.1.fc1") && node("module:blocks.2"));
        m_parts->panel.setStage(GraphPanel::Stage::Original);

        // What was open in a module is open again with it.
        m_parts->panel.closeModule(QStringLiteral("blocks"));
        QTRY_COMPARE(drawnNodes(), 10);
        m_parts->panel.openModule(QStringLiteral("blocks"));
        QTRY_COMPARE(drawnNodes(), 38);
        m_parts->panel.closeAll();
        QTRY_COMPARE(drawnNodes(), 10);
        m_parts->panel.openAll();
        QTRY_VERIFY(node("blocks.4.fc1"));
        QVERIFY(!m_parts->panel.canOpen() && m_parts->panel.canClose());
        QVERIFY(m_parts->transport->seen().back().parameters["open"] == "all");

        // The next model begins anew.
        m_parts->workbench.openModel(QStringLiteral("another_transformer.pt"));
        QTRY_COMPARE(drawnNodes(), 10);
    }

    void aClosedModuleStandsForItsLayers() {
        openBlocks();
        GraphView* view = m_parts->panel.view();
        // A layer that is chosen in a table is shown as its module, and stays chosen.
        m_parts->session.selectNodes({QStringLiteral("blocks.3.fc1"), QStringLiteral("head")});
        QCOMPARE(view->selectedNodes(), QStringList({QStringLiteral("module:blocks"), QStringLiteral("head")}));
        QCOMPARE(m_parts->session.selectedNodes().size(), 2);
        // Choosing the module chooses its layers.
        m_parts->session.selectNodes({});
        node("module:blocks")->setSelected(true);
        QCOMPARE(m_parts->session.selectedNodes().size(), 5 * 6);
        QCOMPARE(m_parts->session.selectedLayers().size(), 5 * 6);
        QCOMPARE(view->selectedNodes(), QStringList{QStringLiteral("module:blocks")});
        // Opened, they are what is chosen.
        m_parts->panel.openSelected();
        QTRY_VERIFY(node("module:blocks.0"));
        QCOMPARE(view->selectedNodes().size(), 5);
        view->setSelectedNodes({});
        m_parts->session.selectNodes({QStringLiteral("blocks.3.fc1")});
        m_parts->panel.openSelected();
        QTRY_VERIFY(node("blocks.3.fc1"));
        QVERIFY(node("blocks.3.fc1")->isSelected());
        m_parts->panel.closeAroundSelected();
        QTRY_VERIFY(node("module:blocks.3"));
        QVERIFY(node("module:blocks.3")->isSelected());
    }

    void aClosedModuleHasTheFiguresOfItsLayers() {
        openBlocks();
        m_parts->panel.setFigure(GraphPanel::Figure::Parameters);
        // Four layers of 32x32 and one each of 64x32 and 32x64, with biases.
        QCOMPARE(node("module:blocks")->valueText(), unitText(5 * (4 * 1056 + 2112 + 2080), {}));
        QVERIFY(node("module:blocks")->colour());
        QCOMPARE(node("head")->valueText(), unitText(1056, {}));
        m_parts->panel.setFigure(GraphPanel::Figure::Bits);
        QCOMPARE(node("module:blocks")->valueText(), node("head")->valueText());
        QVERIFY2(node("module:blocks")->toolTip().contains(QStringLiteral("30 layers")), qPrintable(node("module:blocks")->toolTip()));
        // Times of what runs inside add up.
        measure::RunDocument run = test::LenetEngine::run({});
        run.baseline.layers.resize(3);
        run.baseline.layers[0].name = "blocks.0.softmax";
        run.baseline.layers[1].name = "blocks.4.fc1";
        run.baseline.layers[2].name = "head";
        for (measure::LayerResult& layer : run.baseline.layers) {
            layer.p50Us = 2.5;
            layer.covers.clear();
        }
        m_parts->session.setLastRun(run);
        m_parts->panel.setFigure(GraphPanel::Figure::Time);
        QCOMPARE(node("module:blocks")->valueText(), QStringLiteral("5 µs"));
        QCOMPARE(node("head")->valueText(), QStringLiteral("2.50 µs"));
    }

    void whatIsInClosedModulesIsFound() {
        openBlocks();
        GraphView* view = m_parts->panel.view();
        view->openFind();
        auto* find = m_parts->panel.findChild<FindBar*>();
        QTest::keyClicks(find->edit(), QStringLiteral("fc1"));
        QTRY_COMPARE(find->countText(), QStringLiteral("1 of 5"));
        QVERIFY(node("module:blocks")->isMarked());
        QVERIFY(!node("head")->isMarked());
        QCOMPARE(m_parts->transport->count("drawing"), 0); // nothing opens while one types
        find->next();
        QTRY_VERIFY(node("blocks.0.fc1") && node("blocks.0.fc1")->isSelected());
        QTRY_VERIFY(node("blocks.0.fc1")->isMarked() && node("module:blocks.1")->isMarked());
        QCOMPARE(m_parts->session.selectedNodes(), QStringList{QStringLiteral("blocks.0.fc1")});
        QTRY_COMPARE(find->countText(), QStringLiteral("1 of 5"));
        find->next();
        QTRY_VERIFY(node("blocks.1.fc1") && node("blocks.1.fc1")->isSelected());
        QTRY_COMPARE(find->countText(), QStringLiteral("2 of 5"));
        // Where nothing is closed nobody is asked.
        m_parts->panel.openAll();
        QTRY_VERIFY(node("blocks.4.fc1"));
        const int asked = m_parts->transport->count("find");
        find->edit()->setText(QStringLiteral("softmax"));
        QCOMPARE(find->countText(), QStringLiteral("1 of 5"));
        QCOMPARE(m_parts->transport->count("find"), asked);
    }

    void anOpenedModuleStaysWhereItWas() {
        openBlocks();
        GraphView* view = m_parts->panel.view();
        const auto place = [&](const char* name) { return view->canvas()->mapFromScene(node(name)->pos()); };
        view->canvas()->centerOn(node("module:blocks")->pos() + QPointF(40, -100));
        const QPoint before = place("module:blocks");
        m_parts->panel.openModule(QStringLiteral("blocks"));
        QTRY_VERIFY(node("module:blocks.0"));
        QVERIFY((place("module:blocks.0") - before).manhattanLength() <= 4);
        m_parts->panel.closeModule(QStringLiteral("blocks"));
        QTRY_VERIFY(node("module:blocks"));
        QVERIFY((place("module:blocks") - before).manhattanLength() <= 4);
    }

    void timesTakenUnderDisturbanceHaveNoColour() {
        measure::RunDocument run = test::LenetEngine::run({});
        run.optimized.latency.whyNotReliable = "29,748 of 29,815 calls were disturbed by other programs (1.9 cores busy).";
        m_parts->session.setLastRun(run);
        const auto* legend = m_parts->panel.findChild<Legend*>();
        QVERIFY(node("conv1")->colour()); // the original's were taken in quiet
        QVERIFY(legend->hasScale());
        run.baseline.latency.whyNotReliable = run.optimized.latency.whyNotReliable;
        m_parts->session.setLastRun(run);
        QVERIFY(!node("conv1")->colour());
        QCOMPARE(node("pool1")->valueText(), QStringLiteral("≈7.50 µs"));
        QVERIFY2(node("pool1")->toolTip().contains(QStringLiteral("Not reliable: 29,748")), qPrintable(node("pool1")->toolTip()));
        QVERIFY(legend->isVisible() && !legend->hasScale());
        QVERIFY2(legend->accessibleName().contains(QStringLiteral("not reliable")), qPrintable(legend->accessibleName()));
        m_parts->panel.setFigure(GraphPanel::Figure::Parameters); // another figure is as good as before
        QVERIFY(node("conv1")->colour());
        QVERIFY(!node("conv1")->toolTip().contains(QStringLiteral("Not reliable")));
    }

private:
    struct Parts {
        Session session;
        test::FakeTransport* transport = new test::FakeTransport;
        EngineClient engine{std::unique_ptr<EngineTransport>(transport)};
        Workbench workbench{session, engine};
        GraphPanel panel{session, workbench};
    };
    void openBlocks() {
        m_parts->workbench.openModel(QStringLiteral("transformer.pt"));
        QTRY_VERIFY(node("module:blocks"));
        QTRY_VERIFY(!m_parts->workbench.isPreviewPending());
    }
    [[nodiscard]] int drawnNodes() const { return static_cast<int>(m_parts->panel.view()->scene()->nodes().size()); }
    /// Of the last drawing.
    [[nodiscard]] std::vector<std::string> openAsked() const {
        const auto& seen = m_parts->transport->seen();
        const auto found = std::ranges::find(seen.rbegin(), seen.rend(), "drawing", &test::FakeTransport::Seen::method);
        return found == seen.rend() ? std::vector<std::string>() : found->parameters["open"].get<std::vector<std::string>>();
    }
    [[nodiscard]] NodeItem* node(const char* name) const {
        return m_parts->panel.findChild<GraphView*>()->scene()->node(QString::fromLatin1(name));
    }
    test::TestHome m_home;
    std::unique_ptr<Parts> m_parts;
};

QTEST_MAIN(GraphPanelTest)
#include "graph_panel_test.moc"
