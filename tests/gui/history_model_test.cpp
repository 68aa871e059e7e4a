#include <views/models/history_model.h>

#include <cmath>

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include <tests/gui/run_rows.h>
#include <tests/support/every_figure.h>
#include <views/models/figure_words.h>
#include <views/models/history_filter.h>

using namespace lathe;
using views::HistoryFilter;
using views::HistoryModel;

class HistoryModelTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<HistoryModel> m_model;
    std::unique_ptr<QAbstractItemModelTester> m_tester;
    history::RunRow m_base, m_int8, m_same;

    [[nodiscard]] QString text(const QString& id, int column) const { return m_model->indexOf(id, column).data().toString(); }
    [[nodiscard]] HistoryModel::Tone tone(const QString& id, int column) const {
        return m_model->indexOf(id, column).data(HistoryModel::ToneRole).value<HistoryModel::Tone>();
    }
    [[nodiscard]] static QString order(const HistoryFilter& proxy) {
        QStringList ids;
        for (int row = 0; row < proxy.rowCount(); ++row)
            ids.append(proxy.index(row, 0).data(HistoryModel::IdRole).toString());
        return ids.join(u' ');
    }

private Q_SLOTS:
    void init() {
        QLocale::setDefault(QLocale::c());
        m_model = std::make_unique<HistoryModel>();
        m_tester = std::make_unique<QAbstractItemModelTester>(m_model.get());
        m_base = test::baselineRow();
        m_int8 = test::optimizedRow("int8", m_base, 0.9039, 0.0524);
        m_same = test::optimizedRow("same", m_base, 0.85, 0.1181);
        m_int8.tags = {"lenet", "paper"};
        m_int8.note = "good enough";
        m_model->setRows({m_same, m_int8, m_base});
    }

    void everyFigureHasAColumn() {
        history::RunRow every = test::rowWithEveryFigure();
        every.result.quality.maxAbsError = 0.5;
        m_model->setRows({every});
        for (const history::Figure& figure : history::figures()) {
            if (!figure.partOf.empty()) continue;
            // Numbers that no two figures share sort the row and stand in one column.
            int found = -1;
            for (int column = 0; column < m_model->columnCount(); ++column) {
                const QString header = m_model->headerData(column, Qt::Horizontal).toString();
                if (header == views::figureTitle(figure)) found = column;
            }
            const QMap<QString, int> own{{QStringLiteral("sqnr_db"), HistoryModel::Sqnr},
                                         {QStringLiteral("latency_p50"), HistoryModel::P50},
                                         {QStringLiteral("speedup"), HistoryModel::Speedup},
                                         {QStringLiteral("file_size"), HistoryModel::File}};
            const QString name = QString::fromStdString(std::string(figure.name));
            if (own.contains(name)) found = own[name];
            QVERIFY2(found >= 0, qPrintable(name));
            const QModelIndex cell = m_model->index(0, found);
            if (found >= HistoryModel::ColumnCount) QCOMPARE(cell.data().toString(), views::figureValueText(figure, every));
            if (name != QStringLiteral("speedup")) QVERIFY2(cell.data(HistoryModel::SortRole).toDouble() != 0, qPrintable(name));
        }
    }

    void figuresAgainstTheBaseline() {
        QCOMPARE(text(QStringLiteral("int8"), HistoryModel::Accuracy), QStringLiteral("90.39 %"));
        QCOMPARE(text(QStringLiteral("int8"), HistoryModel::Change), QStringLiteral("−0.03"));
        QCOMPARE(text(QStringLiteral("int8"), HistoryModel::P50), QStringLiteral("52.4"));
        QCOMPARE(text(QStringLiteral("int8"), HistoryModel::Speedup), QStringLiteral("2.26× (2.23–2.28)"));
        QCOMPARE(text(QStringLiteral("int8"), HistoryModel::Kind), QStringLiteral("real"));
        QCOMPARE(text(QStringLiteral("same"), HistoryModel::Speedup), QStringLiteral("no significant difference"));
        QCOMPARE(text(QStringLiteral("base"), HistoryModel::Change), QStringLiteral("—"));
        QCOMPARE(text(QStringLiteral("base"), HistoryModel::Recipe), QStringLiteral("original"));
    }
    void toneSaysWhatIsMoreThanNoise() {
        QCOMPARE(tone(QStringLiteral("int8"), HistoryModel::Speedup), HistoryModel::Tone::Good);
        QCOMPARE(tone(QStringLiteral("same"), HistoryModel::Speedup), HistoryModel::Tone::Muted);
        QCOMPARE(tone(QStringLiteral("int8"), HistoryModel::Change), HistoryModel::Tone::Muted); // 0.03 points of 10 000 samples
        QCOMPARE(tone(QStringLiteral("same"), HistoryModel::Change), HistoryModel::Tone::Bad);
    }
    void whatIsNotReliableHasNoRatioAndNoColour() {
        m_base = test::disturbedRow(m_base);
        m_int8 = test::disturbedRow(m_int8);
        m_model->setRows({m_same, m_int8, m_base});
        const QString int8 = QStringLiteral("int8");
        QCOMPARE(text(int8, HistoryModel::Speedup), QStringLiteral("not reliable"));
        QCOMPARE(text(int8, HistoryModel::P50), QStringLiteral("≈52.4"));
        for (const int column : {HistoryModel::Speedup, HistoryModel::P50}) {
            QCOMPARE(tone(int8, column), HistoryModel::Tone::Muted);
            const QString toolTip = m_model->indexOf(int8, column).data(Qt::ToolTipRole).toString();
            QVERIFY2(toolTip.contains(QStringLiteral("1.9 cores busy")), qPrintable(toolTip));
            QVERIFY(!toolTip.contains(QStringLiteral("2.2")));
        }
        QVERIFY(!m_model->indexOf(int8, HistoryModel::Speedup).data(HistoryModel::SortRole).isValid()); // last, not fastest
        QCOMPARE(tone(QStringLiteral("same"), HistoryModel::P50), HistoryModel::Tone::Neutral);
        // Nor does a pinned baseline make a ratio of it.
        m_base.isPinnedBaseline = true;
        m_int8.parentId.clear();
        m_model->setRows({m_same, m_int8, m_base});
        QCOMPARE(text(int8, HistoryModel::Speedup), QStringLiteral("not reliable"));
    }
    void saysWhatTheSpeedUpIsTo() {
        const auto header = [this] { return m_model->headerData(HistoryModel::Speedup, Qt::Horizontal).toString(); };
        QCOMPARE(header(), QStringLiteral("Speed-up to Lathe's FP32 plan"));
        m_same.comparison->speedup.baseline = "Lathe's plan of the original";
        m_model->setRows({m_same, m_int8, m_base});
        QCOMPARE(header(), QStringLiteral("Speed-up to original"));
        m_base.result.latency.threads = 2;
        m_int8.isPinnedBaseline = false;
        m_model->setRows({m_int8, m_base});
        const QString toolTip = m_model->indexOf(QStringLiteral("int8"), HistoryModel::Speedup).data(Qt::ToolTipRole).toString();
        QVERIFY2(toolTip.contains(QStringLiteral("Against Lathe's FP32 plan with 2 threads; this run with 1")), qPrintable(toolTip));
    }
    void wilsonHalfWidth() {
        // Half of the width of the interval 0.89797 to 0.90952 of 9039 in 10 000.
        QVERIFY(std::abs(views::accuracyHalfWidth(0.9039, 10000) - (0.90952 - 0.89797) / 2) < 2e-5);
        QCOMPARE(views::accuracyHalfWidth(0.5, 0), 0.0);
        QVERIFY(views::accuracyHalfWidth(1, 10) > 0); // 10 of 10 is not certain
    }
    void aPinnedBaselineCountsForAll() {
        m_int8.isPinnedBaseline = true;
        m_model->setRows({m_same, m_int8, m_base});
        QCOMPARE(text(QStringLiteral("int8"), HistoryModel::Star), QStringLiteral("★"));
        QCOMPARE(text(QStringLiteral("int8"), HistoryModel::Change), QStringLiteral("—"));
        QCOMPARE(text(QStringLiteral("int8"), HistoryModel::Speedup), QStringLiteral("—"));
        QCOMPARE(text(QStringLiteral("base"), HistoryModel::Change), QStringLiteral("+0.03"));
        // No interval: the two were not measured in turns.
        QCOMPARE(text(QStringLiteral("base"), HistoryModel::Speedup), QStringLiteral("about 0.44×"));
        QCOMPARE(text(QStringLiteral("same"), HistoryModel::Speedup), QStringLiteral("about 0.44×"));
    }
    void aPinnedBaselineOfAnotherScopeCountsForNone() {
        history::RunRow resnet = test::baselineRow("resnet");
        resnet.modelFile = "resnet18.pt";
        resnet.isPinnedBaseline = true;
        m_model->setRows({resnet, m_same, m_int8, m_base});
        QCOMPARE(text(QStringLiteral("int8"), HistoryModel::Change), QStringLiteral("−0.03"));
        QCOMPARE(text(QStringLiteral("int8"), HistoryModel::Speedup), QStringLiteral("2.26× (2.23–2.28)"));
        QCOMPARE(text(QStringLiteral("base"), HistoryModel::Change), QStringLiteral("—"));
        QCOMPARE(text(QStringLiteral("base"), HistoryModel::Speedup), QStringLiteral("—"));
    }
    void theUnchangedModelIsNotFasterThanItself() {
        history::RunRow again = test::baselineRow("again");
        again.result.latency.p50 = m_base.result.latency.p50 / 6.44;
        m_base.isPinnedBaseline = true;
        m_model->setRows({again, m_same, m_int8, m_base});
        QCOMPARE(text(QStringLiteral("again"), HistoryModel::Speedup), QStringLiteral("—"));
        QVERIFY(m_model->indexOf(QStringLiteral("again"), HistoryModel::Speedup)
                    .data(Qt::ToolTipRole)
                    .toString()
                    .contains(QStringLiteral("The same model")));
        QCOMPARE(text(QStringLiteral("int8"), HistoryModel::Speedup), QStringLiteral("2.26× (2.23–2.28)"));
    }
    void withoutItsBaselineARunKeepsWhatWasMeasured() {
        m_int8.parentId.clear(); // as the history leaves it
        m_model->setRows({m_int8});
        QCOMPARE(text(QStringLiteral("int8"), HistoryModel::Change), QStringLiteral("−0.03"));
        QCOMPARE(text(QStringLiteral("int8"), HistoryModel::Speedup), QStringLiteral("2.26× (2.23–2.28)"));
    }
    void runsWithoutResultsShowNoFigures() {
        m_int8.state = history::RunState::Failed;
        m_int8.error = "Out of memory.";
        m_model->setRows({m_int8, m_base});
        for (const int column :
             {HistoryModel::Accuracy, HistoryModel::Change, HistoryModel::P50, HistoryModel::Speedup, HistoryModel::File}) {
            QCOMPARE(text(QStringLiteral("int8"), column), QStringLiteral("—"));
        }
        QCOMPARE(text(QStringLiteral("int8"), HistoryModel::State), QStringLiteral("failed"));
        QVERIFY(m_model->indexOf(QStringLiteral("int8"), HistoryModel::State)
                    .data(Qt::ToolTipRole)
                    .toString()
                    .contains(QStringLiteral("Out of memory.")));
        QVERIFY(!m_model->indexOf(QStringLiteral("int8"), HistoryModel::Kind).data(HistoryModel::KindRole).isValid());
    }
    void theFileTellsOfItsExports() {
        const auto toolTip = [this] {
            return m_model->indexOf(QStringLiteral("int8"), HistoryModel::File).data(Qt::ToolTipRole).toString();
        };
        m_model->setRows({m_int8, m_base});
        QVERIFY(!toolTip().contains(QStringLiteral("verified")));
        history::ExportedFile exported;
        exported.file = "/out/<b>.onnx";
        m_int8.exports = {exported};
        m_model->setRows({m_int8, m_base});
        QVERIFY2(toolTip().contains(QStringLiteral("&lt;b&gt;.onnx")), qPrintable(toolTip()));
        QVERIFY2(toolTip().contains(QStringLiteral("<br>not verified")), qPrintable(toolTip()));
    }
    void rowsThatStayKeepTheirIndex() {
        const QPersistentModelIndex base = m_model->indexOf(QStringLiteral("base"));
        QSignalSpy reset(m_model.get(), &QAbstractItemModel::modelReset);
        const history::RunRow added = test::optimizedRow("new", m_base, 0.9, 0.05);
        m_model->setRows({added, m_int8, m_base}); // one more, one less
        QCOMPARE(reset.size(), 0);
        QVERIFY(base.isValid());
        QCOMPARE(base.row(), 2);
        m_model->setRows({m_base, m_int8});
        QCOMPARE(m_model->rowCount(), 2);
        QCOMPARE(text(QStringLiteral("int8"), HistoryModel::Accuracy), QStringLiteral("90.39 %"));
        m_model->setRows({});
        QCOMPARE(m_model->rowCount(), 0);
    }
    void renamingAsks() {
        QSignalSpy asked(m_model.get(), &HistoryModel::renameRequested);
        const QModelIndex index = m_model->indexOf(QStringLiteral("int8"));
        QVERIFY(index.flags().testFlag(Qt::ItemIsEditable));
        QVERIFY(!m_model->setData(index, QStringLiteral("  "), Qt::EditRole));
        QVERIFY(m_model->setData(index, QStringLiteral(" for  the paper "), Qt::EditRole));
        QCOMPARE(asked.size(), 1);
        QCOMPARE(asked.first().at(1).toString(), QStringLiteral("for the paper"));
        QVERIFY(!m_model->indexOf(QStringLiteral("int8"), HistoryModel::File).flags().testFlag(Qt::ItemIsEditable));
    }
    void filterByWordsAndTags_data() {
        QTest::addColumn<QString>("filter");
        QTest::addColumn<int>("count");
        QTest::newRow("all") << QString() << 3;
        QTest::newRow("word") << QStringLiteral("INT8") << 1;
        QTest::newRow("two words") << QStringLiteral("int8 fuse") << 1;
        QTest::newRow("note") << QStringLiteral("enough") << 1;
        QTest::newRow("data") << QStringLiteral("fashion") << 3;
        QTest::newRow("tag") << QStringLiteral("tag:lenet") << 1;
        QTest::newRow("two tags") << QStringLiteral("tag:lenet tag:pap") << 1;
        QTest::newRow("other tag") << QStringLiteral("tag:enough") << 0;
        QTest::newRow("tag being typed") << QStringLiteral("tag:") << 3;
        QTest::newRow("nothing") << QStringLiteral("resnet") << 0;
        QTest::newRow("accuracy") << QStringLiteral("accuracy>90.4") << 1;
        QTest::newRow("accuracy or equal") << QStringLiteral("accuracy>=90.39") << 2;
        QTest::newRow("time") << QStringLiteral("p50<60us") << 1;
        QTest::newRow("size") << QStringLiteral("size<100kB") << 2;
        QTest::newRow("speed-up") << QStringLiteral("speedup>=2") << 1;
        QTest::newRow("what the original has not") << QStringLiteral("speedup<100") << 2;
        QTest::newRow("all together") << QStringLiteral("fuse tag:pap accuracy > 90 size<1MB") << 1;
        QTest::newRow("none has all") << QStringLiteral("accuracy>90.4 size<100kB") << 0;
        QTest::newRow("half a term filters nothing") << QStringLiteral("accuracy>") << 3;
        QTest::newRow("by the column's own name") << QStringLiteral("File<100kB") << 2;
    }
    void filterByWordsAndTags() {
        QFETCH(QString, filter);
        QFETCH(int, count);
        HistoryFilter proxy;
        const QAbstractItemModelTester tester(&proxy);
        proxy.setSourceModel(m_model.get());
        proxy.setFilterText(filter);
        QCOMPARE(proxy.rowCount(), count);
    }
    void aRunThatIsNotReliableFitsNoTermAboutSpeed() {
        m_int8 = test::disturbedRow(m_int8);
        m_model->setRows({m_same, m_int8, m_base});
        HistoryFilter proxy;
        proxy.setSourceModel(m_model.get());
        proxy.setFilterText(QStringLiteral("speedup>=2"));
        QCOMPARE(proxy.rowCount(), 0);
        proxy.setFilterText(QStringLiteral("p50<60us"));
        QCOMPARE(proxy.rowCount(), 0);
    }
    void aTermThatCannotBeUsedIsSaid() {
        HistoryFilter proxy;
        proxy.setSourceModel(m_model.get());
        proxy.setFilterText(QStringLiteral("accuracy>abc tag:lenet"));
        QCOMPARE(proxy.problemText(), QStringLiteral("In “accuracy>abc”, “abc” is no number."));
        QCOMPARE(proxy.rowCount(), 1); // the rest of the filter holds
        proxy.setFilterText(QStringLiteral("p50<2"));
        QCOMPARE(proxy.problemText(), QStringLiteral("“p50<2” needs a unit: us, ms, s."));
        proxy.setFilterText(QStringLiteral("speed>2"));
        QVERIFY2(proxy.problemText().contains(QStringLiteral("accuracy, agreement, sqnr, p50, speedup, size, parameters")),
                 qPrintable(proxy.problemText()));
        proxy.setFilterText({});
        QCOMPARE(proxy.problemText(), QString());
    }
    void tagsAreAColumn() {
        QVERIFY(m_model->hasTags());
        QCOMPARE(text(QStringLiteral("int8"), HistoryModel::Tags), QStringLiteral("lenet, paper"));
        QCOMPARE(text(QStringLiteral("base"), HistoryModel::Tags), QString());
        m_model->setRows({m_base});
        QVERIFY(!m_model->hasTags());
    }
    void timesOfAColumnHaveOneUnitThatSuitsThem() {
        const auto header = [this] { return m_model->headerData(HistoryModel::P50, Qt::Horizontal).toString(); };
        QCOMPARE(header(), QStringLiteral("p50 µs"));
        m_base.result.latency.p50 = 34.02;
        m_int8.result.latency.p50 = 10.234;
        m_same.result.latency.p50 = 0.0524; // another model: it does not choose
        m_model->setRows({m_same, m_int8, m_base});
        QCOMPARE(header(), QStringLiteral("p50 ms"));
        QCOMPARE(text(QStringLiteral("int8"), HistoryModel::P50), QStringLiteral("10.23"));
        QCOMPARE(text(QStringLiteral("same"), HistoryModel::P50), QStringLiteral("0.052"));
        m_int8.result.latency.p50 = 1500;
        m_base.result.latency.p50 = 2500;
        m_model->setRows({m_same, m_int8, m_base});
        QCOMPARE(header(), QStringLiteral("p50 s"));
        QCOMPARE(text(QStringLiteral("int8"), HistoryModel::P50), QStringLiteral("1.500"));
    }
    void runsOfOtherScopesStandBehindTheScopeThatIsShown() {
        history::RunRow resnet = test::baselineRow("resnet"), resnetToo = resnet, vgg = resnet;
        resnetToo.id = "resnet too";
        resnet.modelFile = resnetToo.modelFile = "resnet18.pt";
        resnet.result.latency.p50 = 30;
        resnetToo.result.latency.p50 = 20;
        vgg.id = "vgg";
        vgg.modelFile = "vgg.pt";
        vgg.result.latency.p50 = 25;
        m_model->setRows({resnet, m_same, vgg, m_int8, resnetToo, m_base});
        m_model->setScope(history::scopeOf(m_base));
        HistoryFilter proxy;
        const QAbstractItemModelTester tester(&proxy);
        proxy.setSourceModel(m_model.get());
        QCOMPARE(order(proxy), QStringLiteral("same int8 base resnet resnet too vgg"));
        proxy.sort(HistoryModel::P50, Qt::AscendingOrder);
        QCOMPARE(order(proxy), QStringLiteral("int8 same base resnet too resnet vgg"));
        proxy.sort(HistoryModel::P50, Qt::DescendingOrder);
        QCOMPARE(order(proxy), QStringLiteral("base same int8 resnet resnet too vgg"));
        QStringList starts;
        for (int row = 0; row < proxy.rowCount(); ++row)
            if (proxy.index(row, 0).data(HistoryModel::GroupStartRole).toBool())
                starts << proxy.index(row, 0).data(HistoryModel::IdRole).toString();
        QCOMPARE(starts, (QStringList{QStringLiteral("resnet"), QStringLiteral("vgg")}));
        QCOMPARE(proxy.index(5, HistoryModel::Scope).data().toString(), QStringLiteral("vgg.pt · fashion-mnist"));
        // Another scope is shown: its runs come first.
        m_model->setScope(history::scopeOf(vgg));
        QCOMPARE(order(proxy), QStringLiteral("vgg resnet resnet too base same int8"));
        proxy.setOtherScopesHidden(true);
        QCOMPARE(order(proxy), QStringLiteral("vgg"));
    }
    void selectionsFollowTheOrder() {
        HistoryFilter proxy;
        const QAbstractItemModelTester tester(&proxy);
        proxy.setSourceModel(m_model.get());
        QSignalSpy reset(&proxy, &QAbstractItemModel::modelReset);
        const QPersistentModelIndex int8 = proxy.mapFromSource(m_model->indexOf(QStringLiteral("int8")));
        proxy.sort(HistoryModel::P50, Qt::AscendingOrder);
        QCOMPARE(int8.row(), 0);
        m_int8.result.latency.p50 = 100; // the same runs with other figures
        m_model->setRows({m_same, m_int8, m_base});
        QCOMPARE(int8.row(), 2);
        QCOMPARE(int8.data(HistoryModel::IdRole).toString(), QStringLiteral("int8"));
        QCOMPARE(reset.size(), 0);
        m_model->setRows({test::optimizedRow("new", m_base, 0.9, 0.05), m_same, m_int8, m_base});
        QCOMPARE(order(proxy), QStringLiteral("new same base int8"));
    }
    void manyRunsComeAndGoAtOnce() {
        // What a loop over all others for each would make minutes of.
        std::vector<history::RunRow> rows;
        for (int number = 0; number < 20'000; ++number) {
            rows.push_back(test::baselineRow(std::to_string(number)));
            rows.back().result.quality.accuracy = number / 20'000.0;
            rows.back().note = number % 2 == 0 ? "even" : "odd";
        }
        HistoryFilter proxy;
        proxy.setSourceModel(m_model.get());
        m_model->setRows(rows);
        QCOMPARE(m_model->indexOf(QStringLiteral("19999")).row(), 19'999);
        proxy.setFilterText(QStringLiteral("EVEN accuracy<50"));
        QCOMPARE(proxy.rowCount(), 5'000);
        proxy.sort(HistoryModel::Accuracy, Qt::DescendingOrder);
        QCOMPARE(proxy.index(0, 0).data(HistoryModel::IdRole).toString(), QStringLiteral("9998"));
        rows.erase(rows.begin());
        m_model->setRows(rows);
        QCOMPARE(proxy.rowCount(), 4'999);
        m_model->setRows({m_base});
        proxy.setFilterText({});
        QCOMPARE(proxy.rowCount(), 1);
        QVERIFY(!m_model->indexOf(QStringLiteral("19999")).isValid());
    }
    void sortsByNumbersWithTheUnknownLast() {
        HistoryFilter proxy;
        proxy.setSourceModel(m_model.get());
        proxy.sort(HistoryModel::P50, Qt::AscendingOrder);
        QCOMPARE(order(proxy), QStringLiteral("int8 same base"));
        proxy.sort(HistoryModel::Change, Qt::AscendingOrder);
        QCOMPARE(order(proxy), QStringLiteral("same int8 base"));
        proxy.sort(HistoryModel::Change, Qt::DescendingOrder);
        QCOMPARE(order(proxy), QStringLiteral("int8 same base"));
    }
};

QTEST_MAIN(HistoryModelTest)
#include "history_model_test.moc"
