#include <views/models/run_comparison.h>

#include <QTableWidget>
#include <QTest>

#include <tests/gui/run_rows.h>
#include <views/dialogs/run_comparison_dialog.h>

using namespace lathe;
using namespace lathe::views;

class RunComparisonTest : public QObject {
    Q_OBJECT

private:
    history::RunRow m_base, m_int8, m_pruned;

    static const RunComparison::Figure* figure(const RunComparison& comparison, const QString& name) {
        for (const RunComparison::Figure& one : comparison.figures)
            if (one.name == name) return &one;
        return nullptr;
    }

private Q_SLOTS:
    void init() {
        QLocale::setDefault(QLocale::c());
        m_base = test::baselineRow();
        m_int8 = test::optimizedRow("int8", m_base, 0.9039, 0.0524);
        m_pruned = test::optimizedRow("pruned", m_base, 0.895, 0.0655);
        m_int8.result.quality.sqnrDb = 30.5;
        m_pruned.result.quality.sqnrDb = 20.5;
    }

    void anOriginalAndItsRunWereMeasuredTogether() {
        const RunComparison comparison = compareRuns({m_int8, m_base});
        QCOMPARE(comparison.names, (QStringList{QStringLiteral("lenet5 · original · 1"), QStringLiteral("lenet5 · int8 · 2")}));
        QCOMPARE(comparison.verdicts,
                 QStringList{QStringLiteral("“lenet5 · int8 · 2” beside “lenet5 · original · 1” (Lathe's FP32 plan), measured together, "
                                            "in turns: 2.26× (2.23–2.28).")});
        const auto* accuracy = figure(comparison, QStringLiteral("Accuracy"));
        QVERIFY(accuracy);
        QCOMPARE(accuracy->values, (QStringList{QStringLiteral("90.42 %"), QStringLiteral("90.39 %")}));
        QCOMPARE(accuracy->changes, QStringList{QStringLiteral("−0.03 points")});
        QCOMPARE(figure(comparison, QStringLiteral("Median latency"))->changes, QStringList{QStringLiteral("−55.7 %")});
        QCOMPARE(figure(comparison, QStringLiteral("SQNR of the outputs"))->changes, QStringList{QStringLiteral("—")});
        QVERIFY(!figure(comparison, QStringLiteral("Loss"))); // nobody has it
    }
    void whatIsNotReliableIsComparedWithNothing() {
        const RunComparison together = compareRuns({test::disturbedRow(m_int8), test::disturbedRow(m_base)});
        QVERIFY2(together.verdicts[0].contains(QStringLiteral("in turns: not reliable")), qPrintable(together.verdicts[0]));
        const auto* latency = figure(together, QStringLiteral("Median latency"));
        QCOMPARE(latency->changes, QStringList{QStringLiteral("—")});
        QVERIFY(latency->values[1].endsWith(QStringLiteral("(not reliable)")));
        QCOMPARE(figure(together, QStringLiteral("Accuracy"))->changes, QStringList{QStringLiteral("−0.03 points")});
        const RunComparison apart = compareRuns({m_pruned, test::disturbedRow(m_int8)});
        QVERIFY2(apart.verdicts[0].contains(QStringLiteral("the speed of one is not reliable")), qPrintable(apart.verdicts[0]));
        QVERIFY(!apart.verdicts[0].contains(u'×'));
    }
    void twoOptimizedRunsHaveNoVerdict() {
        const RunComparison comparison = compareRuns({m_pruned, m_int8});
        QCOMPARE(comparison.verdicts.size(), 1);
        QVERIFY2(comparison.verdicts[0].contains(QStringLiteral("were not measured together: about 0.80×")),
                 qPrintable(comparison.verdicts[0]));
        QCOMPARE(figure(comparison, QStringLiteral("SQNR of the outputs"))->changes, QStringList{QStringLiteral("−10.0 dB")});
    }
    void identicalOutputsAreSaidSo() {
        m_pruned.result.quality.sqnrDb.reset();
        m_pruned.result.quality.maxAbsError = 0;
        const auto comparison = compareRuns({m_pruned, m_int8});
        const auto* sqnr = figure(comparison, QStringLiteral("SQNR of the outputs"));
        QCOMPARE(sqnr->values, (QStringList{QStringLiteral("30.5 dB"), QStringLiteral("identical")}));
        QCOMPARE(sqnr->changes, QStringList{QStringLiteral("—")});
    }
    void runsOfDifferentScopesAreNotCompared() {
        m_pruned.dataName = "digits";
        const RunComparison comparison = compareRuns({m_pruned, m_int8});
        QVERIFY2(comparison.verdicts[0].contains(QStringLiteral("is not compared with")), qPrintable(comparison.verdicts[0]));
        QVERIFY(comparison.verdicts[0].contains(QStringLiteral("different data: fashion-mnist and digits")));
        for (const RunComparison::Figure& one : comparison.figures)
            QVERIFY(one.changes[0].isEmpty() || one.changes[0] == QStringLiteral("—"));
        QCOMPARE(figure(comparison, QStringLiteral("Accuracy"))->values.size(), 2); // the figures themselves are shown
    }
    void theSameModelIsNotFasterThanItself() {
        history::RunRow again = test::baselineRow("again");
        again.result.latency.p50 = 0.01;
        const RunComparison comparison = compareRuns({again, m_base});
        QVERIFY2(comparison.verdicts[0].contains(QStringLiteral("the same model")), qPrintable(comparison.verdicts[0]));
        QVERIFY(!comparison.verdicts[0].contains(QStringLiteral("×")));
    }
    void severalAndUnfinishedRuns() {
        m_pruned.state = history::RunState::Running;
        const RunComparison comparison = compareRuns({m_pruned, m_int8, m_base});
        QCOMPARE(comparison.verdicts.size(), 2);
        QVERIFY(comparison.verdicts[1].contains(QStringLiteral("has no results")));
        QCOMPARE(figure(comparison, QStringLiteral("Accuracy"))->values[2], QStringLiteral("—"));
        const RunComparisonDialog dialog(comparison);
        QCOMPARE(dialog.table()->columnCount(), 6);
        QCOMPARE(dialog.table()->rowCount(), static_cast<int>(comparison.figures.size()) + 1); // and the names
        QCOMPARE(dialog.table()->item(0, 1)->text(), QStringLiteral("lenet5 · original · 1"));
        QVERIFY(dialog.verdictText().contains(QStringLiteral("measured together")));
    }
};

QTEST_MAIN(RunComparisonTest)
#include "run_comparison_test.moc"
