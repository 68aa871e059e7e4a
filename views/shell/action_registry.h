#pragma once

#include <span>

#include <QAction>
#include <QHash>
#include <QMenu>
#include <QMenuBar>
#include <QObject>

namespace lathe::views {

/// Every action of the window: one table with its name, shortcut and place, which feeds menus, buttons, command palette and help.
class ActionRegistry : public QObject {
    Q_OBJECT

public:
    /// The actions become children of `window`, so that their shortcuts work everywhere in it.
    explicit ActionRegistry(QWidget* window);

    /// The id must be in the table.
    [[nodiscard]] QAction* action(QStringView id) const;
    /// In the order of the menus.
    [[nodiscard]] const QList<QAction*>& actions() const { return m_actions; }
    void fillMenuBar(QMenuBar* bar);
    /// "file", or a menu that the window fills by itself: "recent", "addStep", "data", "device", "theme", "language".
    [[nodiscard]] QMenu* menu(QStringView id) const;
    void retranslate();

private:
    QHash<QString, QAction*> m_byId;
    QList<QAction*> m_actions;
    QHash<QString, QMenu*> m_menus;
};

} // namespace lathe::views
