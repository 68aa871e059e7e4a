#include <QPlainTextEdit>
#include <QTest>

#include <tests/gui/widget_walk.h>
#include <tests/gui/window_fixture.h>
#include <views/charts/charts_panel.h>
#include <views/dialogs/about_dialog.h>
#include <views/dialogs/command_palette.h>
#include <views/dialogs/data_preview_dialog.h>
#include <views/dialogs/export_dialog.h>
#include <views/dialogs/exported_files_dialog.h>
#include <views/dialogs/import_report_dialog.h>
#include <views/dialogs/random_input_dialog.h>
#include <views/panels/run_notes_popup.h>
#include <views/shell/language.h>
#include <views/shell/main_window.h>
#include <views/shell/workspace.h>
#include <views/widgets/theme.h>

using namespace lathe;
using namespace lathe::views;

/// What holds for every widget of the window and of each dialog, whoever wrote it: a name for screen readers, a mark of the focus, no text
/// that is cut off, and keys that go somewhere at once.
class EveryWidgetTest : public QObject {
    Q_OBJECT

private:
    test::TestHome m_home;
    int m_number = 0;
    std::unique_ptr<MainWindow> m_window;

    using Maker = std::function<std::unique_ptr<QWidget>(MainWindow&)>;
    static std::vector<std::pair<const char*, Maker>> popups() {
        return {
            {"palette", [](MainWindow& window) { return std::make_unique<CommandPalette>(window.actions().actions()); }},
            {"about", [](MainWindow& window) { return std::make_unique<AboutDialog>(window.session(), QStringLiteral("1.0")); }},
            {"preview",
             [](MainWindow& window) { return std::make_unique<DataPreviewDialog>(window.session(), window.editor(), window.workbench()); }},
            {"import report",
             [](MainWindow& window) {
                 client::OpenReply model = *window.session().model();
                 model.report.operators = {{"aten::conv2d", 2, true}, {"aten::linear", 3, true}};
                 model.report.problems = {{"aten::stft", "features", "model.py:20", "there is no kernel for it"}};
                 return std::make_unique<ImportReportDialog>(model);
             }},
            {"exported files",
             [](MainWindow&) {
                 history::ExportedFile exported;
                 exported.file = "/tmp/lenet5-int8.pt";
                 exported.bytes = 41'000;
                 exported.modelFile = "lenet5.pt";
                 return std::make_unique<ExportedFilesDialog>(std::vector<history::ExportedFile>{exported});
             }},
            {"no exported files", [](MainWindow&) { return std::make_unique<ExportedFilesDialog>(std::vector<history::ExportedFile>{}); }},
            {"export",
             [](MainWindow&) {
                 return std::make_unique<ExportDialog>(QStringLiteral("torchscript"), QStringLiteral("/tmp"), QStringLiteral("lenet5"));
             }},
            {"export with results",
             [](MainWindow&) {
                 auto dialog = std::make_unique<ExportDialog>(QStringLiteral("onnx"), QStringLiteral("/tmp"), QStringLiteral("lenet5"));
                 client::ExportReply reply;
                 reply.file = "/tmp/lenet5.onnx";
                 reply.bytes = 41'000;
                 reply.originalBytes = 250'100;
                 reply.checks = {{"libtorch", "2.11.0", history::ExportVerdict::Same, 1e-6, 1e-7, 1.0, 4.2, ""},
                                 {"onnxruntime", "1.20", history::ExportVerdict::Different, 1, 0.2, 0.5, 4.2,
                                  "The largest difference is 1.0, more than the 0.001 that rounding explains."}};
                 reply.notes = {"fc3 is kept in float."};
                 dialog->setResult(reply);
                 return dialog;
             }},
            {"random input",
             [](MainWindow&) {
                 return std::make_unique<RandomInputDialog>(
                     std::vector<std::string>{"tokens: int64[batch,seq]", "image: float32[batch,3,?,?]", "x"}, QString());
             }},
            {"notes", [](MainWindow&) {
                 auto popup = std::make_unique<RunNotesPopup>();
                 history::RunRow run;
                 run.id = "1";
                 run.name = "lenet5 · int8";
                 popup->edit(run, QPoint(10, 10));
                 return popup;
             }}};
    }
    void openSample() {
        m_window->openSample(QStringLiteral("lenet5"));
        QTRY_VERIFY(m_window->session().preview() && !m_window->session().preview()->stages.empty());
        QTRY_VERIFY(m_window->isIdle());
    }
    /// Each state that the window is looked at in.
    void forEachState(const std::function<void(const QString&)>& look) {
        const auto settle = [this] {
            QTRY_VERIFY(m_window->isIdle());
            QCoreApplication::processEvents();
        };
        settle();
        look(QStringLiteral("welcome"));
        openSample();
        Workspace* workspace = m_window->workspace();
        settle();
        look(QStringLiteral("model"));
        for (const QStringView page : {u"layers", u"runs", u"log"}) {
            workspace->showPage(page);
            settle();
            look(QStringLiteral("page %1").arg(page));
        }
        for (int step = 0; step < m_window->session().recipe().stepCount(); ++step) {
            m_window->session().selectStep(step);
            settle();
            look(QStringLiteral("step %1").arg(step));
        }
        m_window->session().selectNodes({QStringLiteral("conv2")});
        settle();
        look(QStringLiteral("layer"));
        m_window->actions().action(u"run.start")->trigger();
        QTRY_VERIFY(m_window->session().lastRun());
        settle();
        for (const auto page :
             {ChartsPanel::Page::Pareto, ChartsPanel::Page::Bars, ChartsPanel::Page::Latency, ChartsPanel::Page::Layers}) {
            workspace->chartsPanel()->setPage(page);
            settle();
            look(QStringLiteral("chart %1").arg(static_cast<int>(page)));
        }
    }

private slots:
    void init() {
        applyTheme(ThemeChoice::Light);
        applyLanguage(QStringLiteral("en"));
        const QString history = m_home.file(QStringLiteral("history%1.sqlite").arg(++m_number));
        auto* transport = new test::FakeTransport; // owned by the window
        transport->onRun = [history](const base::Json& parameters) {
            test::storeRun(history, test::LenetEngine::run(*recipe::parse(parameters.at("recipe").dump())));
        };
        m_window = std::make_unique<MainWindow>(std::unique_ptr<EngineTransport>(transport), history);
        m_window->resize(1440, 900);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        QTRY_VERIFY(m_window->session().engine());
    }
    void cleanup() {
        m_window->session().undoStack().setClean();
        m_window.reset();
    }

