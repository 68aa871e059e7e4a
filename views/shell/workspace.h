#pragma once

#include <QSplitter>
#include <QStackedWidget>
#include <QWidget>

#include <views/commands/recipe_editor.h>
#include <views/jobs/workbench.h>
#include <views/models/session.h>

namespace lathe::views {

class ChartsPanel;
class FlatTabBar;
class GraphPanel;
class HistoryPanel;
class InspectorPanel;
class LayersPanel;
class LogPanel;
class RecipePanel;

/// All panels around an open model, with splitters between them.
class Workspace : public QWidget {
    Q_OBJECT

public:
    enum class Panel { Recipe, Inspector, Bottom, Charts };
    enum class BottomPage { Layers, Runs, Log };

    Workspace(Session& session, RecipeEditor& editor, Workbench& workbench, const QString& historyFile, QWidget* parent = nullptr);

    [[nodiscard]] RecipePanel* recipePanel() const { return m_recipe; }
    [[nodiscard]] GraphPanel* graphPanel() const { return m_graph; }
    [[nodiscard]] InspectorPanel* inspectorPanel() const { return m_inspector; }
    [[nodiscard]] LayersPanel* layersPanel() const { return m_layers; }
    [[nodiscard]] HistoryPanel* historyPanel() const { return m_history; }
    [[nodiscard]] ChartsPanel* chartsPanel() const { return m_charts; }

    void showPage(BottomPage page);
    [[nodiscard]] BottomPage page() const;
    void setPanelVisible(Panel panel, bool visible);
    [[nodiscard]] bool isPanelVisible(Panel panel) const;

    [[nodiscard]] QByteArray layoutState() const;
    void setLayoutState(const QByteArray& state);
    void restoreDefaultLayout();

protected:
    void changeEvent(QEvent* event) override;

private:
    [[nodiscard]] QWidget* widgetOf(Panel panel) const;
    QWidget* makeBottom();
    void retranslate();

    RecipePanel* m_recipe;
    GraphPanel* m_graph;
    InspectorPanel* m_inspector;
    LayersPanel* m_layers;
    HistoryPanel* m_history;
    LogPanel* m_log;
    ChartsPanel* m_charts;
    FlatTabBar* m_tabs;
    QStackedWidget *m_pages, *m_pageTools;
    QWidget* m_bottomTable;
    QSplitter *m_rows, *m_top, *m_bottom;
};

} // namespace lathe::views
