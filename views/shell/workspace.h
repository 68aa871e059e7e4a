#pragma once

#include <vector>

#include <QSplitter>
#include <QStackedWidget>
#include <QWidget>

#include <views/shell/panel_table.h>

namespace lathe::views {

class ChartsPanel;
class FlatTabBar;
class GraphPanel;
class HistoryPanel;
class InspectorPanel;
class LayersPanel;
class RecipePanel;

/// All panels around an open model (panel_table.h), with splitters between them.
class Workspace : public QWidget {
    Q_OBJECT

public:
    explicit Workspace(const PanelParts& parts, QWidget* parent = nullptr);

    /// The panel of this class.
    template<class Panel>
    [[nodiscard]] Panel* find() const {
        for (QWidget* panel : m_panels)
            if (auto* found = qobject_cast<Panel*>(panel)) return found;
        return nullptr;
    }
    // Those that the window and its tests deal with. A new panel needs none.
    [[nodiscard]] RecipePanel* recipePanel() const;
    [[nodiscard]] GraphPanel* graphPanel() const;
    [[nodiscard]] InspectorPanel* inspectorPanel() const;
    [[nodiscard]] LayersPanel* layersPanel() const;
    [[nodiscard]] HistoryPanel* historyPanel() const;
    [[nodiscard]] ChartsPanel* chartsPanel() const;

    /// Shows a panel that has a tab, by its id.
    void showPage(QStringView id);
    /// The id of the panel whose tab is shown.
    [[nodiscard]] QString page() const;
    /// By its id; "bottom": all that stands below the first row.
    void setPanelVisible(QStringView id, bool visible);
    [[nodiscard]] bool isPanelVisible(QStringView id) const;

    [[nodiscard]] QByteArray layoutState() const;
    void setLayoutState(const QByteArray& state);
    void restoreDefaultLayout();

protected:
    void changeEvent(QEvent* event) override;

private:
    /// Null: there is no such panel.
    [[nodiscard]] QWidget* widgetOf(QStringView id) const;
    QWidget* makeBottom();
    void add(QSplitter* row, PanelPlace place);
    void retranslate();

    std::vector<QWidget*> m_panels; ///< in the order of panelSpecs()
    std::vector<const PanelSpec*> m_tabSpecs;
    FlatTabBar* m_tabs;
    QStackedWidget *m_pages, *m_pageTools;
    QSplitter *m_rows, *m_top, *m_bottom;
};

} // namespace lathe::views
