#pragma once

#include <span>

#include <QString>
#include <QWidget>

#include <views/commands/recipe_editor.h>
#include <views/jobs/workbench.h>
#include <views/models/session.h>

namespace lathe::views {

/// Where a panel stands: three beside each other at the top; below them tabs, and a place beside the tabs.
enum class PanelPlace { TopLeft, TopMiddle, TopRight, Tab, BottomRight };

/// What panels are made with; all of it lives longer than they do.
struct PanelParts {
    Session& session;
    RecipeEditor& editor;
    Workbench& workbench;
    QString historyFile;
};

/// One panel of the work area. A new one is a file pair in views/panels and a line in the table: its place, its tab and its actions come
/// from there.
struct PanelSpec {
    const char* id; ///< "layers"
    PanelPlace place;
    const char* title; ///< of the tab (context Workspace); "" where there is none
    /// The action that shows a tab, or shows and hides another panel ("view.layers"), its text (context ActionRegistry) and its keys.
    const char* action;
    const char* actionText;
    const char* shortcut;
    int leastWidth; ///< pixels; 0: what the panel itself needs
    QWidget* (*make)(const PanelParts& parts);
    QWidget* (*tools)(QWidget* panel); ///< beside the tabs while the panel is shown; null: none
};

/// All of them. Their order is that of the tabs, of the menu and of the layout that is stored: new ones come last in their place.
[[nodiscard]] std::span<const PanelSpec> panelSpecs();

} // namespace lathe::views