    void theWindowIsNamedForScreenReaders() {
        QStringList found;
        forEachState([&](const QString& state) {
            for (const QString& one : test::unnamedWidgets(m_window.get()))
                found << state + QStringLiteral(": ") + one;
        });
        QVERIFY2(found.isEmpty(), qPrintable(found.join(u'\n')));
    }
    void theWindowShowsTheFocus_data() {
        QTest::addColumn<int>("theme");
        QTest::newRow("light") << int(ThemeChoice::Light);
        QTest::newRow("dark") << int(ThemeChoice::Dark);
    }
    void theWindowShowsTheFocus() {
        QFETCH(int, theme);
        applyTheme(static_cast<ThemeChoice>(theme));
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        QStringList found;
        forEachState([&](const QString& state) {
            for (const QString& one : test::tabStopsWithoutFocusMark(m_window.get()))
                found << state + QStringLiteral(": ") + one;
        });
        QVERIFY2(found.isEmpty(), qPrintable(found.join(u'\n')));
    }
    void noTextOfTheWindowIsCut_data() {
        QTest::addColumn<QString>("language");
        QTest::addColumn<QSize>("size");
        for (const char* language : {"en", "zh_CN"}) {
            for (const QSize& size : {QSize(1024, 700), QSize(1280, 800), QSize(1440, 900)}) {
                QTest::addRow("%s %d", language, size.width()) << QString::fromLatin1(language) << size;
            }
        }
    }
    void noTextOfTheWindowIsCut() {
        QFETCH(QString, language);
        QFETCH(QSize, size);
        applyLanguage(language);
        m_window->resize(size);
        QStringList cut;
        forEachState([&](const QString& state) {
            QStringList found;
            // Layouts take some rounds of the event loop to settle.
            (void)QTest::qWaitFor([&] { return (found = test::cutTexts(m_window.get())).isEmpty(); }, 500);
            if (m_window->size() != size) cut << state + QStringLiteral(" needs more room");
            for (const QString& one : found)
                cut << state + QStringLiteral(": ") + one;
        });
        cut.removeDuplicates();
        QVERIFY2(cut.isEmpty(), qPrintable(cut.join(u'\n')));
    }

