#include <views/shell/status_strip.h>

#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QTest>

#include <tests/gui/window_fixture.h>
#include <views/widgets/loss_curve.h>

using namespace lathe;
using namespace lathe::views;

class StatusStripTest : public QObject {
    Q_OBJECT

private slots:
    void init() { m_parts = std::make_unique<Parts>(); }
    void cleanup() { m_parts.reset(); }

    void saysWhatTheEngineIs() {
        QVERIFY(labels().contains(QStringLiteral("Engine: starting")));
        client::HelloReply engine;
        engine.torch = "2.11.0";
        engine.cpuDetail = "AVX-512";
        engine.noise = "high";
        m_parts->session.setEngine(engine);
        QVERIFY(labels().contains(QStringLiteral("Engine: local")));
        QVERIFY(labels().contains(QStringLiteral("LibTorch 2.11.0 · AVX-512")));
        QVERIFY(labels().contains(QStringLiteral("▲ noise high")));
        engine.isolation = "reduced";
        engine.noise = "low";
        m_parts->session.setEngine(engine);
        QVERIFY(labels().contains(QStringLiteral("Engine: local, ▲ reduced isolation")));
        QVERIFY(labels().contains(QStringLiteral("● noise low")));
    }

    void aSentenceStaysUntilWorkBegins() {
        m_parts->strip.say(QStringLiteral("Saved recipe.json."));
        QCOMPARE(m_parts->strip.activity(), QStringLiteral("Saved recipe.json."));
        QVERIFY(cancelButton()->isHidden());
        m_parts->transport->hold("open");
        m_parts->workbench.openModel(QStringLiteral("/models/lenet5.pt"));
        QCOMPARE(m_parts->strip.activity(), QStringLiteral("Opening lenet5.pt"));
        QVERIFY(!cancelButton()->isHidden());
        QTRY_COMPARE(m_parts->transport->count("open"), 1);
        cancelButton()->click();
        QTRY_VERIFY(cancelButton()->isHidden());
        QCOMPARE(m_parts->strip.activity(), QString());
    }

    void theBarIsOfTheWholeRun() {
        m_parts->workbench.openModel(QStringLiteral("lenet5.pt"));
        QTRY_VERIFY(m_parts->session.preview());
        m_parts->transport->hold("run");
        m_parts->workbench.run({});
        QTRY_COMPARE(m_parts->transport->count("run"), 1);
        QCOMPARE(m_parts->strip.activity(), QStringLiteral("Starting"));
        const auto* bar = m_parts->strip.findChild<QProgressBar*>();
        m_parts->session.setProgress({.phase = "quality", .step = 2, .steps = 4, .fraction = 0.5, .secondsLeft = 75});
        QCOMPARE(m_parts->strip.activity(), QStringLiteral("Step 2 of 4 · measuring quality"));
        QCOMPARE(bar->maximum(), 1000);
        QCOMPARE(bar->value(), 375);
        QVERIFY(labels().contains(QStringLiteral("1:15 left")));
        m_parts->session.setProgress({.phase = "finetune", .step = 1, .steps = 4, .values = {{"epoch", 3}, {"epochs", 10}}});
        QCOMPARE(m_parts->strip.activity(), QStringLiteral("Step 1 of 4 · fine-tuning, epoch 3 of 10"));
        QCOMPARE(bar->maximum(), 0); // nobody knows how far it is
        QVERIFY(!labels().contains(QStringLiteral("1:15 left")));
    }

    void aTrainingShowsItsLossAndCanBeEnded() {
        m_parts->workbench.openModel(QStringLiteral("lenet5.pt"));
        QTRY_VERIFY(m_parts->session.preview());
        m_parts->transport->hold("run");
        m_parts->workbench.run({});
        QTRY_COMPARE(m_parts->transport->count("run"), 1);
        auto* finish = m_parts->strip.findChild<QPushButton*>(QStringLiteral("finishTrainingButton"));
        const auto* curve = m_parts->strip.findChild<LossCurve*>();
        QVERIFY(finish->isHidden() && curve->isHidden());
        const auto trained = [&](double fraction, double loss) {
            m_parts->session.setProgress({.phase = "finetune",
                                          .step = 1,
                                          .steps = 4,
                                          .fraction = fraction,
                                          .values = {{"epoch", 1}, {"epochs", 10}, {"loss", loss}}});
        };
        trained(0.01, 2.5);
        trained(0.02, 1.5);
        QVERIFY(!finish->isHidden() && !curve->isHidden());
        QCOMPARE(m_parts->strip.activity(), QStringLiteral("Step 1 of 4 · fine-tuning, epoch 1 of 10, loss 1.500"));
        QCOMPARE(curve->points().size(), std::size_t{2});
        auto* pause = m_parts->strip.findChild<QPushButton*>(QStringLiteral("pauseTrainingButton"));
        QVERIFY(!pause->isHidden());
        QCOMPARE(pause->text(), QStringLiteral("Pause"));
        pause->click();
        QTRY_COMPARE(m_parts->transport->count("$/pauseTraining"), 1);
        m_parts->session.setProgress({.phase = "finetune",
                                      .step = 1,
                                      .steps = 4,
                                      .fraction = 0.02,
                                      .values = {{"epoch", 1}, {"epochs", 10}, {"loss", 1.5}, {"paused", 1}}});
        QCOMPARE(m_parts->strip.activity(), QStringLiteral("Step 1 of 4 · fine-tuning, epoch 1 of 10, loss 1.500, paused"));
        QCOMPARE(pause->text(), QStringLiteral("Continue"));
        pause->click();
        QTRY_COMPARE(m_parts->transport->count("$/resumeTraining"), 1);
        trained(0.03, 1.25);
        QCOMPARE(pause->text(), QStringLiteral("Pause"));
        QCOMPARE(curve->points().size(), std::size_t{3});
        finish->click();
        QTRY_COMPARE(m_parts->transport->count("$/finishTraining"), 1);
        QVERIFY(!finish->isEnabled());
        m_parts->session.setProgress({.phase = "quality", .step = 2, .steps = 4, .fraction = 0.5});
        QVERIFY(pause->isHidden() && finish->isHidden() && curve->isHidden() && curve->points().empty());
    }

private:
    struct Parts {
        Session session;
        test::FakeTransport* transport = new test::FakeTransport; // owned by the client
        EngineClient engine{std::unique_ptr<EngineTransport>(transport)};
        Workbench workbench{session, engine};
        StatusStrip strip{session, workbench};
    };
    [[nodiscard]] QStringList labels() const {
        QStringList texts;
        for (const QLabel* label : m_parts->strip.findChildren<QLabel*>())
            texts << label->text();
        return texts;
    }
    [[nodiscard]] QPushButton* cancelButton() const { return m_parts->strip.findChild<QPushButton*>(QStringLiteral("cancelButton")); }

    test::TestHome m_home;
    std::unique_ptr<Parts> m_parts;
};

QTEST_MAIN(StatusStripTest)
#include "status_strip_test.moc"
