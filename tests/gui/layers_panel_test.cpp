#include <QSignalSpy>
#include <QTest>

#include <tests/gui/window_fixture.h>
#include <views/panels/layers_panel.h>

using namespace lathe;
using namespace lathe::views;

class LayersPanelTest : public QObject {
    Q_OBJECT

private slots:
    void init() {
        m_session = std::make_unique<Session>();
        m_session->setModel(test::LenetEngine::open("lenet5.pt", 1));
        m_editor = std::make_unique<RecipeEditor>(m_session->recipe(), m_session->undoStack());
        m_panel = std::make_unique<LayersPanel>(*m_session, *m_editor);
        m_panel->resize(900, 300);
        m_panel->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_panel.get()));
    }
    void cleanup() {
        m_panel.reset();
        m_editor.reset();
        m_session.reset();
    }

    void typingAPatternKeepsWhatFits() {
        QTest::keyClicks(m_panel->filterField(), QStringLiteral("fc?"));
        QCOMPARE(m_panel->table()->model()->rowCount(), 3);
        m_panel->filterField()->clear();
        QCOMPARE(m_panel->table()->model()->rowCount(), 5);
    }

    void anEmptyResultSaysWhy() {
        QCOMPARE(m_panel->emptyText(), QString());
        m_panel->filterField()->setText(QStringLiteral("cnv*"));
        QCOMPARE(m_panel->emptyText(), QStringLiteral("No layer fits \"cnv*\"; nearest: \"conv1\"."));
        QVERIFY(!m_panel->table()->isVisible());
        m_panel->filterField()->setText(QStringLiteral("covn"));
        QCOMPARE(m_panel->emptyText(), QStringLiteral("No layer fits \"covn\"; nearest: \"conv1\"."));
        m_panel->filterField()->setText(QStringLiteral("attention"));
        QCOMPARE(m_panel->emptyText(), QStringLiteral("No layer fits \"attention\"."));
        m_panel->filterField()->clear();
        QCOMPARE(m_panel->emptyText(), QString());
        QVERIFY(m_panel->table()->isVisible());
    }

    void returnSelectsAllThatFits() {
        QTest::keyClicks(m_panel->filterField(), QStringLiteral("conv*"));
        QTest::keyClick(m_panel->filterField(), Qt::Key_Return);
        QCOMPARE(m_session->selectedLayers(), (QStringList{QStringLiteral("conv1"), QStringLiteral("conv2")}));
    }

    void rowsAreSelectedByMouseAndKeyboard() {
        click(1, {});
        QCOMPARE(m_session->selectedLayers(), QStringList{QStringLiteral("conv2")});
        click(3, Qt::ControlModifier);
        QCOMPARE(m_session->selectedLayers().size(), 2);
        QTest::keyClick(m_panel->table(), Qt::Key_Up);
        QCOMPARE(m_session->selectedLayers(), QStringList{QStringLiteral("fc1")});
        QTest::keyClick(m_panel->table(), Qt::Key_Up, Qt::ShiftModifier);
        QCOMPARE(m_session->selectedLayers().size(), 2);
    }

    void aSelectionFromElsewhereIsShown() {
        m_session->selectNodes({QStringLiteral("fc3"), QStringLiteral("pool1")});
        const QModelIndexList rows = m_panel->table()->selectionModel()->selectedRows();
        QCOMPARE(rows.size(), 1);
        QCOMPARE(rows.first().data().toString(), QStringLiteral("fc3"));
        // and selecting what has no row does not come back as an empty selection
        QCOMPARE(m_session->selectedNodes().size(), 2);
    }

    void aPreviewKeepsTheSelection() {
        click(2, {});
        recipe::Recipe recipe;
        recipe.steps.resize(1);
        recipe.steps[0].op = "quantize.static";
        m_session->setPreview(test::LenetEngine::preview(recipe));
        QCOMPARE(m_panel->table()->selectionModel()->selectedRows().size(), 1);
        QCOMPARE(m_session->selectedLayers(), QStringList{QStringLiteral("fc1")});
    }

    void theRatioOfAStepIsChangedInTheTable() {
        QVERIFY(m_panel->table()->isColumnHidden(LayersModel::Setting));
        m_editor->addStep("fuse.conv_relu");
        m_editor->addStep("prune.structured");
        QVERIFY(!m_panel->table()->isColumnHidden(LayersModel::Setting));
        QCOMPARE(m_panel->table()->model()->headerData(LayersModel::Setting, Qt::Horizontal).toString(),
                 QStringLiteral("Pruned share (step 2)"));
        QCOMPARE(setting(1).data().toString(), QStringLiteral("50 %"));

        edit(1, 30);
        QCOMPARE(m_session->recipe().step(1).layers.size(), std::size_t{1});
        QVERIFY(m_session->recipe().step(1).parameter("ratio", "conv2") == base::Json(0.3));
        QVERIFY(m_session->recipe().step(1).parameter("ratio", "conv1") == base::Json(0.5));
        QCOMPARE(setting(1).data().toString(), QStringLiteral("30 %"));
        m_session->undoStack().undo();
        QVERIFY(m_session->recipe().step(1).layers.empty());

        // Of all that are selected.
        m_session->selectNodes({QStringLiteral("conv1"), QStringLiteral("fc2")});
        edit(3, 20);
        for (const char* layer : {"conv1", "fc2"})
            QVERIFY(m_session->recipe().step(1).parameter("ratio", layer) == base::Json(0.2));
        QVERIFY(m_session->recipe().step(1).parameter("ratio", "fc1") == base::Json(0.5));
    }

    void theRatioOfAPatternStaysAPattern() {
        m_editor->addStep("prune.structured");
        QTest::keyClicks(m_panel->filterField(), QStringLiteral("fc"));
        QTest::keyClick(m_panel->filterField(), Qt::Key_Return);
        edit(0, 10);
        QCOMPARE(m_session->recipe().step(0).layers.size(), std::size_t{1});
        QCOMPARE(m_session->recipe().step(0).layers.front().first, std::string("*fc*"));
        QVERIFY(m_session->recipe().step(0).parameter("ratio", "fc3") == base::Json(0.1));
        // One of them alone again.
        m_session->selectNodes({QStringLiteral("fc1")});
        edit(0, 40);
        QVERIFY(m_session->recipe().step(0).parameter("ratio", "fc1") == base::Json(0.4));
        QVERIFY(m_session->recipe().step(0).parameter("ratio", "fc2") == base::Json(0.1));
    }

    void aLayerThatIsSkippedHasNoRatio() {
        m_editor->addStep("prune.unstructured");
        m_editor->setParameter({0, "skip", {QStringLiteral("fc1")}}, true);
        QCOMPARE(setting(2).data().toString(), QStringLiteral("–"));
        QVERIFY(!(setting(2).flags() & Qt::ItemIsEditable));
        QVERIFY(setting(1).flags() & Qt::ItemIsEditable);
        // 200 % is what there is at most, words are nothing.
        edit(1, 200);
        QVERIFY(m_session->recipe().step(0).parameter("ratio", "conv2").get<double>() <= 1);
        QVERIFY(!m_panel->table()->model()->setData(setting(1), QStringLiteral("half"), Qt::EditRole));
    }

    void columnsThatTellNothingAreAway() {
        const int rank = LayersModel::columnOf("rank");
        QVERIFY(m_panel->table()->isColumnHidden(rank));
        client::PreviewReply reply = test::LenetEngine::preview({});
        reply.layers[2].rank = 12;
        m_session->setPreview(reply);
        QVERIFY(!m_panel->table()->isColumnHidden(rank));
        QCOMPARE(m_panel->table()->model()->index(2, rank).data().toString(), QStringLiteral("12"));
        QCOMPARE(m_panel->table()->model()->index(1, rank).data().toString(), QStringLiteral("–"));
        QVERIFY(!m_panel->table()->isColumnHidden(LayersModel::columnOf("macs")));
    }

private:
    [[nodiscard]] QModelIndex setting(int row) const { return m_panel->table()->model()->index(row, LayersModel::Setting); }
    void edit(int row, double percent) { m_panel->table()->model()->setData(setting(row), percent, Qt::EditRole); }
    void click(int row, Qt::KeyboardModifiers modifiers) {
        QTableView* table = m_panel->table();
        QTest::mouseClick(table->viewport(), Qt::LeftButton, modifiers, table->visualRect(table->model()->index(row, 0)).center());
    }
    test::TestHome m_home;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<RecipeEditor> m_editor;
    std::unique_ptr<LayersPanel> m_panel;
};

QTEST_MAIN(LayersPanelTest)
#include "layers_panel_test.moc"
