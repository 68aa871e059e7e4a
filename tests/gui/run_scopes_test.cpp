#include <views/models/run_scopes.h>

#include <QSignalSpy>
#include <QTest>

#include <tests/gui/run_rows.h>
#include <views/models/text.h>

using namespace lathe;
using namespace lathe::views;

class RunScopesTest : public QObject {
    Q_OBJECT

private:
    static history::RunRow run(const char* model, const char* data, const char* threads = "2") {
        history::RunRow row = test::baselineRow();
        row.modelFile = "/models/" + std::string(model);
        row.modelSha256 = std::string("sha of ") + model;
        row.dataName = data;
        row.device = "cpu";
        row.environment = {{"cpu", "EPYC"}, {"threads", threads}};
        return row;
    }
    static RunScopes::Open open(const char* model, const char* data = "", int threads = 2) {
        return {QStringLiteral("sha of %1").arg(QLatin1String(model)), QLatin1String(model), QLatin1String(data), QStringLiteral("cpu"),
                threads};
    }
    static QStringList titles(const RunScopes& scopes) {
        QStringList all;
        for (const RunScopes::Entry& entry : scopes.entries())
            all.append(entry.title);
        return all;
    }
    static QString shown(const RunScopes& scopes) { return scopes.entries().at(static_cast<std::size_t>(scopes.current())).title; }

private Q_SLOTS:
    void oneScopeIsNoChoice() {
        RunScopes scopes;
        QVERIFY(!scopes.hasChoice());
        QVERIFY(!scopes.scope());
        scopes.setRuns({run("a.pt", "digits"), run("a.pt", "digits")});
        QVERIFY(!scopes.hasChoice());
        QVERIFY(scopes.scope());
    }
    void titlesHoldWhatTellsScopesApart() {
        RunScopes scopes;
        scopes.setRuns({run("a.pt", "digits"), run("b.pt", "digits"), run("b.pt", "digits", "4")});
        QCOMPARE(titles(scopes), (QStringList{QStringLiteral("a.pt · digits"), QStringLiteral("b.pt · digits · 2 thread(s)"),
                                              QStringLiteral("b.pt · digits · 4 thread(s)"), QStringLiteral("All runs")}));
        history::RunRow other = run("a.pt", "digits");
        other.modelSha256 = "0123456789";
        scopes.setRuns({run("a.pt", "digits"), other});
        QCOMPARE(titles(scopes)[1], QStringLiteral("a.pt (01234567) · digits"));
    }
    void followsWhatIsOpen() {
        RunScopes scopes;
        scopes.setRuns({run("a.pt", "digits"), run("b.pt", "digits"), run("b.pt", "letters"), run("b.pt", "letters", "4")});
        scopes.follow(open("b.pt"));
        QCOMPARE(shown(scopes), QStringLiteral("b.pt · digits"));
        scopes.follow(open("b.pt", "/data/letters", 4));
        QCOMPARE(shown(scopes), QStringLiteral("b.pt · letters · 4 thread(s)"));
        scopes.follow(open("a.pt", "letters"));
        QCOMPARE(shown(scopes), QStringLiteral("a.pt · digits"));
        // A model without runs has none; those of others are not shown as its own.
        scopes.follow(open("c.pt", "digits"));
        QCOMPARE(shown(scopes), QStringLiteral("c.pt · no runs yet"));
        QVERIFY(!scopes.entries().front().hasRuns);
        QCOMPARE(scopes.scope()->model, std::string("sha of c.pt"));
    }
    void aChoiceStaysUntilSomethingElseIsOpened() {
        RunScopes scopes;
        QSignalSpy changed(&scopes, &RunScopes::changed);
        scopes.setRuns({run("a.pt", "digits"), run("b.pt", "digits")});
        scopes.follow(open("a.pt"));
        scopes.choose(1);
        QCOMPARE(shown(scopes), QStringLiteral("b.pt · digits"));
        scopes.setRuns({run("c.pt", "digits"), run("a.pt", "digits"), run("b.pt", "digits")}); // a poll
        QCOMPARE(shown(scopes), QStringLiteral("b.pt · digits"));
        scopes.choose(3);
        QVERIFY(scopes.showsAll());
        QCOMPARE(scopes.scope()->modelName, std::string("b.pt"));
        scopes.follow(open("a.pt", "", 0)); // the engine is not there: the same model
        QVERIFY(scopes.showsAll());
        scopes.followAgain(); // a.pt was compared
        QCOMPARE(shown(scopes), QStringLiteral("a.pt · digits"));
        scopes.choose(3);
        scopes.follow(open("c.pt"));
        QVERIFY(!scopes.showsAll());
        QCOMPARE(shown(scopes), QStringLiteral("c.pt · digits"));
        const qsizetype count = changed.size();
        scopes.setRuns({run("c.pt", "digits"), run("a.pt", "digits"), run("b.pt", "digits")});
        QCOMPARE(changed.size(), count); // nothing is different
    }
    void saysWhyRunsAreNotCompared() {
        const history::Scope a = history::scopeOf(run("a.pt", "digits")), b = history::scopeOf(run("a.pt", "letters", "4"));
        QCOMPARE(whyNotComparedText(a, a), QString());
        QCOMPARE(whyNotComparedText(a, b),
                 QStringLiteral("different data: digits and letters; different threads: 2 thread(s) and 4 thread(s)"));
    }
};

QTEST_MAIN(RunScopesTest)
#include "run_scopes_test.moc"
