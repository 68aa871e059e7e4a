#include <views/dialogs/exported_files_dialog.h>

#include <QLabel>
#include <QTest>

using namespace lathe;
using namespace lathe::views;

class ExportedFilesDialogTest : public QObject {
    Q_OBJECT

private:
    static history::ExportedFile exported(const char* file, history::ExportVerdict verdict) {
        history::ExportedFile exported;
        exported.file = file;
        exported.format = "onnx";
        exported.bytes = 66'000;
        exported.originalBytes = 247'000;
        exported.createdAt = "2026-01-31T12:00:00Z";
        exported.modelFile = "/models/<b>lenet5.pt";
        exported.recipeSummary = "int8";
        exported.checks = {{"lathe", "0.1.0", verdict, 0.0021, 0.0003, 0.998, 4.25, ""}};
        return exported;
    }

private Q_SLOTS:
    void aLineForEachFileAndTheChecksOfTheSelectedOne() {
        history::ExportedFile unchecked = exported("/old/model.pt", history::ExportVerdict::Same);
        unchecked.checks.clear();
        const ExportedFilesDialog dialog({exported("/new/int8.onnx", history::ExportVerdict::Different), unchecked});
        const QTableWidget& table = *dialog.table();
        QCOMPARE(table.rowCount(), 2);
        QCOMPARE(table.item(0, 0)->text(), QStringLiteral("int8.onnx"));
        QCOMPARE(table.item(0, 1)->text(), QStringLiteral("66 kB"));
        QCOMPARE(table.item(0, 2)->text(), QStringLiteral("✗ different"));
        QCOMPARE(table.item(0, 4)->text(), QStringLiteral("<b>lenet5.pt"));
        QCOMPARE(table.item(0, 5)->text(), QStringLiteral("int8"));
        QCOMPARE(table.item(1, 2)->text(), QStringLiteral("– not verified"));
        QVERIFY2(dialog.detail().contains(QStringLiteral("largest difference")), qPrintable(dialog.detail()));
        dialog.table()->selectRow(1);
        QVERIFY2(dialog.detail().endsWith(QStringLiteral("not verified")), qPrintable(dialog.detail()));
        const QList<QLabel*> labels = dialog.findChildren<QLabel*>();
        QVERIFY(!labels.isEmpty());
        for (const QLabel* label : labels)
            QCOMPARE(label->textFormat(), Qt::PlainText);
    }
    void withoutFilesItSaysSo() {
        const ExportedFilesDialog dialog({});
        QVERIFY(dialog.table()->isHidden());
        QCOMPARE(dialog.detail(), QStringLiteral("No file has been exported yet."));
    }
};

QTEST_MAIN(ExportedFilesDialogTest)
#include "exported_files_dialog_test.moc"
