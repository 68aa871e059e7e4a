#include <views/models/export_formats.h>

#include <QSet>
#include <QTest>

using namespace lathe::views;

class ExportFormatsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyFormatHasItsWords() {
        QSet<QString> ids, keys;
        for (const ExportFormat& format : exportFormats()) {
            QVERIFY2(!ids.contains(format.id), qPrintable(format.id));
            ids.insert(format.id);
            QVERIFY(format.ending.startsWith(u'.'));
            QVERIFY(!format.title().isEmpty() && !format.purpose().isEmpty());
            const qsizetype key = format.menuTitle().indexOf(u'&');
            QVERIFY2(key >= 0, qPrintable(format.menuTitle()));
            const QString letter = format.menuTitle().mid(key + 1, 1).toLower();
            QVERIFY2(!keys.contains(letter), qPrintable(format.menuTitle()));
            keys.insert(letter);
        }
        QVERIFY(ids.contains(QStringLiteral("onnx")) && ids.contains(reportFormat) && ids.contains(recipeFormat));
    }
    void modelsCanBeChosenByTheirEndings() {
        QCOMPARE(modelFilePatterns(), QStringLiteral("*.pt *.pth *.jit *.ts *.pt2 *.onnx"));
        QCOMPARE(modelFormatNames(), QStringLiteral("TorchScript (.pt), torch.export (.pt2) or ONNX (.onnx)"));
    }
};

QTEST_MAIN(ExportFormatsTest)
#include "export_formats_test.moc"
