#include <QDir>
#include <QFile>
#include <QTest>

#include <core/base/files.h>
#include <tests/gui/window_fixture.h>
#include <views/commands/recipe_editor.h>
#include <views/shell/recent_files.h>
#include <views/shell/recipe_autosave.h>
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

    void theRecipeOfADeadProcessIsFound() {
        Session session;
        RecipeEditor editor(session.recipe(), session.undoStack());
        RecipeAutosave autosave(session);
        session.setModel(test::LenetEngine::open("/models/lenet5.pt", 1));
        editor.addStep("quantize.static");
        autosave.save();
        QVERIFY(!RecipeAutosave::findAbandoned()); // this process lives
        renameAutosaves(QStringLiteral("autosave-2147483000.json"));
        const auto found = RecipeAutosave::findAbandoned();
        QVERIFY(found);
        QCOMPARE(found->modelFile, QStringLiteral("/models/lenet5.pt"));
        QVERIFY(found->recipe == session.recipe().recipe());
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

private:
    static void touch(const QString& path) {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
    }
    static QStringList autosaves() { return QDir(toQt(stateFolder().string())).entryList({QStringLiteral("autosave-*")}, QDir::Files); }
    static void renameAutosaves(const QString& name) {
        const QDir folder(toQt(stateFolder().string()));
        for (const QString& file : autosaves())
            QFile::rename(folder.filePath(file), folder.filePath(name));
    }
    test::TestHome m_home;
};

QTEST_MAIN(StateFilesTest)
#include "state_files_test.moc"
