#include <views/dialogs/export_dialog.h>

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableWidget>
#include <QTest>

using namespace lathe;
using namespace lathe::views;

class ExportDialogTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<ExportDialog> m_dialog;

    [[nodiscard]] QPushButton* button(const QString& text) const {
        for (QPushButton* one : m_dialog->findChildren<QPushButton*>()) {
            if (one->text() == text) return one;
        }
        return nullptr;
    }
    /// Is there a visible label with this text?
    [[nodiscard]] bool shows(const QString& text) const {
        const QList<QLabel*> labels = m_dialog->findChildren<QLabel*>();
        return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) {
            return label->isVisible() && label->textFormat() == Qt::PlainText && label->text() == text;
        });
    }
    void choose(const QString& format) {
        auto* formats = m_dialog->findChild<QComboBox*>();
        formats->setCurrentIndex(formats->findData(format));
    }
    [[nodiscard]] QLineEdit* field() const { return m_dialog->findChild<QLineEdit*>(); }

private Q_SLOTS:
    void init() {
        QLocale::setDefault(QLocale::c());
        m_dialog =
            std::make_unique<ExportDialog>(QStringLiteral("torchscript"), QStringLiteral("/home/ada"), QStringLiteral("lenet5-int8"));
        m_dialog->show();
    }
    /// A layout that writes past its rows when some are hidden shows itself here (with glibc.malloc.check=3 at once).
    void everyFormatFitsTheWindow() {
        m_dialog->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_dialog.get()));
        auto* formats = m_dialog->findChild<QComboBox*>();
        QVERIFY(formats->count() >= 3);
        for (int round = 0; round < 2; ++round) {
            for (int format = 0; format < formats->count(); ++format) {
                formats->setCurrentIndex(format);
                QCoreApplication::processEvents();
                int visible = 0;
                for (const QPushButton* one : m_dialog->findChildren<QPushButton*>()) {
                    if (!one->isVisible()) continue;
                    ++visible;
                    QVERIFY(m_dialog->rect().contains(QRect(one->mapTo(m_dialog.get(), QPoint()), one->size())));
                }
                QVERIFY(visible >= 2); // export and cancel
            }
        }
    }
    void cleanup() { m_dialog.reset(); }

    void suggestsAFileThatFollowsTheFormat() {
        QCOMPARE(m_dialog->file(), QStringLiteral("/home/ada/lenet5-int8.pt"));
        field()->setText(QStringLiteral("/tmp/mine.pt"));
        choose(QStringLiteral("report"));
        QCOMPARE(m_dialog->file(), QStringLiteral("/tmp/mine.html"));
    }
    void asksForWhatWasChosen() {
        QSignalSpy asked(m_dialog.get(), &ExportDialog::exportRequested);
        m_dialog->findChild<QCheckBox*>()->setChecked(false);
        QTest::mouseClick(button(QStringLiteral("Export")), Qt::LeftButton);
        QCOMPARE(asked.size(), 1);
        QCOMPARE(asked.first().at(0).toString(), QStringLiteral("torchscript"));
        QCOMPARE(asked.first().at(1).toString(), QStringLiteral("/home/ada/lenet5-int8.pt"));
        QCOMPARE(asked.first().at(2).toBool(), false);
        QVERIFY(m_dialog->isBusy());
        QVERIFY(m_dialog->findChild<QProgressBar*>()->isVisible());
        m_dialog->findChild<QPushButton*>()->click();
        QCOMPARE(asked.size(), 1);
    }
    void onlyModelsAreVerified() {
        choose(QStringLiteral("recipe"));
        QVERIFY(!m_dialog->isVerified());
        QVERIFY(!m_dialog->findChild<QCheckBox*>()->isVisible());
    }
    void withoutAFileNothingIsExported() {
        field()->clear();
        QVERIFY(!button(QStringLiteral("Export"))->isEnabled());
    }
    void showsTheChecks() {
        button(QStringLiteral("Export"))->click();
        m_dialog->setProgress({.phase = "export", .fraction = 0.5, .secondsLeft = {}, .values = {}});
        QCOMPARE(m_dialog->findChild<QProgressBar*>()->value(), 500);
        client::ExportReply reply;
        reply.file = "/home/ada/lenet5-int8.pt";
        reply.bytes = 66000;
        reply.originalBytes = 247'000;
        reply.checks = {{"libtorch", "2.11.0", history::ExportVerdict::Same, 0.0, 0.0, 1.0, 4.2, ""},
                        {"torch", "2.12.1", history::ExportVerdict::Same, 0.25, 0.0125, 0.9999, 9.5, ""}};
        m_dialog->setResult(reply);
        QVERIFY(!m_dialog->isBusy());
        QVERIFY(m_dialog->statusText().contains(QStringLiteral("/home/ada/lenet5-int8.pt")));
        const auto* checks = m_dialog->findChild<QTableWidget*>();
        QCOMPARE(checks->rowCount(), 2);
        QStringList cells;
        for (int column = 0; column < checks->columnCount(); ++column)
            cells.append(checks->item(1, column)->text());
        QCOMPARE(cells, (QStringList{QStringLiteral("torch 2.12.1"), QStringLiteral("0.2500 (1.25 %)"), QStringLiteral("99.99 %"),
                                     QStringLiteral("9.50 ms"), QStringLiteral("✓ the same")}));
        QVERIFY(shows(QStringLiteral("66 kB · 3.74× smaller than the original · the original: 247 kB")));
        reply.checks[1].verdict = history::ExportVerdict::Different;
        m_dialog->setResult(reply);
        QVERIFY(m_dialog->statusText().contains(QStringLiteral("differ")));
        QVERIFY(checks->item(1, 4)->text().contains(QStringLiteral("different")));
    }
    void aJudgeThatCouldNotJudgeSaysWhyAndTheExportStaysGood() {
        button(QStringLiteral("Export"))->click();
        client::ExportReply reply;
        reply.file = "/home/ada/lenet5-int8.pt";
        reply.checks = {{"libtorch", "2.11.0", history::ExportVerdict::Same, 0.0, 0.0, 1.0, 4.2, ""},
                        {"torch", "", history::ExportVerdict::NotJudged, {}, {}, {}, {}, "There is no <b>torch</b>."}};
        m_dialog->setResult(reply);
        QCOMPARE(m_dialog->statusText(), QStringLiteral("Written to /home/ada/lenet5-int8.pt."));
        QVERIFY(shows(QStringLiteral("torch could not judge the file: There is no <b>torch</b>.")));
        const auto* checks = m_dialog->findChild<QTableWidget*>();
        QCOMPARE(checks->item(1, 1)->text(), QStringLiteral("–"));
        QCOMPARE(checks->item(1, 4)->text(), QStringLiteral("– not judged"));
        choose(QStringLiteral("onnx"));
        QVERIFY(!shows(QStringLiteral("torch could not judge the file: There is no <b>torch</b>.")));
    }
    void notesStandBelowTheChecks() {
        button(QStringLiteral("Export"))->click();
        client::ExportReply reply;
        reply.file = "/home/ada/resnet18.onnx";
        reply.notes = {"Layers run in <i>float</i>."};
        m_dialog->setResult(reply);
        QVERIFY(shows(QStringLiteral("Layers run in <i>float</i>.")));
    }
    void pythonIsForVerifiedModels() {
        auto* python = m_dialog->findChild<QLineEdit*>(QStringLiteral("python"));
        QCOMPARE(m_dialog->python(), QString());
        m_dialog->setPython(QStringLiteral("/opt/venv/bin/python"));
        python->setText(python->text() + QStringLiteral("3 "));
        QCOMPARE(m_dialog->python(), QStringLiteral("/opt/venv/bin/python3"));
        QVERIFY(python->isVisible() && python->isEnabled());
        m_dialog->findChild<QCheckBox*>()->setChecked(false);
        QVERIFY(!python->isEnabled());
        choose(QStringLiteral("report"));
        QVERIFY(!python->isVisible());
    }
    void afterAnErrorEverythingStaysAsChosen() {
        field()->setText(QStringLiteral("/read/only.pt"));
        button(QStringLiteral("Export"))->click();
        m_dialog->setError(QStringLiteral("The folder /read is read-only."));
        QCOMPARE(m_dialog->statusText(), QStringLiteral("The folder /read is read-only."));
        QCOMPARE(m_dialog->file(), QStringLiteral("/read/only.pt"));
        QVERIFY(button(QStringLiteral("Export"))->isEnabled());
    }
    void closingWhileBusyCancels() {
        QSignalSpy cancelled(m_dialog.get(), &ExportDialog::cancelRequested);
        button(QStringLiteral("Export"))->click();
        QTest::keyClick(m_dialog.get(), Qt::Key_Escape);
        QCOMPARE(cancelled.size(), 1);
        QVERIFY(m_dialog->isVisible());
        m_dialog->setError(QStringLiteral("Cancelled."));
        QTest::keyClick(m_dialog.get(), Qt::Key_Escape);
        QVERIFY(!m_dialog->isVisible());
    }
};

QTEST_MAIN(ExportDialogTest)
#include "history_export_dialog_test.moc"
