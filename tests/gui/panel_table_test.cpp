#include <views/shell/panel_table.h>

#include <set>

#include <QTest>

#include <tests/gui/window_fixture.h>
#include <views/shell/language.h>
#include <views/shell/main_window.h>
#include <views/shell/workspace.h>

using namespace lathe;
using namespace lathe::views;

class PanelTableTest : public QObject {
    Q_OBJECT

private slots:
    void init() {
        applyLanguage(QStringLiteral("en"));
        m_window = std::make_unique<MainWindow>(std::make_unique<test::FakeTransport>(), m_home.file(QStringLiteral("history.sqlite")));
        m_window->show();
        m_window->openSample(QStringLiteral("lenet5"));
        QTRY_VERIFY(m_window->session().preview() && !m_window->session().preview()->stages.empty());
    }
    void cleanup() {
        m_window->session().undoStack().setClean();
        m_window.reset();
    }

    void everyLineIsWhole() {
        std::set<std::string_view> ids, keys;
        for (const PanelSpec& panel : panelSpecs()) {
            QVERIFY2(ids.insert(panel.id).second, panel.id);
            QVERIFY2(panel.make != nullptr, panel.id);
            QCOMPARE(*panel.title != '\0', panel.place == PanelPlace::Tab);
            if (*panel.action == '\0') continue;
            const QAction* action = m_window->actions().action(QString::fromLatin1(panel.action));
            QCOMPARE(action->text(), QString::fromLatin1(panel.actionText));
            QCOMPARE(action->shortcut(), QKeySequence(QString::fromLatin1(panel.shortcut)));
            QVERIFY2(keys.insert(panel.shortcut).second, panel.shortcut);
            QVERIFY(m_window->actions().menu(u"view")->actions().contains(const_cast<QAction*>(action)));
        }
        QCOMPARE(ids.count("log"), std::size_t{1});
    }
    void everyTabIsShownByItsAction() {
        Workspace* workspace = m_window->workspace();
        for (const PanelSpec& panel : panelSpecs()) {
            if (panel.place != PanelPlace::Tab) continue;
            workspace->setPanelVisible(u"bottom", false);
            m_window->actions().action(QString::fromLatin1(panel.action))->trigger();
            QCOMPARE(workspace->page(), QString::fromLatin1(panel.id));
            QVERIFY(workspace->isPanelVisible(u"bottom"));
            QVERIFY(workspace->isPanelVisible(QString::fromLatin1(panel.id)));
        }
    }
    void everyOtherPanelIsHiddenAndShownByItsAction() {
        Workspace* workspace = m_window->workspace();
        for (const PanelSpec& panel : panelSpecs()) {
            if (panel.place == PanelPlace::Tab || *panel.action == '\0') continue;
            QAction* action = m_window->actions().action(QString::fromLatin1(panel.action));
            const QString id = QString::fromLatin1(panel.id);
            QVERIFY(action->isChecked() && workspace->isPanelVisible(id));
            action->trigger();
            QVERIFY(!workspace->isPanelVisible(id));
            const QByteArray hidden = workspace->layoutState();
            action->trigger();
            QVERIFY(workspace->isPanelVisible(id));
            workspace->setLayoutState(hidden); // of the last session
            QVERIFY(!workspace->isPanelVisible(id));
            workspace->restoreDefaultLayout();
        }
    }
    void whatIsNotInTheTableIsNoPanel() {
        QVERIFY(!m_window->workspace()->isPanelVisible(u"doctor"));
        m_window->workspace()->showPage(u"doctor");
        m_window->workspace()->setPanelVisible(u"doctor", true);
        QVERIFY(!m_window->workspace()->isPanelVisible(u"doctor"));
    }

private:
    test::TestHome m_home;
    std::unique_ptr<MainWindow> m_window;
};

QTEST_MAIN(PanelTableTest)
#include "panel_table_test.moc"
