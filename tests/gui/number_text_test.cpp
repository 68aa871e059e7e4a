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
        QTest::newRow("unknown count") << knownCountText(std::nullopt) << QStringLiteral("unknown");
        QTest::newRow("a count of zero is known") << knownCountText(0) << QStringLiteral("0");
        QTest::newRow("known count") << knownCountText(61'706) << QStringLiteral("61,706");
        QTest::newRow("signature") << signatureText(QStringLiteral("input_ids: int64[s43,24]")) << QStringLiteral("input_ids s43×24");
        QTest::newRow("signature of a number") << signatureText(QStringLiteral("x: float32[]")) << QStringLiteral("x");
        QTest::newRow("signature without shape") << signatureText(QStringLiteral("a: b: float32")) << QStringLiteral("a: b: float32");
        QTest::newRow("unknown macs") << macsText(0, 3) << QStringLiteral("MACs unknown");
        QTest::newRow("no macs") << macsText(0) << QStringLiteral("0 MAC");
        QTest::newRow("a part is not the whole") << macsText(136'000, 14) << QStringLiteral("≥ 136 kMAC, 14 layers unknown");
        QTest::newRow("macs") << macsText(416'520) << QStringLiteral("417 kMAC");
        QTest::newRow("percent") << percentText(0.904, 2) << QStringLiteral("90.40 %");
        QTest::newRow("not a number") << percentText(std::numeric_limits<double>::quiet_NaN()) << QStringLiteral("–");
        QTest::newRow("zero") << figureText(0.0) << QStringLiteral("0");
        QTest::newRow("four digits") << figureText(0.04123) << QStringLiteral("0.04123");
        QTest::newRow("large") << figureText(1234.5) << QStringLiteral("1,235");
        QTest::newRow("small") << figureText(1.2e-5) << QStringLiteral("0.00001200");
        QTest::newRow("tiny") << figureText(1.2e-7) << QStringLiteral("< 0.000001");
        QTest::newRow("tiny and negative") << figureText(-1.2e-7) << QStringLiteral("> −0.000001");
        QTest::newRow("over a hundred thousand") << figureText(125'430.2) << QStringLiteral("125,430");
        QTest::newRow("millions") << figureText(1'254'300.2) << QStringLiteral("1.25 M");
        QTest::newRow("missing") << figureText(std::nullopt) << QStringLiteral("–");
        QTest::newRow("infinite") << decibelText(std::numeric_limits<double>::infinity()) << QStringLiteral("–");
        QTest::newRow("setting") << settingText(0.9) << QStringLiteral("0.9");
        QTest::newRow("small setting") << settingText(0.00001) << QStringLiteral("0.00001");
        QTest::newRow("whole setting") << settingText(10) << QStringLiteral("10");
        QTest::newRow("microseconds") << microsecondsText(9.5) << QStringLiteral("9.50 µs");
        QTest::newRow("milliseconds") << microsecondsText(1'710) << QStringLiteral("1.71 ms");
        QTest::newRow("seconds of a call") << microsecondsText(12.34e6) << QStringLiteral("12.3 s");
        QTest::newRow("no time") << microsecondsText(0.0) << QStringLiteral("0 µs");
        QTest::newRow("negative time") << microsecondsText(-12.34) << QStringLiteral("-12.3 µs");
        QTest::newRow("one prefix") << unitText(1'710, QStringLiteral("µs")) << QStringLiteral("1.71 ms");
        QTest::newRow("decibel in a node") << unitText(38.123, QStringLiteral("dB")) << QStringLiteral("38.1 dB");
        QTest::newRow("count in a node") << unitText(61'706, {}) << QStringLiteral("61.7 k");
        QTest::newRow("figure in a node") << unitText(0.04123, {}) << QStringLiteral("0.0412");
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
