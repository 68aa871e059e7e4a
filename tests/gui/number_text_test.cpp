#include <limits>

#include <QLocale>
#include <QTest>

#include <views/models/number_text.h>

using namespace lathe::views;

class NumberTextTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { QLocale::setDefault(QLocale(QStringLiteral("en"))); }

    void numbersAreShort_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected");
        QTest::newRow("count") << countText(61706) << QStringLiteral("61,706");
        QTest::newRow("bytes") << bytesText(950) << QStringLiteral("950 B");
        QTest::newRow("kilobytes") << bytesText(31'400) << QStringLiteral("31.4 kB");
        QTest::newRow("rounds into the next unit") << bytesText(999'900) << QStringLiteral("1.00 MB");
        QTest::newRow("unknown count") << knownCountText(0) << QStringLiteral("–");
        QTest::newRow("known count") << knownCountText(61'706) << QStringLiteral("61,706");
        QTest::newRow("signature") << signatureText(QStringLiteral("input_ids: int64[s43,24]")) << QStringLiteral("input_ids s43×24");
        QTest::newRow("signature of a number") << signatureText(QStringLiteral("x: float32[]")) << QStringLiteral("x");
        QTest::newRow("signature without shape") << signatureText(QStringLiteral("a: b: float32")) << QStringLiteral("a: b: float32");
        QTest::newRow("unknown macs") << macsText(0) << QStringLiteral("–");
        QTest::newRow("macs") << macsText(416'520) << QStringLiteral("417 kMAC");
        QTest::newRow("percent") << percentText(0.904, 2) << QStringLiteral("90.40 %");
        QTest::newRow("not a number") << percentText(std::numeric_limits<double>::quiet_NaN()) << QStringLiteral("–");
        QTest::newRow("zero") << figureText(0.0) << QStringLiteral("0");
        QTest::newRow("four digits") << figureText(0.04123) << QStringLiteral("0.04123");
        QTest::newRow("large") << figureText(1234.5) << QStringLiteral("1,235");
        QTest::newRow("tiny") << figureText(1.2e-7) << QStringLiteral("1.20E-07");
        QTest::newRow("missing") << figureText(std::nullopt) << QStringLiteral("–");
        QTest::newRow("infinite") << decibelText(std::numeric_limits<double>::infinity()) << QStringLiteral("–");
        QTest::newRow("microseconds") << microsecondsText(9.5) << QStringLiteral("9.50 µs");
        QTest::newRow("seconds") << durationText(24) << QStringLiteral("0:24");
        QTest::newRow("hours") << durationText(3725) << QStringLiteral("1:02:05");
        QTest::newRow("negative") << durationText(-3) << QStringLiteral("0:00");
        QTest::newRow("shape") << shapeText(QStringLiteral("1x6x28x28")) << QStringLiteral("1×6×28×28");
    }
    void numbersAreShort() {
        QFETCH(QString, text);
        QFETCH(QString, expected);
        QCOMPARE(text, expected);
    }
};

QTEST_GUILESS_MAIN(NumberTextTest)
#include "number_text_test.moc"