    // Each widget in the state it was in: nothing keeps the colours of the theme before.
    void theWindowFollowsTheTheme_data() {
        QTest::addColumn<int>("page");
        for (const auto page : {ChartsPanel::Page::Pareto, ChartsPanel::Page::Bars, ChartsPanel::Page::Latency, ChartsPanel::Page::Layers})
            QTest::addRow("chart %d", static_cast<int>(page)) << static_cast<int>(page);
    }
    void theWindowFollowsTheTheme() {
        QFETCH(int, page);
        openSample();
        m_window->actions().action(u"run.start")->trigger();
        QTRY_VERIFY(m_window->session().lastRun());
        m_window->workspace()->chartsPanel()->setPage(static_cast<ChartsPanel::Page>(page));
        QTRY_VERIFY(m_window->isIdle());
        const auto shareOf = [this](const QColor& colour) {
            const QImage picture = m_window->grab().toImage().convertToFormat(QImage::Format_RGB32);
            qint64 same = 0;
            for (int y = 0; y < picture.height(); ++y) {
                const auto* line = reinterpret_cast<const QRgb*>(picture.constScanLine(y));
                same += std::count(line, line + picture.width(), colour.rgb());
            }
            return static_cast<double>(same) / (static_cast<double>(picture.width()) * picture.height());
        };
        QTRY_VERIFY(shareOf(lightColors().window) > 0.3);
        applyTheme(ThemeChoice::Dark);
        QTRY_VERIFY2(shareOf(lightColors().window) < 0.01, qPrintable(QString::number(shareOf(lightColors().window))));
        applyTheme(ThemeChoice::Light);
        QTRY_VERIFY(shareOf(darkColors().window) < 0.01);
    }

    void dialogs_data() {
        QTest::addColumn<QString>("language");
        QTest::addColumn<int>("popup");
        const auto all = popups();
        for (const char* language : {"en", "zh_CN"}) {
            for (std::size_t index = 0; index < all.size(); ++index)
                QTest::addRow("%s %s", language, all[index].first) << QString::fromLatin1(language) << static_cast<int>(index);
        }
    }
    void dialogs() {
        QFETCH(QString, language);
        QFETCH(int, popup);
        applyLanguage(language);
        openSample();
        const std::unique_ptr<QWidget> dialog = popups()[static_cast<std::size_t>(popup)].second(*m_window);
        // Popups are not activated by every desktop: the keys must have a place to go before.
        QVERIFY2(dialog->focusWidget(), "no widget has the focus when it opens");
        dialog->show();
        QVERIFY(QTest::qWaitForWindowExposed(dialog.get()));
        QTRY_VERIFY(m_window->isIdle());
        QStringList found = test::unnamedWidgets(dialog.get());
        found += test::cutTexts(dialog.get());
        // As small as it can be made, in both directions.
        dialog->resize(dialog->minimumSize().expandedTo(dialog->minimumSizeHint()));
        QCoreApplication::processEvents();
        for (const QString& one : test::cutTexts(dialog.get()))
            found << QStringLiteral("when small: ") + one;
        dialog->activateWindow();
        if (QTest::qWaitForWindowActive(dialog.get(), 500)) found += test::tabStopsWithoutFocusMark(dialog.get());
        QVERIFY2(found.isEmpty(), qPrintable(found.join(u'\n')));
    }
};

QTEST_MAIN(EveryWidgetTest)
#include "every_widget_test.moc"
