#include <csignal>
#include <cstdio>

#include <sys/wait.h>
#include <unistd.h>

#include <QDir>
#include <QFile>
#include <QSignalSpy>
#include <QStringBuilder>
#include <QTest>

#include <core/base/files.h>
#include <tests/gui/window_fixture.h>
#include <views/commands/recipe_editor.h>
#include <views/shell/model_file_watcher.h>
#include <views/shell/model_memory.h>
#include <views/shell/recent_files.h>
#include <views/shell/recipe_autosave.h>
#include <views/shell/samples.h>
#include <views/shell/save_folder.h>
#include <views/shell/settings.h>
#include <views/shell/state_folder.h>

using namespace lathe;
using namespace lathe::views;

/// What the window keeps between two starts: recent files, settings, the unsaved recipe.
class StateFilesTest : public QObject {
    Q_OBJECT

private slots:
    void init() { QDir(toQt(stateFolder().string())).removeRecursively(); }

    void recentFilesAreNewestFirstAndNine() {
        RecentFiles recent;
        QVERIFY(recent.files().isEmpty());
        QStringList files;
        for (int number = 0; number < 11; ++number) {
            files << m_home.file(QStringLiteral("model%1.pt").arg(number));
            touch(files.last());
            recent.add(files.last());
        }
        QCOMPARE(recent.files().size(), 9);
        QCOMPARE(recent.files().first(), files.last());
        recent.add(files[5]);
        QCOMPARE(recent.files().first(), files[5]);
        QCOMPARE(recent.files().size(), 9);
        QFile::remove(files[10]);
        QVERIFY(!recent.files().contains(files[10]));
        recent.clear();
        QVERIFY(recent.files().isEmpty());
    }

    void settingsComeBack() {
        Settings settings;
        settings.theme = ThemeChoice::Dark;
        settings.language = QStringLiteral("zh_CN");
        settings.python = QStringLiteral("/opt/venv/bin/python");
        settings.geometry = "g";
        settings.layout = "l";
        settings.save();
        const Settings loaded = Settings::load();
        QCOMPARE(loaded.theme, ThemeChoice::Dark);
        QCOMPARE(loaded.language, QStringLiteral("zh_CN"));
        QCOMPARE(loaded.python, QStringLiteral("/opt/venv/bin/python"));
        QCOMPARE(loaded.geometry, QByteArray("g"));
        QCOMPARE(loaded.layout, QByteArray("l"));
    }

