#include <QSignalSpy>
#include <QTest>

#include <views/dialogs/command_palette.h>

using namespace lathe::views;

/// Keys go where a popup's keys go: to its focus widget, without a click and without the popup being activated.
class CommandPaletteTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() {
        m_actions.clear();
        for (const char* name : {"&Open Model…", "Clear Recipe", "Theme: Dark", "Theme: Light"}) {
            m_actions.append(new QAction(QString::fromUtf8(name), this));
        }
        m_actions[1]->setEnabled(false);
        m_palette = std::make_unique<CommandPalette>(m_actions);
    }
    void cleanup() {
        m_palette.reset();
        qDeleteAll(m_actions);
    }

    void theFieldHasTheFocusBeforeThePopupIsShown() { QCOMPARE(m_palette->focusWidget(), static_cast<QWidget*>(m_palette->field())); }
    void typingNeedsNoActivation() {
        m_palette->setAttribute(Qt::WA_ShowWithoutActivating);
        m_palette->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_palette.get()));
        // A key pressed on the window, as the window system delivers it.
        for (const char key : {'t', 'h', ' ', 'l', 'i'})
            QTest::keyClick(m_palette->windowHandle(), key);
        QCOMPARE(m_palette->field()->text(), QStringLiteral("th li"));
        QCOMPARE(m_palette->current(), QStringLiteral("Theme: Light"));
    }
    void arrowsChooseAndReturnRuns() {
        m_palette->show();
        QSignalSpy dark(m_actions[2], &QAction::triggered), opened(m_actions[0], &QAction::triggered);
        QTest::keyClicks(m_palette->focusWidget(), QStringLiteral("theme"));
        QTest::keyClick(m_palette->focusWidget(), Qt::Key_Down);
        QCOMPARE(m_palette->current(), QStringLiteral("Theme: Light"));
        QTest::keyClick(m_palette->focusWidget(), Qt::Key_Down);
        QCOMPARE(m_palette->current(), QStringLiteral("Theme: Light"));
        QTest::keyClick(m_palette->focusWidget(), Qt::Key_Up);
        QTest::keyClick(m_palette->focusWidget(), Qt::Key_Return);
        QVERIFY(!m_palette->isVisible());
        QTRY_COMPARE(dark.size(), 1);
        QCOMPARE(opened.size(), 0);
    }
    void pagesReachBothEnds() {
        m_palette->show();
        QTest::keyClick(m_palette->focusWidget(), Qt::Key_PageDown);
        QCOMPARE(m_palette->current(), QStringLiteral("Theme: Light"));
        QTest::keyClick(m_palette->focusWidget(), Qt::Key_PageUp);
        QCOMPARE(m_palette->current(), QStringLiteral("Open Model…"));
    }
    void whatIsDisabledDoesNotRun() {
        m_palette->show();
        QTest::keyClicks(m_palette->focusWidget(), QStringLiteral("clear"));
        QTest::keyClick(m_palette->focusWidget(), Qt::Key_Return);
        QVERIFY(m_palette->isVisible());
    }
    void escapeClosesFromTheField() {
        m_palette->show();
        QTest::keyClick(m_palette->focusWidget(), Qt::Key_Escape);
        QVERIFY(!m_palette->isVisible());
    }

private:
    QList<QAction*> m_actions;
    std::unique_ptr<CommandPalette> m_palette;
};

QTEST_MAIN(CommandPaletteTest)
#include "command_palette_test.moc"
