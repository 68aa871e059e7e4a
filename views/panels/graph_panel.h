#pragma once

#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QWidget>

#include <core/layout/closed_modules.h>
#include <views/graph/graph_view.h>
#include <views/jobs/workbench.h>
#include <views/models/session.h>

namespace lathe::views {

class FlatTabBar;
class PanelHeader;

/// The graph of the model before, between and after the steps, coloured by a figure of its layers. Of a large model the modules are closed
/// at first; the engine is asked for what is to be seen whenever one is opened or closed. A closed module has the figures of its layers:
/// the sum of errors, counts and times, the lowest SQNR, the mean of bits and zeros by parameters. Choosing it chooses its layers, and a
/// layer that is chosen elsewhere is shown as its module.
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
    /// Paths of modules ("layer1.0").
    void openModule(const QString& path);
    void closeModule(const QString& path);
    /// The closed modules that are chosen.
    void openSelected();
    /// The innermost modules around what is chosen.
    void closeAroundSelected();
    void openAll();
    void closeAll();
    [[nodiscard]] bool canOpen() const;
    [[nodiscard]] bool canClose() const;
    /// Is the graph on screen still to follow the recipe?
    [[nodiscard]] bool isPending() const { return m_isAwaitingDrawing || m_view->isLayingOut(); }

signals:
    /// Others are open, or there are others.
    void modulesChanged();

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void retranslate();
    void fitHeader();
    void showStages();
    void requestDrawing();
    using OpenModules = graph::OpenModules;
    /// Of the stage, as the engine counts them.
    [[nodiscard]] int steps() const;
    void showDrawing(const layout::Drawing& drawing);
    /// The path of the closed module that is drawn as this node; "": it is none.
    [[nodiscard]] QString closedModule(const QString& id) const;
    /// Those around a drawn node, from inside out.
    [[nodiscard]] QStringList openModules(const QString& id) const;
    [[nodiscard]] std::vector<std::string> openPaths() const;
    /// What is drawn for these nodes: themselves, or the closed modules in which they are.
    [[nodiscard]] QString shownFor(const QString& node) const;
    [[nodiscard]] QStringList shownFor(const QStringList& nodes) const;
    /// What is chosen with these drawn nodes: of a closed module its layers.
    [[nodiscard]] QStringList nodesOf(const QStringList& shown) const;
    void setOpen(OpenModules open, const QString& keptModule = {});
    /// Opens what is around the node, and goes there.
    void reveal(const QString& node);
    void search(const QString& text);
    void showMenu(const QString& id, QPoint globalPosition);
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
    OpenModules m_open;                    ///< of this model, whatever the stage
    layout::ClosedModules m_closedModules; ///< of the drawing that was given to the view last
    QString m_revealed;                    ///< to be chosen when its drawing is there
    QString m_hovered;                     ///< the node that the pointer is over
    std::string m_drawnModel;              ///< file of the model whose graph is drawn
};

} // namespace lathe::views
