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
        m_panel = std::make_unique<LayersPanel>(*m_session);
        m_panel->resize(900, 300);
        m_panel->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_panel.get()));
    }
    void cleanup() {
        m_panel.reset();
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

private:
    void click(int row, Qt::KeyboardModifiers modifiers) {
        QTableView* table = m_panel->table();
        QTest::mouseClick(table->viewport(), Qt::LeftButton, modifiers, table->visualRect(table->model()->index(row, 0)).center());
    }
    test::TestHome m_home;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<LayersPanel> m_panel;
};

QTEST_MAIN(LayersPanelTest)
#include "layers_panel_test.moc"
