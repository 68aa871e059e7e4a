#include <QTest>

#include <tests/gui/window_fixture.h>
#include <views/graph/graph_scene.h>
#include <views/graph/graph_view.h>
#include <views/graph/legend.h>
#include <views/graph/node_item.h>
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
    [[nodiscard]] NodeItem* node(const char* name) const {
        return m_parts->panel.findChild<GraphView*>()->scene()->node(QString::fromLatin1(name));
    }
    test::TestHome m_home;
    std::unique_ptr<Parts> m_parts;
};

QTEST_MAIN(GraphPanelTest)
#include "graph_panel_test.moc"
