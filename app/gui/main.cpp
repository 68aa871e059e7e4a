#include <chrono>
#include <cstdio>

#include <QApplication>
#include <QCommandLineParser>
#include <QFileInfo>

#include <core/history/history.h>
#include <views/jobs/engine_process.h>
#include <views/models/text.h>
#include <views/shell/language.h>
#include <views/shell/main_window.h>
#include <views/shell/scripted_picture.h>
#include <views/shell/settings.h>

using namespace lathe::views;

namespace {

struct Options {
    QCommandLineOption language{QStringLiteral("language"), QStringLiteral("Language of the window: en, zh_CN."), QStringLiteral("code")};
    QCommandLineOption theme{QStringLiteral("theme"), QStringLiteral("system, light or dark."), QStringLiteral("name")};
    QCommandLineOption sample{QStringLiteral("sample"), QStringLiteral("Open a sample: lenet5."), QStringLiteral("name")};
    QCommandLineOption timing{QStringLiteral("timing"), QStringLiteral("Print the time to the first paint on standard error.")};
    // For the script that makes the pictures of the documentation.
    QCommandLineOption screenshot{QStringLiteral("screenshot"), {}, QStringLiteral("file")};
    QCommandLineOption size{QStringLiteral("size"), {}, QStringLiteral("WxH"), QStringLiteral("1440x900")};
    QCommandLineOption run{QStringLiteral("run")};
    QCommandLineOption select{QStringLiteral("select"), {}, QStringLiteral("layers")};
    QCommandLineOption step{QStringLiteral("step"), {}, QStringLiteral("number")};
    QCommandLineOption stage{QStringLiteral("stage"), {}, QStringLiteral("name")};
    QCommandLineOption colour{QStringLiteral("colour"), {}, QStringLiteral("figure")};
    QCommandLineOption page{QStringLiteral("page"), {}, QStringLiteral("name")};
    QCommandLineOption chart{QStringLiteral("chart"), {}, QStringLiteral("number")};
    QCommandLineOption filter{QStringLiteral("filter"), {}, QStringLiteral("text")};
    QCommandLineOption scope{QStringLiteral("scope"), {}, QStringLiteral("number")};
    QCommandLineOption compare{QStringLiteral("compare")};

    void addTo(QCommandLineParser& parser) {
        for (QCommandLineOption* hidden :
             {&screenshot, &size, &run, &select, &step, &stage, &colour, &page, &chart, &filter, &scope, &compare})
            hidden->setFlags(QCommandLineOption::HiddenFromHelp);
        parser.addOptions(
            {language, theme, sample, timing, screenshot, size, run, select, step, stage, colour, page, chart, filter, scope, compare});
    }
};

ScriptedPicture::Script scriptFrom(const QCommandLineParser& parser, const Options& options) {
    ScriptedPicture::Script script;
    script.file = parser.value(options.screenshot);
    script.sample = parser.value(options.sample);
    script.run = parser.isSet(options.run);
    script.select = parser.value(options.select).split(u',', Qt::SkipEmptyParts);
    script.step = parser.value(options.step).toInt();
    script.stage = parser.value(options.stage);
    script.colour = parser.value(options.colour);
    script.page = parser.value(options.page);
    script.chart = parser.value(options.chart).toInt();
    script.filter = parser.value(options.filter);
    script.scope = parser.value(options.scope).toInt();
    script.compare = parser.isSet(options.compare);
    return script;
}

} // namespace

int main(int argc, char* argv[]) {
    const auto started = std::chrono::steady_clock::now();
    QApplication app(argc, argv);
    QApplication::setApplicationName(QStringLiteral("lathe"));
    QApplication::setApplicationDisplayName(QStringLiteral("Lathe"));
    QApplication::setApplicationVersion(QStringLiteral(LATHE_VERSION));
    QApplication::setDesktopFileName(QStringLiteral("lathe"));

    QCommandLineParser parser;
    Options options;
    parser.setApplicationDescription(QStringLiteral("A workbench that makes neural networks cheaper to run."));
    parser.addHelpOption();
    parser.addVersionOption();
    options.addTo(parser);
    parser.addPositionalArgument(QStringLiteral("file"), QStringLiteral("A model or a recipe (.json)."), QStringLiteral("[file…]"));
    parser.process(app);

    const Settings settings = Settings::load();
    applyTheme(parser.isSet(options.theme) ? themeFromName(parser.value(options.theme)) : settings.theme);
    applyLanguage(parser.isSet(options.language) ? parser.value(options.language) : settings.language);

    MainWindow window(std::make_unique<EngineProcess>(), toQt(lathe::history::History::defaultFile().string()));
    QObject::connect(&window, &MainWindow::firstPainted, &window, [&] {
        if (parser.isSet(options.timing)) {
            const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
            std::fprintf(stderr, "lathe: first paint after %.3f s\n", seconds.count());
        }
        QStringList files = parser.positionalArguments();
        for (QString& file : files)
            file = QFileInfo(file).absoluteFilePath();
        window.openFiles(files);
    });
    if (parser.isSet(options.screenshot)) {
        const QStringList size = parser.value(options.size).split(u'x');
        window.resize(size.value(0).toInt(), size.value(1).toInt());
        new ScriptedPicture(window, scriptFrom(parser, options)); // owned by the window
    } else if (parser.isSet(options.sample)) {
        QObject::connect(&window, &MainWindow::firstPainted, &window, [&] { window.openSample(parser.value(options.sample)); });
    }
    window.show();
    return QApplication::exec();
}
