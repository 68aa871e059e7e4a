#include <views/shell/scripted_picture.h>

#include <QApplication>
#include <QImage>
#include <QTest>

#include <tests/gui/window_fixture.h>
#include <views/panels/graph_panel.h>
#include <views/shell/main_window.h>
#include <views/shell/workspace.h>

using namespace lathe;
using namespace lathe::views;

class ScriptedPictureTest : public QObject {
    Q_OBJECT

private slots:
    void showsWhatTheScriptSaysAndStoresTheWindow() {
        MainWindow window{std::make_unique<test::FakeTransport>(), m_home.file(QStringLiteral("history.sqlite"))};
        window.resize(1024, 700);
        window.show();
        ScriptedPicture::Script script;
        script.file = m_home.file(QStringLiteral("window.png"));
        script.sample = QStringLiteral("lenet5");
        script.select = QStringList{QStringLiteral("conv2")};
        script.stage = QStringLiteral("optimized");
        script.colour = QStringLiteral("loss");
        script.page = QStringLiteral("log");
        new ScriptedPicture(window, script); // owned by the window
        QCOMPARE(QApplication::exec(), 0);
        QCOMPARE(QImage(script.file).size(), window.size());
        QCOMPARE(window.session().selectedLayers(), QStringList{QStringLiteral("conv2")});
        QCOMPARE(window.workspace()->graphPanel()->stage(), GraphPanel::Stage::Optimized);
        QCOMPARE(window.workspace()->page(), QStringLiteral("log"));
        window.session().undoStack().setClean();
    }

    void aPictureThatCannotBeStoredIsAFailure() {
        MainWindow window{std::make_unique<test::FakeTransport>(), m_home.file(QStringLiteral("history.sqlite"))};
        window.show();
        ScriptedPicture::Script script;
        script.file = m_home.file(QStringLiteral("no/such/folder/window.png"));
        new ScriptedPicture(window, script); // owned by the window
        QCOMPARE(QApplication::exec(), 1);
    }

private:
    test::TestHome m_home;
};

QTEST_MAIN(ScriptedPictureTest)
#include "scripted_picture_test.moc"