    // Killed, and its parent has not asked how it ended: its process id still exists.
    void theRecipeOfAKilledProcessIsFoundAtOnce() {
        Session session;
        RecipeEditor editor(session.recipe(), session.undoStack());
        session.setModel(test::LenetEngine::open("/models/lenet5.pt", 1));
        editor.addStep("quantize.static");
        int ready[2];
        QCOMPARE(::pipe(ready), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            RecipeAutosave autosave(session);
            autosave.save();
            if (::write(ready[1], "y", 1) != 1) ::_exit(1);
            for (;;)
                ::pause();
        }
        char answer = 0;
        QCOMPARE(::read(ready[0], &answer, 1), ssize_t{1});
        QCOMPARE(autosaves().size(), 1);
        QVERIFY(!RecipeAutosave::findAbandoned()); // it lives
        ::kill(child, SIGKILL);
        siginfo_t info{};
        QCOMPARE(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
        auto found = RecipeAutosave::findAbandoned();
        QVERIFY(found);
        QCOMPARE(found->modelFile, QStringLiteral("/models/lenet5.pt"));
        QVERIFY(found->recipe == session.recipe().recipe());
        QVERIFY(!RecipeAutosave::findAbandoned()); // offered here already
        RecipeAutosave::forget(*found);
        QCOMPARE(autosaves().size(), 0);
        ::waitpid(child, nullptr, 0);
        ::close(ready[0]);
        ::close(ready[1]);
    }

    void whatAnOlderVersionLeftIsFound() {
        Session session;
        RecipeEditor editor(session.recipe(), session.undoStack());
        {
            RecipeAutosave autosave(session);
            editor.addStep("quantize.static");
            autosave.save();
            QVERIFY(!RecipeAutosave::findAbandoned()); // this process lives
        }
        const QDir folder(toQt(stateFolder().string()));
        QVERIFY(
            QFile::rename(folder.filePath(autosaves().constFirst()), folder.filePath(QStringLiteral("autosave-%1.json").arg(::getpid()))));
        QVERIFY(RecipeAutosave::findAbandoned()); // named by a process id that has come back
    }

    void nothingIsLeftAfterSavingOrClosing() {
        Session session;
        RecipeEditor editor(session.recipe(), session.undoStack());
        RecipeAutosave autosave(session);
        editor.addStep("finetune");
        autosave.save();
        QCOMPARE(autosaves().size(), 1);
        session.undoStack().setClean();
        QCOMPARE(autosaves().size(), 0);
    }

    void aDamagedAutosaveIsPutAway_data() {
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("cut off") << QByteArray("{\"model_file\": \"x\", \"recipe\": {\"lathe\"");
        QTest::newRow("not an object") << QByteArray("[1, 2]");
        QTest::newRow("wrong type") << QByteArray("{\"model_file\": 3, \"recipe\": {}}");
        QTest::newRow("not a recipe") << QByteArray("{\"model_file\": \"x\", \"recipe\": {\"steps\": [{\"op\": \"fly\"}]}}");
    }
    void aDamagedAutosaveIsPutAway() {
        QFETCH(QByteArray, content);
        QFile file(toQt((stateFolder() / "autosave-2147483000.json").string()));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
        file.close();
        QVERIFY(!RecipeAutosave::findAbandoned());
        QVERIFY(autosaves().isEmpty());
    }

    void eachModelHasItsOwnRecipeFileAndData() {
        using Entry = ModelMemory::Entry;
        const Entry first{QStringLiteral("/m/a.pt"), QStringLiteral("1a"), QStringLiteral("/r/a.json"), QStringLiteral("a.npz")};
        const Entry second{QStringLiteral("/m/b.pt"), QStringLiteral("2b"), {}, QStringLiteral("b.npz")};
        QVERIFY(!ModelMemory::findFile(first.modelFile));
        ModelMemory::remember(first);
        ModelMemory::remember(second);
        QVERIFY(ModelMemory::findFile(first.modelFile) == first);
        QVERIFY(ModelMemory::findContent(QStringLiteral("2b")) == second);
        // Moved, and changed.
        const Entry moved{QStringLiteral("/m/c.pt"), QStringLiteral("1a"), QStringLiteral("/r/c.json"), {}};
        ModelMemory::remember(moved);
        QVERIFY(!ModelMemory::findFile(first.modelFile));
        QVERIFY(ModelMemory::findContent(QStringLiteral("1a")) == moved);
        for (int number = 0; number < 120; ++number)
            ModelMemory::remember({QStringLiteral("/m/%1.pt").arg(number), QStringLiteral("f%1").arg(number), {}, {}});
        QVERIFY(!ModelMemory::findFile(moved.modelFile));
        QVERIFY(ModelMemory::findFile(QStringLiteral("/m/119.pt")));
        QFile file(toQt((stateFolder() / "models.json").string()));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("[{\"model_file\": 3}]");
        file.close();
        QVERIFY(!ModelMemory::findFile(QStringLiteral("/m/119.pt")));
    }

    void aModelFileThatChangesIsNoticed() {
        const QString path = m_home.file(QStringLiteral("watched.pt"));
        write(path, "one");
        ModelFileWatcher watcher;
        QSignalSpy changed(&watcher, &ModelFileWatcher::changed);
        watcher.watch(path);
        write(path, "other");
        QTRY_COMPARE(changed.size(), 1);
        // Replaced, as most programs save; twice, since the first replacement is a file that nobody watched.
        for (const char* text : {"replaced", "replaced again"}) {
            const QString aside = m_home.file(QStringLiteral("aside"));
            write(aside, text);
            QCOMPARE(::rename(aside.toLocal8Bit().constData(), path.toLocal8Bit().constData()), 0);
            changed.clear();
            QTRY_COMPARE(changed.size(), 1);
        }
        changed.clear();
        QFile::remove(path);
        write(path, "back again, longer");
        QTRY_COMPARE(changed.size(), 1);
        watcher.watch({});
        write(path, "nobody looks");
        QTest::qWait(0);
        QVERIFY(watcher.file().isEmpty());
    }

    void savingIsNeverOfferedInTheProgramsFolders() {
        const QString home = QFileInfo(m_home.file(QStringLiteral("x"))).path();
        QCOMPARE(saveFolder(m_home.file(QStringLiteral("model.pt"))), home);
        for (const QString& model : QStringList{resourceFolder() % QStringLiteral("/samples/lenet5/lenet5.pt"),
                                                QCoreApplication::applicationDirPath() % QStringLiteral("/model.pt"), QString()}) {
            const QString folder = saveFolder(model);
            QVERIFY2(!isShipped(folder), qPrintable(folder));
            QVERIFY(QFileInfo(folder).isWritable());
        }
        QVERIFY(isShipped(resourceFolder() % QStringLiteral("/samples/lenet5/prune50-int8.json")));
        QVERIFY(!isShipped(m_home.file(QStringLiteral("mine.json"))));
    }

    void theUsualRecipeFollowsTheKindOfModel_data() {
        QTest::addColumn<QStringList>("operators");
        QTest::addColumn<QStringList>("steps");
        QTest::newRow("convolutions") << QStringList{QStringLiteral("aten::conv2d"), QStringLiteral("aten::batch_norm"),
                                                     QStringLiteral("aten::relu"), QStringLiteral("aten::linear"),
                                                     QStringLiteral("aten::softmax.int")}
                                      << QStringList{QStringLiteral("fuse.conv_bn"),     QStringLiteral("fuse.conv_relu"),
                                                     QStringLiteral("fuse.linear_relu"), QStringLiteral("-prune.structured"),
                                                     QStringLiteral("-finetune"),        QStringLiteral("quantize.static")};
        QTest::newRow("transformer") << QStringList{QStringLiteral("aten::linear"), QStringLiteral("aten::matmul"),
                                                    QStringLiteral("aten::softmax.int"), QStringLiteral("aten::gelu")}
                                     << QStringList{QStringLiteral("quantize.dynamic")};
        QTest::newRow("transformer with relu") << QStringList{QStringLiteral("aten::linear"), QStringLiteral("aten::relu"),
                                                              QStringLiteral("aten::embedding")}
                                               << QStringList{QStringLiteral("fuse.linear_relu"), QStringLiteral("quantize.dynamic")};
        QTest::newRow("vision transformer") << QStringList{QStringLiteral("aten::conv2d"), QStringLiteral("aten::linear"),
                                                           QStringLiteral("aten::scaled_dot_product_attention")}
                                            << QStringList{QStringLiteral("quantize.dynamic")};
        QTest::newRow("speech") << QStringList{QStringLiteral("aten::conv1d"), QStringLiteral("aten::lstm.input")}
                                << QStringList{QStringLiteral("quantize.dynamic")};
        QTest::newRow("nothing known") << QStringList{} << QStringList{QStringLiteral("quantize.dynamic")};
    }
    void theUsualRecipeFollowsTheKindOfModel() {
        QFETCH(QStringList, operators);
        QFETCH(QStringList, steps);
        client::InspectReport report;
        for (const QString& op : operators)
            report.operators.push_back({toStd(op), 1, true});
        QStringList made;
        for (const steps::Step& step : usualRecipe(report, false).steps)
            made << (step.enabled ? QString() : QStringLiteral("-")) % toQt(step.op);
        QCOMPARE(made, steps);
        for (const steps::Step& step : usualRecipe(report, true).steps)
            QVERIFY(step.enabled);
    }

    void builtInDataIsTakenOnlyWhereItFits() {
        const std::vector<client::DataEntry> builtin{{"missing", "", false, {1, 32, 32}}, {"clothes", "", true, {1, 32, 32}}};
        client::OpenReply model = test::LenetEngine::open("lenet5.pt", 1);
        QCOMPARE(fittingData(builtin, model), QStringLiteral("clothes"));
        model.inputShapes = {{-1, 1, -1, -1}};
        QCOMPARE(fittingData(builtin, model), QStringLiteral("clothes"));
        for (const tensor::Shape& other : {tensor::Shape{1, 3, 224, 224}, tensor::Shape{1, 1024}, tensor::Shape{}}) {
            model.inputShapes = {other};
            QVERIFY(fittingData(builtin, model).isEmpty());
        }
        model.inputShapes = {{1, 1, 32, 32}, {1, 8}};
        QVERIFY(fittingData(builtin, model).isEmpty());
        model.inputShapes = {{1, 1, 32, 32}};
        model.report.inputs = {"tokens: int64[1,1,32,32]"};
        QVERIFY(fittingData(builtin, model).isEmpty());
    }

private:
    static void write(const QString& path, const char* text) {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
    }
    static void touch(const QString& path) {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
    }
    static QStringList autosaves() {
        return QDir(toQt(stateFolder().string())).entryList({QStringLiteral("autosave-*.json")}, QDir::Files);
    }
    test::TestHome m_home;
};

QTEST_MAIN(StateFilesTest)
#include "state_files_test.moc"
