#include <views/graph/graph_view.h>

#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>

#include <tests/gui/graph_fixture.h>
#include <views/graph/edge_item.h>
#include <views/graph/find_bar.h>
#include <views/graph/graph_canvas.h>
#include <views/graph/graph_scene.h>
#include <views/graph/legend.h>
#include <views/graph/minimap.h>
#include <views/graph/node_item.h>

using namespace lathe;
using namespace lathe::views;

namespace {

base::Result<layout::Placement> placeAtOnce(const layout::Drawing& drawing, const std::vector<layout::NodeSize>& sizes, std::stop_token) {
    return test::placeInRanks(drawing, sizes);
}

QPoint middleOf(GraphView& view, const QString& id) { return view.canvas()->mapFromScene(view.scene()->node(id)->pos()); }

} // namespace

class GraphViewTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<GraphView> m_view;

    void show(const layout::Drawing& drawing) {
        QSignalSpy shown(m_view.get(), &GraphView::drawingShown);
        m_view->setDrawing(drawing);
        QVERIFY(!shown.isEmpty() || shown.wait());
    }
    void press(Qt::Key key, Qt::KeyboardModifiers modifiers = {}) { QTest::keyClick(m_view->canvas(), key, modifiers); }
    [[nodiscard]] QStringList selected() const { return m_view->selectedNodes(); }

