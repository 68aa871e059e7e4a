#include <views/models/engine_text.h>

#include <QtTest>

#include <tests/gui/bracket_translator.h>

namespace lathe::views {

class EngineTextTest : public QObject {
    Q_OBJECT

private slots:
    void init() { QVERIFY(QCoreApplication::installTranslator(&m_translator)); }
    void cleanup() { QCoreApplication::removeTranslator(&m_translator); }

    void namesAndNumbersKeepTheirPlaces_data() {
        QTest::addColumn<QString>("sentence");
        QTest::addColumn<QString>("expected");
        QTest::newRow("none") << QStringLiteral("no integer kernel takes this value")
                              << QStringLiteral("[no integer kernel takes this value]");
        QTest::newRow("one") << QStringLiteral("\"conv1\" is skipped.") << QStringLiteral("[\"conv1\" is skipped.]");
        QTest::newRow("the longer one") << QStringLiteral("The size N is at least 2 and at most 64.")
                                        << QStringLiteral("[The size N is at least 2 and at most 64.]");
        QTest::newRow("a name with a place") << QStringLiteral("Its outputs have shape %2, not 1x10.")
                                             << QStringLiteral("[Its outputs have shape %2, not 1x10.]");
        QTest::newRow("a reason within")
            << QStringLiteral("\"fc\" keeps its 10 channels: only a part of the channels of another layer would go with it.")
            << QStringLiteral("[\"fc\" keeps its 10 channels: [only a part of the channels of another layer would go with it].]");
        QTest::newRow("markup is text") << QStringLiteral("\"<b>\" is skipped.") << QStringLiteral("[\"<b>\" is skipped.]");
        QTest::newRow("unknown") << QStringLiteral("Something else.") << QStringLiteral("Something else.");
        QTest::newRow("known within unknown") << QStringLiteral("x \"conv1\" is skipped. y") << QStringLiteral("x \"conv1\" is skipped. y");
        QTest::newRow("empty") << QString() << QString();
    }
    void namesAndNumbersKeepTheirPlaces() {
        QFETCH(QString, sentence);
        QFETCH(QString, expected);
        QCOMPARE(engineText(sentence), expected);
    }

    void aMessageComesWithItsCode() {
        const base::Message reason("prune.needsOneChannel", {});
        const base::Message message("prune.keepsChannels", {{"layer", "{reason}"}, {"channels", 10}, {"reason", reason}});
        QCOMPARE(engineText(message), QStringLiteral("[\"{reason}\" keeps its 10 channels: [no layer can do without any].]"));
        QCOMPARE(engineText(base::Message("Of a file.")), QStringLiteral("Of a file."));
    }

    void aNameIsNoSentence() {
        const base::Message message("prune.skipped", {{"layer", "No channel was removed."}});
        QCOMPARE(engineText(message), QStringLiteral("[\"No channel was removed.\" is skipped.]"));
    }

    void anErrorComesWithWhatWasBeingDone() {
        const base::Error error{base::ErrorCode::Rejected, {"data.noneNamed", {}}, {{"while.calibrating", {}}, "somewhere"}};
        QCOMPARE(engineText(error), QStringLiteral("[[No data set was named.] ([[while calibrating], somewhere])]"));
    }

    void everyKnownSentenceIsFound() {
        for (const base::MessageSentence& sentence : base::messageSentences()) {
            const std::string text = base::filled(sentence.english, [](std::string_view) { return std::string("7"); });
            const QString plain = QString::fromStdString(text);
            const QString expected = base::isFrame(sentence.english) ? plain : u'[' + plain + u']';
            QCOMPARE(engineText(text), expected);
        }
    }

private:
    BracketTranslator m_translator{"Message"};
};

} // namespace lathe::views

QTEST_GUILESS_MAIN(lathe::views::EngineTextTest)
#include "engine_text_test.moc"
