#include <views/shell/panel_table.h>

#include <array>

#include <views/charts/charts_panel.h>
#include <views/panels/graph_panel.h>
#include <views/panels/history_panel.h>
#include <views/panels/inspector_panel.h>
#include <views/panels/layers_panel.h>
#include <views/panels/log_panel.h>
#include <views/panels/recipe_panel.h>

namespace lathe::views {

namespace {

constexpr int fieldWidth = 205;

QWidget* asWideAsAField(QLineEdit* field) {
    field->setFixedWidth(fieldWidth);
    return field;
}

constexpr std::array panels{
    PanelSpec{"recipe", PanelPlace::TopLeft, "", "view.recipePanel", QT_TRANSLATE_NOOP("ActionRegistry", "Rec&ipe Panel"), "Ctrl+Alt+1",
              220, [](const PanelParts& parts) -> QWidget* { return new RecipePanel(parts.session, parts.editor); }, nullptr},
    PanelSpec{"graph", PanelPlace::TopMiddle, "", "", "", "", 0,
              [](const PanelParts& parts) -> QWidget* { return new GraphPanel(parts.session, parts.workbench); }, nullptr},
    PanelSpec{
        "inspector", PanelPlace::TopRight, "", "view.inspectorPanel", QT_TRANSLATE_NOOP("ActionRegistry", "I&nspector Panel"), "Ctrl+Alt+2",
        290, [](const PanelParts& parts) -> QWidget* { return new InspectorPanel(parts.session, parts.editor, parts.workbench); }, nullptr},
    PanelSpec{"layers", PanelPlace::Tab, QT_TRANSLATE_NOOP("Workspace", "Layers"), "view.layers",
              QT_TRANSLATE_NOOP("ActionRegistry", "Show &Layers"), "Alt+4", 0,
              [](const PanelParts& parts) -> QWidget* { return new LayersPanel(parts.session, parts.editor); },
              [](QWidget* panel) { return asWideAsAField(static_cast<LayersPanel*>(panel)->filterField()); }},
    PanelSpec{"runs", PanelPlace::Tab, QT_TRANSLATE_NOOP("Workspace", "Runs"), "view.runs",
              QT_TRANSLATE_NOOP("ActionRegistry", "Show &Runs"), "Alt+5", 0,
              [](const PanelParts& parts) -> QWidget* { return new HistoryPanel(parts.historyFile); },
              [](QWidget* panel) {
                  asWideAsAField(static_cast<HistoryPanel*>(panel)->filterField());
                  return static_cast<HistoryPanel*>(panel)->tools();
              }},
    PanelSpec{"log", PanelPlace::Tab, QT_TRANSLATE_NOOP("Workspace", "Log"), "view.log", QT_TRANSLATE_NOOP("ActionRegistry", "Show Lo&g"),
              "Alt+6", 0, [](const PanelParts& parts) -> QWidget* { return new LogPanel(parts.session.log()); },
              [](QWidget* panel) { return static_cast<LogPanel*>(panel)->buttons(); }},
    PanelSpec{"charts", PanelPlace::BottomRight, "", "view.chartsPanel", QT_TRANSLATE_NOOP("ActionRegistry", "&Charts Panel"), "Ctrl+Alt+4",
              300, [](const PanelParts&) -> QWidget* { return new ChartsPanel; }, nullptr},
};

} // namespace

std::span<const PanelSpec> panelSpecs() { return panels; }

} // namespace lathe::views
