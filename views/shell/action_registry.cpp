#include <views/shell/action_registry.h>

#include <array>
#include <string_view>

#include <views/models/text.h>
#include <views/widgets/themed_icon.h>

namespace lathe::views {

namespace {

struct Entry {
    enum class Kind { Menu, Action, Toggle, SubMenu, Separator };
    Kind kind;
    const char* id = "";
    const char* text = "";
    const char* shortcut = "";
    const char* icon = "";
};

#define TEXT(text) QT_TRANSLATE_NOOP("lathe::views::ActionRegistry", text)
constexpr Entry separator{Entry::Kind::Separator};
constexpr Entry menu(const char* id, const char* text) { return {Entry::Kind::Menu, id, text}; }
constexpr Entry subMenu(const char* id, const char* text) { return {Entry::Kind::SubMenu, id, text}; }
constexpr Entry action(const char* id, const char* text, const char* shortcut = "", const char* icon = "") {
    return {Entry::Kind::Action, id, text, shortcut, icon};
}
constexpr Entry toggle(const char* id, const char* text, const char* shortcut = "") { return {Entry::Kind::Toggle, id, text, shortcut}; }

constexpr std::array entries = {
    menu("file", TEXT("&File")),
    action("file.open", TEXT("&Open Model…"), "Ctrl+O", "open"),
    action("file.sample", TEXT("Open &Sample LeNet-5"), "Ctrl+Shift+L", "model"),
    subMenu("recent", TEXT("Open &Recent")),
    action("file.close", TEXT("&Close Model"), "Ctrl+W"),
    separator,
    action("file.openRecipe", TEXT("Open Rec&ipe…"), "Ctrl+Shift+O"),
    action("file.saveRecipe", TEXT("&Save Recipe"), "Ctrl+S", "save"),
    action("file.saveRecipeAs", TEXT("Save Recipe &As…"), "Ctrl+Shift+S"),
    separator,
    subMenu("export", TEXT("&Export")),
    separator,
    action("file.quit", TEXT("&Quit"), "Ctrl+Q"),

    menu("edit", TEXT("&Edit")),
    action("edit.undo", TEXT("&Undo"), "Ctrl+Z", "undo"),
    action("edit.redo", TEXT("&Redo"), "Ctrl+Shift+Z", "redo"),
    separator,
    action("edit.find", TEXT("&Find in Graph"), "Ctrl+F", "find"),
    action("edit.filterLayers", TEXT("Filter &Layers"), "Ctrl+L"),
    action("edit.selectAllLayers", TEXT("Select &All Layers"), "Ctrl+Shift+A"),
    action("edit.clearSelection", TEXT("&Clear Selection"), "Ctrl+D"),

    menu("view", TEXT("&View")),
    action("view.zoomIn", TEXT("Zoom &In"), "Ctrl++", "zoom-in"),
    action("view.zoomOut", TEXT("Zoom &Out"), "Ctrl+-", "zoom-out"),
    action("view.actualSize", TEXT("&Actual Size"), "Ctrl+0"),
    action("view.fit", TEXT("&Fit Graph"), "Ctrl+9", "zoom-fit"),
    separator,
    action("view.original", TEXT("Ori&ginal Graph"), "Alt+1"),
    action("view.afterStep", TEXT("Graph After Selected &Step"), "Alt+2"),
    action("view.optimized", TEXT("Optimi&zed Graph"), "Alt+3"),
    separator,
    action("view.layers", TEXT("Show &Layers"), "Alt+4"),
    action("view.runs", TEXT("Show &Runs"), "Alt+5"),
    action("view.log", TEXT("Show Lo&g"), "Alt+6"),
    toggle("view.recipePanel", TEXT("Rec&ipe Panel"), "Ctrl+Alt+1"),
    toggle("view.inspectorPanel", TEXT("I&nspector Panel"), "Ctrl+Alt+2"),
    toggle("view.bottomPanel", TEXT("&Bottom Panel"), "Ctrl+Alt+3"),
    toggle("view.chartsPanel", TEXT("&Charts Panel"), "Ctrl+Alt+4"),
    action("view.restoreLayout", TEXT("R&estore Default Layout"), "Ctrl+Alt+0"),
    separator,
    subMenu("theme", TEXT("&Theme")),
    subMenu("language", TEXT("Lan&guage")),
    toggle("view.fullScreen", TEXT("F&ull Screen"), "F11"),
    action("view.palette", TEXT("Command &Palette…"), "Ctrl+Shift+P"),

    menu("optimize", TEXT("&Optimize")),
    subMenu("addStep", TEXT("&Add Step")),
    action("step.toggle", TEXT("&Enable or Disable Step"), "Ctrl+Space"),
    action("step.up", TEXT("Move Step &Up"), "Ctrl+Up", "up"),
    action("step.down", TEXT("Move Step &Down"), "Ctrl+Down", "down"),
    action("step.remove", TEXT("&Remove Step"), "Del", "trash"),
    separator,
    action("layers.keepFloat", TEXT("&Keep Selected Layers in Float"), "Ctrl+K"),
    separator,
    action("recipe.default", TEXT("Use the Usual &Recipe"), "Ctrl+Shift+R"),
    action("recipe.clear", TEXT("&Clear Recipe"), "Ctrl+Shift+N"),

    menu("run", TEXT("&Run")),
    action("run.start", TEXT("&Run Comparison"), "F5", "run"),
    action("run.cancel", TEXT("&Cancel"), "Esc", "stop"),
    separator,
    subMenu("data", TEXT("&Data")),
    subMenu("device", TEXT("D&evice")),
    separator,
    action("run.restartEngine", TEXT("Restart &Engine"), "Ctrl+Shift+F5"),

    menu("history", TEXT("&History")),
    action("history.restore", TEXT("&Restore Recipe of Selected Run"), "Ctrl+R"),
    action("history.refresh", TEXT("Re&fresh"), "Shift+F5"),

    menu("help", TEXT("&Help")),
    action("help.shortcuts", TEXT("&Commands and Shortcuts"), "F1"),
    action("help.about", TEXT("&About Lathe")),
};
#undef TEXT

QString idOf(const Entry& entry) { return QString::fromLatin1(entry.id); }

} // namespace

ActionRegistry::ActionRegistry(QWidget* window) : QObject(window) {
    for (const Entry& entry : entries) {
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
    for (const Entry& entry : entries) {
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
        }
    }
}

void ActionRegistry::retranslate() {
    for (const Entry& entry : entries) {
        if (entry.kind == Entry::Kind::Separator) continue;
        const bool isMenu = entry.kind == Entry::Kind::Menu || entry.kind == Entry::Kind::SubMenu;
        if (isMenu)
            menu(idOf(entry))->setTitle(tr(entry.text));
        else
            action(idOf(entry))->setText(tr(entry.text));
    }
}

} // namespace lathe::views
