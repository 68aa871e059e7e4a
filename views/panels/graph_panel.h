#pragma once

#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QWidget>

#include <views/graph/graph_view.h>
#include <views/jobs/workbench.h>
#include <views/models/session.h>

namespace lathe::views {

class FlatTabBar;
class PanelHeader;

/// The graph of the model before, between and after the steps, coloured by a figure of its layers.
class GraphPanel : public QWidget {
    Q_OBJECT

public:
    enum class Stage { Original, AfterStep, Optimized };
    enum class Figure { None, Loss, Sqnr, Bits, Sparsity, Parameters, Macs, Time };

    GraphPanel(Session& session, Workbench& workbench, QWidget* parent = nullptr);
    [[nodiscard]] GraphView* view() const { return m_view; }
    [[nodiscard]] Stage stage() const;
    void setStage(Stage stage);
    void setFigure(Figure figure);
    /// Is the graph on screen still to follow the recipe?
    [[nodiscard]] bool isPending() const { return m_isAwaitingDrawing || m_view->isLayingOut(); }

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void retranslate();
    void fitHeader();
    void showStages();
    void requestDrawing();
    void showDrawing(const layout::Drawing& drawing);
    /// Another model is being opened: its name instead of the graph of the one that is still there.
    void showOpening();
    void showFigure();
    void showTimes();
    void showOutlines();

    Session& m_session;
    Workbench& m_workbench;
    PanelHeader* m_header;
    FlatTabBar* m_stages;
    QLabel* m_colourLabel;
    QComboBox* m_figure;
    QPushButton* m_find;
    GraphView* m_view;
    int m_serial = 0; ///< an answer for an older recipe or tab is dropped
    bool m_isAwaitingDrawing = false;
    QString m_hovered;        ///< the node that the pointer is over
    std::string m_drawnModel; ///< file of the model whose graph is drawn
};

} // namespace lathe::views
