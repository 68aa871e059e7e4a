#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include <core/steps/step_table.h>
#include <tests/gui/window_fixture.h>
#include <views/panels/recipe_panel.h>
#include <views/panels/step_delegate.h>
#include <views/widgets/theme.h>

using namespace lathe;
using namespace lathe::views;

class RecipePanelTest : public QObject {
    Q_OBJECT

private slots:
    void init() {
        m_parts = std::make_unique<Parts>();
        for (const char* op : {"fuse.conv_relu", "prune.structured", "quantize.static"})
            m_parts->editor.addStep(op);
        m_parts->panel.resize(280, 600);
        m_parts->panel.show();
        QVERIFY(QTest::qWaitForWindowExposed(&m_parts->panel));
    }
    void cleanup() { m_parts.reset(); }

    void spaceSwitchesTheCurrentStep() {
        list()->setCurrentIndex(m_parts->session.recipe().index(1));
        QTest::keyClick(list(), Qt::Key_Space);
        QVERIFY(!m_parts->session.recipe().step(1).enabled);
        QTest::keyClick(list(), Qt::Key_Space);
        QVERIFY(m_parts->session.recipe().step(1).enabled);
        QCOMPARE(m_parts->session.undoStack().count(), 5);
    }

    void aClickOnTheSwitchSwitchesAndBesideItSelects() {
        const QRect card = list()->visualRect(m_parts->session.recipe().index(2));
        QTest::mouseClick(list()->viewport(), Qt::LeftButton, {}, StepDelegate::switchRect(card).center());
        QVERIFY(!m_parts->session.recipe().step(2).enabled);
        QTest::mouseClick(list()->viewport(), Qt::LeftButton, {}, card.center() - QPoint(40, 0));
        QVERIFY(!m_parts->session.recipe().step(2).enabled);
        QCOMPARE(m_parts->session.selectedStep(), 2);
    }

    void arrowKeysSelectTheStepEverywhere() {
        list()->setCurrentIndex(m_parts->session.recipe().index(0));
        QTest::keyClick(list(), Qt::Key_Down);
        QCOMPARE(m_parts->session.selectedStep(), 1);
        m_parts->session.selectStep(2);
        QCOMPARE(list()->currentIndex().row(), 2);
    }

    void clickingAStepLetsGoOfTheLayers() {
        m_parts->session.setModel(test::LenetEngine::open("lenet5.pt", 1));
        m_parts->session.selectNodes({QStringLiteral("conv1")});
        QTest::mouseClick(list()->viewport(), Qt::LeftButton, {}, list()->visualRect(m_parts->session.recipe().index(0)).center());
        QVERIFY(m_parts->session.selectedNodes().isEmpty());
    }

    void theMenuAddsBehindTheSelectedStep() {
        m_parts->session.selectStep(1);
        for (QAction* action : m_parts->panel.addMenu()->actions()) {
            if (action->data().toString() == QLatin1String("finetune")) action->trigger();
        }
        QCOMPARE(m_parts->session.recipe().step(2).op, std::string("finetune"));
        QCOMPARE(m_parts->session.selectedStep(), 2);
    }

    void theMenuOffersEveryStep() {
        int offered = 0;
        for (const QAction* action : m_parts->panel.addMenu()->actions())
            offered += action->isSeparator() ? 0 : 1;
        QCOMPARE(offered, static_cast<int>(steps::stepSpecs().size()));
    }

    void aRecipeThatFailsIsShownAtItsStep() {
        m_parts->session.setModel(test::LenetEngine::open("lenet5.pt", 1));
        client::PreviewReply preview = test::LenetEngine::preview(m_parts->session.recipe().recipe());
        preview.stages.resize(1);
        preview.error = "There is no layer conv9.";
        m_parts->session.setPreview(preview);
        QCOMPARE(m_parts->session.recipe().index(1).data(RecipeModel::ProblemRole).toString(), QStringLiteral("There is no layer conv9."));
        m_parts->session.setPreview(test::LenetEngine::preview(m_parts->session.recipe().recipe()));
        QVERIFY(m_parts->session.recipe().index(1).data(RecipeModel::ProblemRole).toString().isEmpty());
    }

    void aStepThatChangesNothingIsMarked() {
        m_parts->session.setModel(test::LenetEngine::open("lenet5.pt", 1));
        m_parts->editor.addStep("fuse.conv_bn");
        m_parts->session.setPreview(test::LenetEngine::preview(m_parts->session.recipe().recipe()));
        QVERIFY(m_parts->session.recipe().index(3).data(RecipeModel::WarningRole).toString().startsWith(QStringLiteral("Nothing to fold")));
        for (int row = 0; row < 3; ++row)
            QVERIFY(m_parts->session.recipe().index(row).data(RecipeModel::WarningRole).toString().isEmpty());
        // The card shows it in place of its settings and is high enough for it.
        QStyleOptionViewItem option;
        option.font = list()->font();
        option.widget = list();
        const QModelIndex index = m_parts->session.recipe().index(3);
        const int marked = list()->itemDelegate()->sizeHint(option, index).height();
        m_parts->session.setPreview(std::nullopt);
        QVERIFY(list()->itemDelegate()->sizeHint(option, index).height() < marked);
    }

    void cardsAreHighEnoughForTheirText() {
        m_parts->panel.resize(220, 600);
        QStyleOptionViewItem option;
        option.font = list()->font();
        option.widget = list();
        m_parts->editor.setParameter(
            {1, "ratio", {QStringLiteral("a.very.long.layer.name.conv1"), QStringLiteral("another.long.name.conv2")}}, 0.2);
        const int narrow = list()->itemDelegate()->sizeHint(option, m_parts->session.recipe().index(1)).height();
        m_parts->panel.resize(900, 600);
        QCoreApplication::sendPostedEvents();
        const int wide = list()->itemDelegate()->sizeHint(option, m_parts->session.recipe().index(1)).height();
        QVERIFY2(narrow > wide, qPrintable(QStringLiteral("%1 %2").arg(narrow).arg(wide)));
    }

private:
    struct Parts {
        Session session;
        RecipeEditor editor{session.recipe(), session.undoStack()};
        RecipePanel panel{session, editor};
    };
    [[nodiscard]] QListView* list() const { return m_parts->panel.list(); }
    test::TestHome m_home;
    std::unique_ptr<Parts> m_parts;
};

QTEST_MAIN(RecipePanelTest)
#include "recipe_panel_test.moc"