private Q_SLOTS:
    void init() {
        m_view = std::make_unique<GraphView>(nullptr, placeAtOnce);
        m_view->resize(900, 700);
        m_view->show();
        show(test::diamondDrawing());
    }
    void cleanup() { m_view.reset(); }

    void everyNodeAndEdgeHasAnItemInItsPlace() {
        const layout::Drawing drawing = test::diamondDrawing();
        QCOMPARE(m_view->scene()->nodes().size(), drawing.nodes.size());
        QCOMPARE(m_view->scene()->edges().size(), drawing.edges.size());
        for (const NodeItem* a : m_view->scene()->nodes()) {
            for (const NodeItem* b : m_view->scene()->nodes()) {
                QVERIFY(a == b || !a->card().translated(a->pos()).intersects(b->card().translated(b->pos())));
            }
        }
    }
    void shapeLabelsTouchNeitherNodesNorEachOther() {
        int labels = 0;
        for (const EdgeItem* edge : m_view->scene()->edges()) {
            if (edge->labelRect().isNull()) continue;
            ++labels;
            for (const NodeItem* node : m_view->scene()->nodes())
                QVERIFY(!node->card().translated(node->pos()).intersects(edge->labelRect()));
            for (const EdgeItem* other : m_view->scene()->edges())
                QVERIFY(other == edge || !other->labelRect().intersects(edge->labelRect()));
        }
        QVERIFY(labels >= 5);
        QCOMPARE(m_view->scene()->edges().front()->label(), QStringLiteral("1×1×32×32"));
    }
    void clickSelectsAndSaysSo() {
        QSignalSpy changed(m_view.get(), &GraphView::selectionChanged);
        QTest::mouseClick(m_view->canvas()->viewport(), Qt::LeftButton, {}, middleOf(*m_view, QStringLiteral("conv1")));
        QCOMPARE(selected(), QStringList{QStringLiteral("conv1")});
        QVERIFY(!changed.isEmpty());
        QCOMPARE(changed.last().first().toStringList(), selected());
        QTest::mouseClick(m_view->canvas()->viewport(), Qt::LeftButton, Qt::ControlModifier, middleOf(*m_view, QStringLiteral("pool1")));
        QCOMPARE(selected(), (QStringList{QStringLiteral("conv1"), QStringLiteral("pool1")}));
        QTest::mouseClick(m_view->canvas()->viewport(), Qt::LeftButton, {}, QPoint(3, 3));
        QVERIFY(selected().isEmpty());
    }
    void selectionFromOutsideIsShownButNotReported() {
        QSignalSpy changed(m_view.get(), &GraphView::selectionChanged);
        m_view->setSelectedNodes({QStringLiteral("left"), QStringLiteral("no such node")});
        QCOMPARE(selected(), QStringList{QStringLiteral("left")});
        QVERIFY(m_view->scene()->node(QStringLiteral("left"))->isSelected());
        QCOMPARE(changed.size(), 0);
    }
    void shiftDragSelectsARectangle() {
        QWidget* viewport = m_view->canvas()->viewport();
        const NodeItem *left = m_view->scene()->node(QStringLiteral("left")), *right = m_view->scene()->node(QStringLiteral("right"));
        const QRectF around = left->card().translated(left->pos()).united(right->card().translated(right->pos())).adjusted(-6, -6, 6, 6);
        const QPoint from = m_view->canvas()->mapFromScene(around.topLeft()), to = m_view->canvas()->mapFromScene(around.bottomRight());
        QTest::mousePress(viewport, Qt::LeftButton, Qt::ShiftModifier, from);
        QMouseEvent move(QEvent::MouseMove, to, viewport->mapToGlobal(to), Qt::NoButton, Qt::LeftButton, Qt::ShiftModifier);
        QCoreApplication::sendEvent(viewport, &move);
        QTest::mouseRelease(viewport, Qt::LeftButton, Qt::ShiftModifier, to);
        QCOMPARE(selected(), (QStringList{QStringLiteral("left"), QStringLiteral("right")}));
    }
    void arrowsWalkAlongEdges() {
        press(Qt::Key_Down); // nothing selected: starts at the top
        QCOMPARE(selected(), QStringList{QStringLiteral("input:x")});
        for (const char* expected : {"conv1", "pool1", "left", "add", "output:0", "output:0"}) {
            press(Qt::Key_Down);
            QCOMPARE(selected(), QStringList{QString::fromLatin1(expected)});
        }
        press(Qt::Key_Up);
        press(Qt::Key_Up);
        QCOMPARE(selected(), QStringList{QStringLiteral("left")});
        press(Qt::Key_Right);
        QCOMPARE(selected(), QStringList{QStringLiteral("right")});
        press(Qt::Key_Right); // nothing further right
        QCOMPARE(selected(), QStringList{QStringLiteral("right")});
        press(Qt::Key_Left);
        QCOMPARE(selected(), QStringList{QStringLiteral("left")});
    }
    void enterAndDoubleClickActivate() {
        QSignalSpy activated(m_view.get(), &GraphView::nodeActivated);
        press(Qt::Key_Return);
        QCOMPARE(activated.size(), 0);
        m_view->setSelectedNodes({QStringLiteral("conv1")});
        press(Qt::Key_Return);
        QCOMPARE(activated.last().first().toString(), QStringLiteral("conv1"));
        QTest::mouseDClick(m_view->canvas()->viewport(), Qt::LeftButton, {}, middleOf(*m_view, QStringLiteral("pool1")));
        QCOMPARE(activated.last().first().toString(), QStringLiteral("pool1"));
    }
    void findGoesThroughMatches() {
        press(Qt::Key_F, Qt::ControlModifier);
        auto* bar = m_view->findChild<FindBar*>();
        QVERIFY(bar->isVisible());
        QTest::keyClicks(bar->edit(), QStringLiteral("conv2d"));
        QCOMPARE(bar->countText(), QStringLiteral("1 of 3"));
        QCOMPARE(selected(), QStringList{QStringLiteral("conv1")});
        QTest::keyClick(bar->edit(), Qt::Key_Return);
        QCOMPARE(bar->countText(), QStringLiteral("2 of 3"));
        QTest::keyClick(bar->edit(), Qt::Key_Return, Qt::ShiftModifier);
        QTest::keyClick(bar->edit(), Qt::Key_Return, Qt::ShiftModifier);
        QCOMPARE(selected(), QStringList{QStringLiteral("right")});
        QVERIFY(m_view->scene()->node(QStringLiteral("left"))->isMarked());
        bar->edit()->setText(QStringLiteral("6x14x14 conv"));
        QCOMPARE(bar->countText(), QStringLiteral("2 of 2"));
        bar->edit()->setText(QStringLiteral("gelu"));
        QCOMPARE(bar->countText(), QStringLiteral("no match"));
        QTest::keyClick(bar->edit(), Qt::Key_Escape);
        QVERIFY(!bar->isVisible());
        QVERIFY(!m_view->scene()->node(QStringLiteral("left"))->isMarked());
    }
    void zoomByKeysAndWheel() {
        GraphCanvas* canvas = m_view->canvas();
        QCOMPARE(canvas->zoom(), 1.0);
        press(Qt::Key_Plus);
        QCOMPARE(canvas->zoom(), 1.25);
        press(Qt::Key_0, Qt::ControlModifier);
        QCOMPARE(canvas->zoom(), 1.0);
        const QPoint pointer = middleOf(*m_view, QStringLiteral("conv1"));
        const QPointF under = canvas->mapToScene(pointer);
        QWheelEvent wheel(pointer, canvas->viewport()->mapToGlobal(pointer), {}, QPoint(0, 240), Qt::NoButton, Qt::ControlModifier,
                          Qt::NoScrollPhase, false);
        QCoreApplication::sendEvent(canvas->viewport(), &wheel);
        QCOMPARE(canvas->zoom(), 1.25 * 1.25);
        QVERIFY((canvas->mapToScene(pointer) - under).manhattanLength() < 2);
        for (int count = 0; count < 60; ++count)
            press(Qt::Key_Plus);
        QCOMPARE(canvas->zoom(), GraphCanvas::maximumZoom);
        for (int count = 0; count < 60; ++count)
            press(Qt::Key_Minus);
        QCOMPARE(canvas->zoom(), GraphCanvas::minimumZoom);
    }
    void fitShowsEverything() {
        show(test::chainDrawing(40));
        press(Qt::Key_Space);
        const QRectF visible = m_view->canvas()->mapToScene(m_view->canvas()->viewport()->rect()).boundingRect();
        QCOMPARE(m_view->scene()->nodes().size(), std::size_t{40});
        for (const NodeItem* node : m_view->scene()->nodes())
            QVERIFY(visible.contains(node->card().translated(node->pos())));
    }
    void dragPansAndKeepsTheSelection() {
        show(test::chainDrawing(40));
        m_view->setSelectedNodes({QStringLiteral("layer0")});
        QWidget* viewport = m_view->canvas()->viewport();
        const QPointF before = m_view->canvas()->mapToScene(QPoint(0, 0));
        QTest::mousePress(viewport, Qt::LeftButton, {}, QPoint(20, 400));
        QTest::mouseMove(viewport, QPoint(20, 300));
        QTest::mouseRelease(viewport, Qt::LeftButton, {}, QPoint(20, 300));
        QCOMPARE(m_view->canvas()->mapToScene(QPoint(0, 0)).y(), before.y() + 100);
        QCOMPARE(selected(), QStringList{QStringLiteral("layer0")});
    }
    void minimapMovesTheView() {
        show(test::chainDrawing(60));
        auto* minimap = m_view->findChild<Minimap*>();
        QVERIFY(minimap->isVisible());
        const NodeItem* last = m_view->scene()->nodes().back();
        QTest::mouseClick(minimap, Qt::LeftButton, {}, minimap->map().map(last->pos()).toPoint());
        const QRectF visible = m_view->canvas()->mapToScene(m_view->canvas()->viewport()->rect()).boundingRect();
        QVERIFY(visible.contains(last->pos()));
    }
    void overlaysCoverNoNode_data() {
        QTest::addColumn<QSize>("size");
        QTest::newRow("as in a window of 1024x700") << QSize(500, 350);
        QTest::newRow("narrow") << QSize(430, 300);
        QTest::newRow("large") << QSize(900, 700);
    }
    void overlaysCoverNoNode() {
        QFETCH(QSize, size);
        m_view->resize(size);
        m_view->setNodeValues(QStringLiteral("time per call"), QStringLiteral("µs"), {{QStringLiteral("layer0"), 2}});
        const auto* minimap = m_view->findChild<Minimap*>();
        const auto* legend = m_view->findChild<Legend*>();
        show(test::chainDrawing(60));
        const auto isFree = [this](const QWidget* overlay) {
            if (!overlay->isVisible()) return true;
            for (const NodeItem* node : m_view->scene()->nodes()) {
                const QRectF place = m_view->canvas()->viewportTransform().mapRect(node->card().translated(node->pos()));
                if (place.intersects(QRectF(overlay->geometry()))) return false;
            }
            return true;
        };
        // The chain stands at the left, in the middle and at the right of the view.
        for (const double x : {0.0, 0.5, 1.0}) {
            const QRectF content = m_view->scene()->content();
            const double half = m_view->width() / 2.0 / m_view->canvas()->zoom();
            m_view->canvas()->setSceneRect(content.adjusted(-4 * half, 0, 4 * half, 0));
            m_view->canvas()->centerOn(content.center().x() + (x - 0.5) * 1.2 * half, content.center().y());
            QTRY_VERIFY(isFree(minimap));
            if (m_view->width() > 800) QTRY_VERIFY(isFree(legend)); // it says what colours mean: it stays in a small view
            QTRY_COMPARE(legend->isTranslucent(), !isFree(legend)); // nodes below it can be seen
            QVERIFY(!minimap->isVisible() || !minimap->geometry().intersects(legend->geometry()));
        }
        m_view->setNodeValues({}, {}, {});
    }
    void aLegendThatCannotButCoverNodesIsTranslucent() {
        const auto* legend = m_view->findChild<Legend*>();
        m_view->resize(430, 300);
        m_view->setNodeValues(QStringLiteral("time per call"), QStringLiteral("µs"), {{QStringLiteral("conv1"), 2}});
        QTRY_VERIFY(legend->isVisible() && !legend->isTranslucent());
        // So near that a node fills the view.
        m_view->canvas()->setZoom(20, QRectF(m_view->canvas()->viewport()->rect()).center());
        m_view->canvas()->centerOn(m_view->scene()->node(QStringLiteral("conv1")));
        QTRY_VERIFY(legend->isTranslucent());
        m_view->resetZoom();
        m_view->setNodeValues({}, {}, {});
    }
    void theMinimapIsAwayWhileAllIsVisible() {
        auto* minimap = m_view->findChild<Minimap*>();
        m_view->fit();
        QTRY_VERIFY(!minimap->isVisible());
        show(test::chainDrawing(60));
        QTRY_VERIFY(minimap->isVisible());
    }
    void valuesColourNodesAndFillTheLegend() {
        auto* legend = m_view->findChild<Legend*>();
        QVERIFY(!legend->isVisible());
        m_view->setNodeValues(QStringLiteral("time per call"), QStringLiteral("µs"),
                              {{QStringLiteral("conv1"), 2}, {QStringLiteral("left"), 31}, {QStringLiteral("right"), std::nan("")}});
        QVERIFY(legend->isVisible());
        QCOMPARE(legend->accessibleName(), QStringLiteral("time per call: 2 µs – 31 µs"));
        QCOMPARE(m_view->scene()->node(QStringLiteral("conv1"))->colour(), std::optional(viridis(0)));
        QCOMPARE(m_view->scene()->node(QStringLiteral("left"))->colour(), std::optional(viridis(1)));
        QCOMPARE(m_view->scene()->node(QStringLiteral("left"))->valueText(), QStringLiteral("31 µs"));
        QVERIFY(!m_view->scene()->node(QStringLiteral("right"))->colour());
        QVERIFY(!m_view->scene()->node(QStringLiteral("pool1"))->colour());

        // They stay for a drawing that has to be laid out.
        layout::Drawing other = test::diamondDrawing();
        other.nodes[1].label = "a name that needs far more room than before, so that nodes move";
        show(other);
        QCOMPARE(m_view->scene()->node(QStringLiteral("left"))->colour(), std::optional(viridis(1)));
        m_view->setNodeValues({}, {}, {});
        QVERIFY(!legend->isVisible());
        QVERIFY(!m_view->scene()->node(QStringLiteral("left"))->colour());
    }
    void outlinesStayForTheNextDrawing() {
        m_view->outlineNodes({QStringLiteral("left")});
        QCOMPARE(m_view->scene()->node(QStringLiteral("left"))->outline(), NodeItem::Outline::Shrinks);
        layout::Drawing other = test::diamondDrawing();
        other.name = "other";
        show(other);
        QCOMPARE(m_view->scene()->node(QStringLiteral("left"))->outline(), NodeItem::Outline::Shrinks);
        m_view->outlineNodes({});
        QCOMPARE(m_view->scene()->node(QStringLiteral("left"))->outline(), NodeItem::Outline::None);
    }
    void whatStaysSaysWhy() {
        m_view->outlineNodes({QStringLiteral("left")}, {{QStringLiteral("left"), QStringLiteral("no")},
                                                        {QStringLiteral("conv1"), QStringLiteral("conv1 keeps <its> channels")}});
        const NodeItem* conv = m_view->scene()->node(QStringLiteral("conv1"));
        QCOMPARE(conv->outline(), NodeItem::Outline::Stays);
        QVERIFY(conv->toolTip().contains(QStringLiteral("conv1 keeps &lt;its&gt; channels")));
        QCOMPARE(m_view->scene()->node(QStringLiteral("left"))->outline(), NodeItem::Outline::Shrinks);
        m_view->outlineNodes({});
        QCOMPARE(conv->outline(), NodeItem::Outline::None);
        QVERIFY(!conv->toolTip().contains(QStringLiteral("keeps")));
    }
    void theNodeUnderThePointerIsSaid() {
        QSignalSpy hovered(m_view.get(), &GraphView::nodeHovered);
        GraphCanvas* canvas = m_view->canvas();
        const QPoint on = canvas->mapFromScene(m_view->scene()->node(QStringLiteral("conv1"))->pos());
        QTest::mouseMove(canvas->viewport(), on);
        QTest::mouseMove(canvas->viewport(), on + QPoint(1, 0));
        QTRY_COMPARE(hovered.size(), 1);
        QCOMPARE(hovered.last().first().toString(), QStringLiteral("conv1"));
        QTest::mouseMove(canvas->viewport(), QPoint(1, 1));
        QTRY_COMPARE(hovered.size(), 2);
        QCOMPARE(hovered.last().first().toString(), QString());
    }
    void otherTextsDoNotMoveAnything() {
        const NodeItem* before = m_view->scene()->node(QStringLiteral("conv1"));
        layout::Drawing other = test::diamondDrawing();
        other.nodes[1].dtype = "int4";
        show(other);
        QCOMPARE(m_view->scene()->node(QStringLiteral("conv1")), before); // the same item: nothing was laid out
        QCOMPARE(before->node().dtype, std::string("int4"));
    }
    void theSelectionSurvivesAnotherLayout() {
        m_view->setSelectedNodes({QStringLiteral("left")});
        layout::Drawing other = test::diamondDrawing();
        other.nodes.erase(other.nodes.begin() + 4);
        std::erase_if(other.edges, [](const layout::DrawEdge& edge) { return edge.from == "right" || edge.to == "right"; });
        show(other);
        QCOMPARE(selected(), QStringList{QStringLiteral("left")});
    }
    void aPlacementOfAnotherGraphIsRefused() {
        GraphScene scene;
        const layout::Drawing drawing = test::diamondDrawing();
        layout::Placement placement = test::placeInRanks(drawing, GraphScene::nodeSizes(drawing, {}));
        placement.nodes.pop_back();
        QVERIFY(!scene.setDrawing(drawing, placement, {}));
        QVERIFY(scene.nodes().empty());
    }
    void failureIsAShortTextAndNoOtherGraph() {
        GraphView view(nullptr, [](const auto& drawing, const auto& sizes, auto) -> base::Result<layout::Placement> {
            if (drawing.name == "chain") return test::placeInRanks(drawing, sizes);
            return base::failure(base::ErrorCode::NotFound, "Graphviz is not installed.");
        });
        view.show();
        view.setDrawing(test::chainDrawing(3));
        QTRY_COMPARE(view.scene()->nodes().size(), std::size_t{3});
        view.setDrawing(test::diamondDrawing());
        const auto shownText = [&] {
            for (const QLabel* label : view.findChildren<QLabel*>()) {
                if (label->isVisible() && label->text() == QStringLiteral("Graphviz is not installed.")) return true;
            }
            return false;
        };
        QTRY_VERIFY(shownText());
        QVERIFY(view.scene()->nodes().empty());
        QVERIFY(!view.isLayingOut());
    }
    void aCoverHidesTheDrawingAndGivesItBack() {
        show(test::diamondDrawing());
        QSignalSpy cancelled(m_view.get(), &GraphView::coverCancelled);
        m_view->setCover(QStringLiteral("Opening big.pt…"));
        QCOMPARE(m_view->cover(), QStringLiteral("Opening big.pt…"));
        QVERIFY(m_view->childAt(m_view->rect().center()) != m_view->canvas()->viewport());
        for (auto* button : m_view->findChildren<QPushButton*>()) {
            if (button->isVisible()) QTest::mouseClick(button, Qt::LeftButton);
        }
        QCOMPARE(cancelled.size(), 1);
        m_view->setCover({});
        QVERIFY(m_view->cover().isEmpty());
        QVERIFY(!m_view->scene()->nodes().empty());
    }
    void aLongLayoutCanBeCancelled() {
        GraphView view(nullptr, [](const auto&, const auto&, std::stop_token stop) -> base::Result<layout::Placement> {
            std::mutex mutex;
            std::condition_variable_any stopped;
            std::unique_lock lock(mutex);
            stopped.wait(lock, stop, [] { return false; });
            return base::failure(base::ErrorCode::Cancelled, "Cancelled.");
        });
        view.resize(600, 400);
        view.show();
        view.setDrawing(test::diamondDrawing());
        auto* button = view.findChild<QPushButton*>();
        QVERIFY(!button->isVisible()); // short layouts do not flicker
        QTRY_VERIFY(button->isVisible());
        QCOMPARE(button->text(), QStringLiteral("Cancel"));
        QTest::mouseClick(button, Qt::LeftButton);
        QCOMPARE(button->text(), QStringLiteral("Lay Out Again"));
    }
    void hostileNamesStayText() {
        layout::Drawing drawing = test::diamondDrawing();
        drawing.nodes[1].label = "<img src='file:///etc/passwd'>" + std::string(5000, 'x');
        show(drawing);
        const NodeItem* node = m_view->scene()->node(QStringLiteral("conv1"));
        QVERIFY(!node->toolTip().contains(QStringLiteral("<img")));
        QVERIFY(node->card().width() < 400);
    }
    void thousandsOfNodesPaintFast() {
        show(test::chainDrawing(6000));
        for (const double zoom : {1.0, 0.3, 0.05}) {
            m_view->canvas()->setZoom(zoom, {});
            QElapsedTimer clock;
            clock.start();
            QVERIFY(!m_view->grab().isNull());
            QVERIFY2(clock.elapsed() < 500, qPrintable(QString::number(clock.elapsed())));
        }
    }
};

QTEST_MAIN(GraphViewTest)
#include "graph_view_test.moc"
