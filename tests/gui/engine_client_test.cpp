#include <QSignalSpy>
#include <QTest>

#include <core/client/requests.h>
#include <tests/gui/fake_transport.h>
#include <views/jobs/engine_client.h>
#include <views/jobs/engine_process.h>

using namespace lathe;
using namespace lathe::views;

class EngineClientTest : public QObject {
    Q_OBJECT

private slots:
    void init() {
        auto transport = std::make_unique<test::FakeTransport>();
        m_transport = transport.get();
        m_client = std::make_unique<EngineClient>(std::move(transport));
        m_answers.clear();
    }

    void theFirstRequestStartsTheEngine() {
        QVERIFY(!m_client->isEngineRunning());
        ask(client::method::hello);
        QVERIFY(m_answers.empty()); // never from inside request()
        QTRY_COMPARE(m_answers.size(), 1u);
        QVERIFY(m_answers[0]);
        QCOMPARE(m_transport->starts(), 1);
    }

    void deathFailsWhatIsOpenAndTheNextRequestStartsAnother() {
        QSignalSpy died(m_client.get(), &EngineClient::engineDied);
        m_transport->hold(client::method::hello);
        ask(client::method::hello);
        ask(client::method::hello);
        m_transport->die(QStringLiteral("it was killed by signal 9"));
        QTRY_COMPARE(m_answers.size(), 2u);
        QVERIFY(!m_answers[0] && !m_answers[1]);
        QVERIFY(m_answers[0].error().message.text().find("signal 9") != std::string::npos);
        QCOMPARE(died.size(), 1);
        m_transport->release();
        ask(client::method::hello);
        QTRY_COMPARE(m_answers.size(), 3u);
        QVERIFY(m_answers[2]);
        QCOMPARE(m_transport->starts(), 2);
    }

    void aForgottenAnswerIsDropped() {
        const EngineClient::RequestId first = ask(client::method::hello);
        m_client->forget(first);
        ask(client::method::hello);
        QTRY_COMPARE(m_answers.size(), 1u);
        QVERIFY(!m_client->isOpen(first));
    }

    void nobodyIsCalledAfterTheContextIsGone() {
        auto context = std::make_unique<QObject>();
        bool wasCalled = false;
        m_client->request(client::method::hello, base::Json::object(), context.get(),
                          [&](const base::Result<base::Json>&) { wasCalled = true; });
        context.reset();
        ask(client::method::hello);
        QTRY_COMPARE(m_answers.size(), 1u);
        QVERIFY(!wasCalled);
    }

    void progressReachesItsRequest() {
        m_transport->hold(client::method::run);
        std::vector<std::string> phases;
        const EngineClient::RequestId id = m_client->request(
            client::method::run, base::Json::object(), this, [](const base::Result<base::Json>&) {},
            [&](const base::Progress& progress) { phases.push_back(progress.phase); });
        base::Progress progress;
        progress.phase = "finetune";
        m_transport->notifyProgress(id, progress);
        m_transport->notifyProgress(id + 1, progress);
        QTRY_COMPARE(phases.size(), 1u);
    }

    void cancellingAnswersWithCancelled() {
        m_transport->hold(client::method::run);
        const EngineClient::RequestId id = ask(client::method::run);
        m_client->cancel(id);
        QTRY_COMPARE(m_answers.size(), 1u);
        QCOMPARE(m_answers[0].error().code, base::ErrorCode::Cancelled);
    }

    // An engine that does not keep to the protocol is replaced; the window goes on.
    void nonsenseEndsTheEngine() {
        QSignalSpy died(m_client.get(), &EngineClient::engineDied);
        m_transport->hold(client::method::hello);
        ask(client::method::hello);
        m_transport->sendBytes("HTTP/1.1 200 OK\r\n\r\n");
        QTRY_COMPARE(died.size(), 1);
        QVERIFY(!m_answers[0]);
    }

    void aMissingProgramIsSaidInOneSentence() {
        qputenv("LATHE_CLI", "/nowhere/lathe-cli");
        EngineClient client(std::make_unique<EngineProcess>());
        QSignalSpy died(&client, &EngineClient::engineDied);
        base::Result<base::Json> answer = base::Json();
        client.request(client::method::hello, base::Json::object(), this, [&](const base::Result<base::Json>& result) { answer = result; });
        QTRY_COMPARE(died.size(), 1);
        QVERIFY(!answer);
        QVERIFY2(died.first().first().toString().contains(QStringLiteral("/nowhere/lathe-cli")),
                 qPrintable(died.first().first().toString()));
        qunsetenv("LATHE_CLI");
    }

private:
    EngineClient::RequestId ask(const char* method) {
        return m_client->request(method, base::Json::object(), this,
                                 [this](const base::Result<base::Json>& result) { m_answers.push_back(result); });
    }
    test::FakeTransport* m_transport = nullptr;
    std::unique_ptr<EngineClient> m_client;
    std::vector<base::Result<base::Json>> m_answers;
};

QTEST_GUILESS_MAIN(EngineClientTest)
#include "engine_client_test.moc"
