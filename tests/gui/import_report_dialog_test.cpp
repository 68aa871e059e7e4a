#include <views/dialogs/import_report_dialog.h>

#include <QLabel>
#include <QTest>

using namespace lathe;
using namespace lathe::views;

class ImportReportDialogTest : public QObject {
    Q_OBJECT

private:
    static client::OpenReply model() {
        client::OpenReply model;
        model.report.format = "torchscript";
        model.report.inputs = {"x: float32[1,3,8,8]"};
        model.report.operators = {{"aten::conv2d", 12, true}, {"mylib::scan", 1, false}};
        return model;
    }

private Q_SLOTS:
    void aModelThatRuns() {
        client::OpenReply runs = model();
        runs.report.operators.pop_back();
        const ImportReportDialog dialog(runs);
        QCOMPARE(dialog.verdict(), QStringLiteral("Everything in this model can be run."));
        QVERIFY(dialog.problems()->isHidden());
        QCOMPARE(dialog.operators()->rowCount(), 1);
        QCOMPARE(dialog.operators()->item(0, 1)->text(), QStringLiteral("12"));
    }
    void theStateIsListedWhereThereIsOne() {
        const auto texts = [](const client::OpenReply& opened) {
            const ImportReportDialog dialog(opened);
            QStringList all;
            for (const QLabel* label : dialog.findChildren<QLabel*>())
                all << label->text();
            return all;
        };
        QVERIFY(!texts(model()).contains(QStringLiteral("State")));
        client::OpenReply streaming = model();
        streaming.report.state = {"hidden: float32[2,1,64]"};
        QVERIFY(texts(streaming).contains(QStringLiteral("hidden: float32[2,1,64]")));
    }
    void whatCannotBeRunIsListedWithItsPlace() {
        client::OpenReply broken = model();
        broken.report.runs = false;
        broken.report.problems = {{"mylib::scan", "encoder.0", "model.py:7", "<b>no kernel</b>"}};
        broken.report.notes = {"written by a newer minor version"};
        const ImportReportDialog dialog(broken);
        QVERIFY(dialog.verdict().startsWith(QStringLiteral("Parts of this model cannot be run")));
        QVERIFY(!dialog.problems()->isHidden());
        QStringList cells;
        for (int column = 0; column < 4; ++column)
            cells << dialog.problems()->item(0, column)->text();
        QCOMPARE(cells, (QStringList{QStringLiteral("mylib::scan"), QStringLiteral("encoder.0"), QStringLiteral("model.py:7"),
                                     QStringLiteral("<b>no kernel</b>")}));
        QCOMPARE(dialog.operators()->item(1, 2)->text(), QStringLiteral("✗ no"));
        const QList<QLabel*> labels = dialog.findChildren<QLabel*>();
        QVERIFY(!labels.isEmpty());
        for (const QLabel* label : labels)
            QCOMPARE(label->textFormat(), Qt::PlainText);
    }
};

QTEST_MAIN(ImportReportDialogTest)
#include "import_report_dialog_test.moc"
