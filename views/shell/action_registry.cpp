#include <views/shell/action_registry.h>

#include <array>
#include <string_view>
#include <vector>

#include <views/models/text.h>
#include <views/shell/panel_table.h>
#include <views/widgets/themed_icon.h>

namespace lathe::views {

namespace {

struct Entry {
    enum class Kind { Menu, Action, Toggle, SubMenu, Separator, Panels };
    Kind kind;
    const char* id = "";
    const char* text = "";
    const char* shortcut = "";
    const char* icon = "";
};

constexpr Entry separator{Entry::Kind::Separator};
constexpr Entry menu(const char* id, const char* text) { return {Entry::Kind::Menu, id, text}; }
constexpr Entry subMenu(const char* id, const char* text) { return {Entry::Kind::SubMenu, id, text}; }
constexpr Entry action(const char* id, const char* text, const char* shortcut = "", const char* icon = "") {
    return {Entry::Kind::Action, id, text, shortcut, icon};
}
constexpr Entry toggle(const char* id, const char* text, const char* shortcut = "") { return {Entry::Kind::Toggle, id, text, shortcut}; }

/// The actions of the panels in these places.
constexpr Entry panels(const char* places) { return {Entry::Kind::Panels, places}; }

constexpr std::array table = {
    menu("file", QT_TRANSLATE_NOOP("ActionRegistry", "&File")),
    action("file.open", QT_TRANSLATE_NOOP("ActionRegistry", "&Open Model…"), "Ctrl+O", "open"),
    action("file.sample", QT_TRANSLATE_NOOP("ActionRegistry", "Open &Sample LeNet-5"), "Ctrl+Shift+L", "model"),
    subMenu("recent", QT_TRANSLATE_NOOP("ActionRegistry", "Open &Recent")),
    action("file.close", QT_TRANSLATE_NOOP("ActionRegistry", "&Close Model"), "Ctrl+W"),
    separator,
    action("file.openRecipe", QT_TRANSLATE_NOOP("ActionRegistry", "Open Rec&ipe…"), "Ctrl+Shift+O"),
    action("file.saveRecipe", QT_TRANSLATE_NOOP("ActionRegistry", "&Save Recipe"), "Ctrl+S", "save"),
    action("file.saveRecipeAs", QT_TRANSLATE_NOOP("ActionRegistry", "Save Recipe &As…"), "Ctrl+Shift+S"),
    separator,
    subMenu("export", QT_TRANSLATE_NOOP("ActionRegistry", "&Export")),
    separator,
    action("file.quit", QT_TRANSLATE_NOOP("ActionRegistry", "&Quit"), "Ctrl+Q"),

    menu("edit", QT_TRANSLATE_NOOP("ActionRegistry", "&Edit")),
    action("edit.undo", QT_TRANSLATE_NOOP("ActionRegistry", "&Undo"), "Ctrl+Z", "undo"),
    action("edit.redo", QT_TRANSLATE_NOOP("ActionRegistry", "&Redo"), "Ctrl+Shift+Z", "redo"),
    separator,
    action("edit.find", QT_TRANSLATE_NOOP("ActionRegistry", "&Find in Graph"), "Ctrl+F", "find"),
    action("edit.filterLayers", QT_TRANSLATE_NOOP("ActionRegistry", "Filter &Layers"), "Ctrl+L"),
    action("edit.selectAllLayers", QT_TRANSLATE_NOOP("ActionRegistry", "Select &All Layers"), "Ctrl+Shift+A"),
    action("edit.clearSelection", QT_TRANSLATE_NOOP("ActionRegistry", "&Clear Selection"), "Ctrl+D"),

    menu("view", QT_TRANSLATE_NOOP("ActionRegistry", "&View")),
    action("view.zoomIn", QT_TRANSLATE_NOOP("ActionRegistry", "Zoom &In"), "Ctrl++", "zoom-in"),
    action("view.zoomOut", QT_TRANSLATE_NOOP("ActionRegistry", "Zoom &Out"), "Ctrl+-", "zoom-out"),
    action("view.actualSize", QT_TRANSLATE_NOOP("ActionRegistry", "&Actual Size"), "Ctrl+0"),
    action("view.fit", QT_TRANSLATE_NOOP("ActionRegistry", "&Fit Graph"), "Ctrl+Alt+F", "zoom-fit"),
    separator,
    action("view.original", QT_TRANSLATE_NOOP("ActionRegistry", "Ori&ginal Graph"), "Alt+1"),
    action("view.afterStep", QT_TRANSLATE_NOOP("ActionRegistry", "Graph After Selected &Step"), "Alt+2"),
    action("view.optimized", QT_TRANSLATE_NOOP("ActionRegistry", "Optimi&zed Graph"), "Alt+3"),
    separator,
    action("view.expandModule", QT_TRANSLATE_NOOP("ActionRegistry", "E&xpand Module"), "Ctrl+]"),
    action("view.collapseModule", QT_TRANSLATE_NOOP("ActionRegistry", "&Collapse Module"), "Ctrl+["),
    action("view.expandAll", QT_TRANSLATE_NOOP("ActionRegistry", "Expan&d All Modules"), "Ctrl+Shift+]"),
    action("view.collapseAll", QT_TRANSLATE_NOOP("ActionRegistry", "Collapse All Mod&ules"), "Ctrl+Shift+["),
    separator,
    panels("tabs"),
    action("view.importReport", QT_TRANSLATE_NOOP("ActionRegistry", "I&mport Report…"), "Ctrl+I"),
    panels("top"),
    toggle("view.bottomPanel", QT_TRANSLATE_NOOP("ActionRegistry", "&Bottom Panel"), "Ctrl+Alt+3"),
    panels("bottom"),
    action("view.restoreLayout", QT_TRANSLATE_NOOP("ActionRegistry", "R&estore Default Layout"), "Ctrl+Alt+0"),
    separator,
    subMenu("theme", QT_TRANSLATE_NOOP("ActionRegistry", "&Theme")),
    subMenu("language", QT_TRANSLATE_NOOP("ActionRegistry", "Lan&guage")),
    toggle("view.fullScreen", QT_TRANSLATE_NOOP("ActionRegistry", "F&ull Screen"), "F11"),
    action("view.palette", QT_TRANSLATE_NOOP("ActionRegistry", "Command &Palette…"), "Ctrl+Shift+P"),

    menu("optimize", QT_TRANSLATE_NOOP("ActionRegistry", "&Optimize")),
    subMenu("addStep", QT_TRANSLATE_NOOP("ActionRegistry", "&Add Step")),
    action("step.toggle", QT_TRANSLATE_NOOP("ActionRegistry", "&Enable or Disable Step"), "Ctrl+Space"),
    action("step.up", QT_TRANSLATE_NOOP("ActionRegistry", "Move Step &Up"), "Ctrl+Up", "up"),
    action("step.down", QT_TRANSLATE_NOOP("ActionRegistry", "Move Step &Down"), "Ctrl+Down", "down"),
    action("step.remove", QT_TRANSLATE_NOOP("ActionRegistry", "&Remove Step"), "Del", "trash"),
    separator,
    action("layers.keepFloat", QT_TRANSLATE_NOOP("ActionRegistry", "&Keep Selected Layers in Float"), "Ctrl+K"),
    separator,
    action("recipe.default", QT_TRANSLATE_NOOP("ActionRegistry", "Use the Usual &Recipe"), "Ctrl+Shift+R"),
    action("recipe.clear", QT_TRANSLATE_NOOP("ActionRegistry", "&Clear Recipe"), "Ctrl+Shift+N"),

    menu("run", QT_TRANSLATE_NOOP("ActionRegistry", "&Run")),
    action("run.start", QT_TRANSLATE_NOOP("ActionRegistry", "&Run Comparison"), "F5", "run"),
    action("run.measureAgain", QT_TRANSLATE_NOOP("ActionRegistry", "&Measure Speed Again"), "Ctrl+F5"),
    action("run.cancel", QT_TRANSLATE_NOOP("ActionRegistry", "&Cancel"), "Esc", "stop"),
    separator,
    subMenu("data", QT_TRANSLATE_NOOP("ActionRegistry", "&Data")),
    subMenu("device", QT_TRANSLATE_NOOP("ActionRegistry", "D&evice")),
    separator,
    action("run.restartEngine", QT_TRANSLATE_NOOP("ActionRegistry", "Restart &Engine"), "Ctrl+Shift+F5"),

    menu("history", QT_TRANSLATE_NOOP("ActionRegistry", "&History")),
    action("history.restore", QT_TRANSLATE_NOOP("ActionRegistry", "&Restore Recipe of Selected Run"), "Ctrl+R"),
    action("history.exportedFiles", QT_TRANSLATE_NOOP("ActionRegistry", "&Exported Files…"), "Ctrl+Shift+E"),
    action("history.refresh", QT_TRANSLATE_NOOP("ActionRegistry", "Re&fresh"), "Shift+F5"),

    menu("help", QT_TRANSLATE_NOOP("ActionRegistry", "&Help")),
    action("help.shortcuts", QT_TRANSLATE_NOOP("ActionRegistry", "&Commands and Shortcuts"), "F1"),
    action("help.about", QT_TRANSLATE_NOOP("ActionRegistry", "&About Lathe")),
};

const char* placesOf(PanelPlace place) {
    if (place == PanelPlace::Tab) return "tabs";
    return place == PanelPlace::BottomRight ? "bottom" : "top";
}

/// The table, with the panels' actions where it has a place for them.
const std::vector<Entry>& entries() {
    static const std::vector<Entry> all = [] {
        std::vector<Entry> made;
        for (const Entry& entry : table) {
            if (entry.kind != Entry::Kind::Panels) {
                made.push_back(entry);
                continue;
            }
            for (const PanelSpec& panel : panelSpecs()) {
                if (*panel.action == '\0' || placesOf(panel.place) != std::string_view(entry.id)) continue;
                const bool isTab = panel.place == PanelPlace::Tab;
                made.push_back({isTab ? Entry::Kind::Action : Entry::Kind::Toggle, panel.action, panel.actionText, panel.shortcut});
            }
        }
        return made;
    }();
    return all;
}

QString idOf(const Entry& entry) { return QString::fromLatin1(entry.id); }

} // namespace

ActionRegistry::ActionRegistry(QWidget* window) : QObject(window) {
    for (const Entry& entry : entries()) {
        if (entry.kind == Entry::Kind::Menu || entry.kind == Entry::Kind::SubMenu) {
            m_menus.insert(idOf(entry), new QMenu(window));
            continue;
        }
        if (entry.kind == Entry::Kind::Separator) continue;
        auto* made = new QAction(window);
        made->setObjectName(idOf(entry));
        made->setShortcut(QKeySequence(QString::fromLatin1(entry.shortcut)));
        made->setCheckable(entry.kind == Entry::Kind::Toggle);
        if (*entry.icon) made->setIcon(themedIcon(QString::fromLatin1(entry.icon)));
        made->setIconVisibleInMenu(false);
        window->addAction(made);
        m_byId.insert(idOf(entry), made);
        m_actions.append(made);
    }
    // The usual second key for these two.
    action(u"view.zoomIn")->setShortcuts({QKeySequence(QStringLiteral("Ctrl++")), QKeySequence(QStringLiteral("Ctrl+="))});
    action(u"edit.redo")->setShortcuts({QKeySequence(QStringLiteral("Ctrl+Shift+Z")), QKeySequence(QStringLiteral("Ctrl+Y"))});
    retranslate();
}

QAction* ActionRegistry::action(QStringView id) const {
    QAction* found = m_byId.value(id.toString());
    Q_ASSERT(found);
    return found;
}

QMenu* ActionRegistry::menu(QStringView id) const {
    QMenu* found = m_menus.value(id.toString());
    Q_ASSERT(found);
    return found;
}

void ActionRegistry::fillMenuBar(QMenuBar* bar) {
    QMenu* current = nullptr;
    for (const Entry& entry : entries()) {
        switch (entry.kind) {
        case Entry::Kind::Menu:
            current = menu(idOf(entry));
            bar->addMenu(current);
            break;
        case Entry::Kind::SubMenu:
            current->addMenu(menu(idOf(entry)));
            break;
        case Entry::Kind::Separator:
            current->addSeparator();
            break;
        case Entry::Kind::Action:
        case Entry::Kind::Toggle:
            current->addAction(action(idOf(entry)));
            break;
        case Entry::Kind::Panels: // entries() has their actions in its place
            break;
        }
    }
}

void ActionRegistry::retranslate() {
    for (const Entry& entry : entries()) {
        if (entry.kind == Entry::Kind::Separator) continue;
        const bool isMenu = entry.kind == Entry::Kind::Menu || entry.kind == Entry::Kind::SubMenu;
        if (isMenu)
            menu(idOf(entry))->setTitle(tr(entry.text));
        else
            action(idOf(entry))->setText(tr(entry.text));
    }
}

} // namespace lathe::views
