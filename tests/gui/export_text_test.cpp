#include <views/models/export_text.h>

#include <QLocale>
#include <QTest>

using namespace lathe;
using namespace lathe::views;

class ExportTextTest : public QObject {
    Q_OBJECT

private:
    history::ExportCheck m_same{"lathe", "0.1.0", history::ExportVerdict::Same, 0.0021, 0.0003, 0.998, 4.25, ""};
    history::ExportCheck m_other{"torch", "2.11.0", history::ExportVerdict::Different, {}, {}, {}, {}, "It is another shape."};
    history::ExportCheck m_none{"onnxruntime", "", history::ExportVerdict::NotJudged, {}, {}, {}, {}, "It is not installed."};

private slots:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }

    void aJudgeHasItsVersionWhenItIsKnown() {
        QCOMPARE(export_text::judge(m_same), QStringLiteral("lathe 0.1.0"));
        QCOMPARE(export_text::judge(m_none), QStringLiteral("onnxruntime"));
    }
    void figuresThatAreMissingAreDashes() {
        QCOMPARE(export_text::difference(m_same), QStringLiteral("0.002100 (0.03 %)"));
        QCOMPARE(export_text::difference(m_none), QStringLiteral("–"));
        history::ExportCheck zeros = m_same;
        zeros.maxRelError.reset(); // all outputs are zero
        QCOMPARE(export_text::difference(zeros), QStringLiteral("0.002100"));
        QCOMPARE(export_text::milliseconds(4.25), QStringLiteral("4.25 ms"));
        QCOMPARE(export_text::milliseconds(std::nullopt), QStringLiteral("–"));
    }
    void reasonsNameTheJudge() {
        QCOMPARE(export_text::reason(m_same), QString());
        QCOMPARE(export_text::reason(m_other), QStringLiteral("torch 2.11.0: It is another shape."));
        QCOMPARE(export_text::reason(m_none), QStringLiteral("onnxruntime could not judge the file: It is not installed."));
    }
    void oneJudgeThatFindsADifferenceDecides() {
        QCOMPARE(export_text::verdict({m_same, m_other, m_none}), QStringLiteral("✗ different"));
        QCOMPARE(export_text::verdict({m_none, m_same}), QStringLiteral("✓ the same"));
        QCOMPARE(export_text::verdict({m_none}), QStringLiteral("– not judged"));
        QCOMPARE(export_text::verdict(std::vector<history::ExportCheck>{}), QStringLiteral("– not verified"));
    }
    void theSummaryHasALineForEachJudge() {
        history::ExportedFile exported;
        exported.file = "/home/ada/int8.onnx";
        exported.bytes = 66'000;
        exported.originalBytes = 247'000;
        QCOMPARE(export_text::summary(exported), QStringLiteral("int8.onnx · 66 kB, the original 247 kB\nnot verified"));
        exported.checks = {m_same, m_other, m_none};
        QCOMPARE(export_text::summary(exported).split(u'\n'),
                 (QStringList{QStringLiteral("int8.onnx · 66 kB, the original 247 kB"),
                              QStringLiteral(
                                  "lathe 0.1.0: ✓ the same · largest difference 0.002100 (0.03 %) · same top-1 99.80 % · loads in 4.25 ms"),
                              QStringLiteral("torch 2.11.0: ✗ different · It is another shape."),
                              QStringLiteral("onnxruntime could not judge the file: It is not installed.")}));
    }
};

QTEST_MAIN(ExportTextTest)
#include "export_text_test.moc"
