// The whole case as a person does it, with the real engine: sample, graph, knobs by hand, comparison, history, charts, export.
#include <QComboBox>
#include <QFileInfo>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QTableView>
#include <QTableWidget>
#include <QTest>

#include <tests/gui/window_fixture.h>
#include <views/charts/charts_panel.h>
#include <views/charts/pareto_chart.h>
#include <views/dialogs/export_dialog.h>
#include <views/jobs/engine_process.h>
#include <views/panels/graph_panel.h>
#include <views/panels/history_panel.h>
#include <views/panels/inspector_panel.h>
#include <views/panels/knob_form.h>
#include <views/panels/layer_inspector.h>
#include <views/panels/layers_panel.h>
#include <views/panels/recipe_panel.h>
#include <views/panels/step_inspector.h>
#include <views/shell/language.h>
#include <views/shell/main_window.h>
#include <views/shell/top_bar.h>
#include <views/shell/welcome_page.h>
#include <views/shell/workspace.h>

using namespace lathe;
using namespace lathe::views;

namespace {

/// A comparison on the small data takes seconds; a loaded machine may need far longer.
constexpr int runTimeoutMs = 240'000;

} // namespace

class WholeCaseTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        applyTheme(ThemeChoice::Light);
        applyLanguage(QStringLiteral("en"));
        qputenv("LATHE_CLI", LATHE_BINARY_DIR "/bin/lathe-cli");
        m_window = std::make_unique<MainWindow>(std::make_unique<EngineProcess>(), m_home.file(QStringLiteral("history.sqlite")));
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        QTRY_VERIFY_WITH_TIMEOUT(m_window->session().engine(), 30'000);
    }
    void cleanupTestCase() {
        m_window->session().undoStack().setClean();
        m_window.reset();
    }

    void oneClickOpensTheSample() {
        QTest::mouseClick(m_window->welcomePage()->findChild<QPushButton*>(QStringLiteral("sample.lenet5")), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(m_window->session().preview() && m_window->isIdle(), 30'000);
        QVERIFY(m_window->workspace()->isVisible());
        QCOMPARE(stepOps(), (QStringList{"fuse.conv_relu", "fuse.linear_relu", "prune.structured", "finetune", "quantize.static"}));
        // The small data comes with the program.
        QComboBox* data = m_window->findChild<TopBar*>()->dataBox();
        const int small = data->findData(QStringLiteral("fashion-mnist-small"));
        QVERIFY(small >= 0);
        data->setFocus();
        QTest::keyClick(data, small > data->currentIndex() ? Qt::Key_Down : Qt::Key_Up);
        QTRY_COMPARE(m_window->session().data(), QStringLiteral("fashion-mnist-small"));
    }

    void aLayerChosenInTheTableIsShownInTheGraph() {
        chooseLayer(QStringLiteral("conv2"));
        QCOMPARE(m_window->workspace()->inspectorPanel()->title(), QStringLiteral("conv2"));
        QTRY_COMPARE(m_window->workspace()->graphPanel()->view()->selectedNodes().size(), 1);
    }

    void pruningIsChangedByHand() {
        auto* slider = layerControl(2, "ratio")->findChild<QSlider*>();
        QTest::keyClick(slider, Qt::Key_PageUp);
        const steps::Step& prune = m_window->session().recipe().step(2);
        QVERIFY(prune.parameter("ratio", "conv2").get<double>() > prune.parameter("ratio").get<double>());
    }

    void quantizationIsChangedByHand() {
        chooseLayer(QStringLiteral("fc2"));
        auto* granularity = qobject_cast<QComboBox*>(layerControl(4, "weights.granularity"));
        QTest::keyClick(granularity, Qt::Key_Down);
        QCOMPARE(m_window->session().recipe().step(4).parameter("weights.granularity", "fc2").get<std::string>(), std::string("tensor"));
        QTRY_VERIFY_WITH_TIMEOUT(m_window->isIdle(), 30'000);
    }

    void fusionIsSwitchedOffAndOnAgain() {
        chooseStep(1);
        QTest::keyClick(m_window->workspace()->recipePanel()->list(), Qt::Key_Space, Qt::ControlModifier);
        QVERIFY(!m_window->session().recipe().step(1).enabled);
        QTest::keyClick(m_window.get(), Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(m_window->session().recipe().step(1).enabled);
    }

    void fineTuningIsMadeShort() {
        chooseStep(3);
        auto* epochs = qobject_cast<QSpinBox*>(m_window->workspace()->inspectorPanel()->stepInspector()->form()->control("epochs"));
        epochs->selectAll();
        QTest::keyClicks(epochs, QStringLiteral("1"));
        QTest::keyClick(epochs, Qt::Key_Return);
        QCOMPARE(m_window->session().recipe().step(3).parameter("epochs").get<int>(), 1);
    }

    void theComparisonRuns() {
        QSignalSpy progress(&m_window->session(), &Session::progressChanged);
        QTest::mouseClick(m_window->findChild<QPushButton*>(QStringLiteral("runButton")), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(m_window->session().isRunning(), 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(m_window->session().lastRun() && m_window->isIdle(), runTimeoutMs);
        QVERIFY(progress.size() > 5);
        QVERIFY2(!m_window->messageBar()->isVisible(), qPrintable(m_window->messageBar()->message().what));
    }

    void theRunIsInTheHistoryAndInTheCharts() {
        QCOMPARE(m_window->workspace()->page(), QStringLiteral("runs"));
        QTRY_COMPARE(m_window->workspace()->historyPanel()->table()->model()->rowCount(), 2);
        ChartsPanel* charts = m_window->workspace()->chartsPanel();
        QVERIFY(charts->isVisible());
        const auto& pareto = dynamic_cast<const ParetoChart&>(charts->chart(ChartsPanel::Page::Pareto));
        QTRY_COMPARE(pareto.points().size(), std::size_t{2});
        for (const auto page : {ChartsPanel::Page::Pareto, ChartsPanel::Page::Bars, ChartsPanel::Page::Latency}) {
            charts->setPage(page);
            for (const auto& [format, ending] :
                 {std::pair{ChartFormat::Svg, "svg"}, std::pair{ChartFormat::Png, "png"}, std::pair{ChartFormat::Csv, "csv"}}) {
                const QString file = m_home.file(QStringLiteral("chart%1.%2").arg(static_cast<int>(page)).arg(QLatin1String(ending)));
                charts->exportTo(format, file);
                QVERIFY2(QFileInfo(file).size() > 100, qPrintable(file));
            }
        }
    }

    void theModelIsExportedAndChecked() {
        // The menu as the keyboard reaches it: its first entry is TorchScript.
        QMenu* menu = m_window->actions().menu(u"export");
        QVERIFY(menu->isEnabled());
        menu->actions().constFirst()->trigger();
        auto* dialog = m_window->findChild<ExportDialog*>();
        QVERIFY(dialog && dialog->isVisible());
        auto* field = dialog->findChild<QLineEdit*>();
        const QString file = m_home.file(QStringLiteral("small.pt"));
        field->selectAll();
        QTest::keyClicks(field, file);
        QTest::keyClick(field, Qt::Key_Return);
        QVERIFY(dialog->isBusy());
        QTRY_VERIFY_WITH_TIMEOUT(!dialog->isBusy(), runTimeoutMs);
        QVERIFY2(QFileInfo::exists(file), qPrintable(dialog->statusText()));
        const auto* checks = dialog->findChild<QTableWidget*>();
        QVERIFY(checks->rowCount() >= 1);
        // A third of the channels are gone and eight bits are left of 32.
        QVERIFY(QFileInfo(file).size() * 4 < QFileInfo(QStringLiteral(LATHE_SOURCE_DIR "/resources/samples/lenet5/lenet5.pt")).size());
        QTest::keyClick(dialog, Qt::Key_Escape);
        QTRY_VERIFY(!m_window->findChild<ExportDialog*>());
    }

    void theReportIsOfTheComparisonThatRan() {
        m_window->actions().menu(u"export")->actions().at(3)->trigger();
        auto* dialog = m_window->findChild<ExportDialog*>();
        QVERIFY(dialog && dialog->isVisible());
        auto* field = dialog->findChild<QLineEdit*>();
        const QString file = m_home.file(QStringLiteral("report.html"));
        field->selectAll();
        QTest::keyClicks(field, file);
        QTest::keyClick(field, Qt::Key_Return);
        QVERIFY2(!dialog->isBusy(), "nothing is measured again for it");
        QFile report(file);
        QVERIFY2(report.open(QIODevice::ReadOnly), qPrintable(dialog->statusText()));
        const QByteArray html = report.readAll();
        const measure::Speedup& speedup = m_window->session().lastRun()->comparison.speedup;
        const QByteArray ratio = QByteArray::number(speedup.ratio, 'f', 2) + "×";
        // On a busy machine there is none.
        const bool isReliable = speedup.verdict != measure::Verdict::NotReliable;
        QVERIFY2(html.contains(isReliable ? ratio : QByteArray("is not reliably measured in speed")), ratio.constData());
        QTest::keyClick(dialog, Qt::Key_Escape);
        QTRY_VERIFY(!m_window->findChild<ExportDialog*>());
    }

private:
    [[nodiscard]] QStringList stepOps() const {
        QStringList ops;
        for (int step = 0; step < m_window->session().recipe().stepCount(); ++step)
            ops << toQt(m_window->session().recipe().step(step).op);
        return ops;
    }
    void chooseLayer(const QString& name) {
        QTest::keyClick(m_window.get(), Qt::Key_L, Qt::ControlModifier);
        QLineEdit* filter = m_window->workspace()->layersPanel()->filterField();
        filter->selectAll();
        QTest::keyClicks(filter, name);
        QTest::keyClick(filter, Qt::Key_Return);
        QCOMPARE(m_window->session().selectedLayers(), QStringList{name});
    }
    void chooseStep(int step) {
        QListView* list = m_window->workspace()->recipePanel()->list();
        const QRect row = list->visualRect(list->model()->index(step, 0));
        // Beside the switch and the drag handle: on the title.
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, QPoint(row.center().x(), row.center().y()));
        QCOMPARE(m_window->session().selectedStep(), step);
    }
    [[nodiscard]] QWidget* layerControl(int step, const char* key) const {
        return m_window->workspace()->inspectorPanel()->layerInspector()->form(step)->control(key);
    }

    test::TestHome m_home;
    std::unique_ptr<MainWindow> m_window;
};

QTEST_MAIN(WholeCaseTest)
#include "whole_case_test.moc"
