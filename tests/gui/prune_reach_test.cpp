#include <views/models/prune_reach.h>

#include <QTest>

#include <tests/gui/lenet_engine.h>

using namespace lathe;
using namespace lathe::views;

class PruneReachTest : public QObject {
    Q_OBJECT

private slots:
    void init() {
        m_session = std::make_unique<Session>();
        m_session->setModel(test::LenetEngine::open("lenet5.pt", 1));
        m_recipe = {};
        m_recipe.steps.resize(2);
        m_recipe.steps[0].op = "fuse.conv_relu";
        m_recipe.steps[1].op = "prune.structured";
        show();
    }

    void whatShrinksAndWhyTheRestStays() {
        const PruneReach reach = pruneReach(*m_session, 1);
        for (const char* name : {"conv1", "conv2", "fc1", "fc2", "fc3"})
            QVERIFY2(reach.shrinking.contains(QString::fromLatin1(name)), name); // fc3 by its inputs
        QCOMPARE(reach.staying.keys(), QStringList{QStringLiteral("fc3")});
        QVERIFY(reach.staying.value(QStringLiteral("fc3")).contains(QStringLiteral("is an output of the model")));
    }
    void aLayerThatTheStepLeavesOutStays() {
        m_recipe.steps[1].where = {"!conv1", "!conv2"};
        show();
        const PruneReach reach = pruneReach(*m_session, 1);
        QVERIFY(!reach.shrinking.contains(QStringLiteral("conv1")));
        QVERIFY(!reach.shrinking.contains(QStringLiteral("conv2")));
        QVERIFY(reach.shrinking.contains(QStringLiteral("fc1")));
        QCOMPARE(reach.staying.value(QStringLiteral("conv1")), QStringLiteral("The step leaves this layer out."));
    }
    void otherStepsAndNoneReachNothing() {
        for (const int step : {-1, 0, 2})
            QVERIFY(pruneReach(*m_session, step).shrinking.isEmpty() && pruneReach(*m_session, step).staying.isEmpty());
        m_recipe.steps[1].enabled = false;
        show();
        QVERIFY(pruneReach(*m_session, 1).shrinking.isEmpty());
        m_session->setPreview(std::nullopt);
        QVERIFY(pruneReach(*m_session, 1).staying.isEmpty());
    }

private:
    void show() {
        m_session->recipe().setRecipe(m_recipe);
        m_session->setPreview(test::LenetEngine::preview(m_recipe));
    }

    recipe::Recipe m_recipe;
    std::unique_ptr<Session> m_session;
};

QTEST_GUILESS_MAIN(PruneReachTest)
#include "prune_reach_test.moc"
