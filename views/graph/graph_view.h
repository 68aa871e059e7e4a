#pragma once

#include <QHash>
#include <QSet>
#include <QStringList>
#include <QWidget>

#include <core/layout/drawing.h>
#include <views/graph/layout_job.h>

class QLabel;
class QPushButton;
class QTimer;

namespace lathe::views {

class FindBar;
class GraphCanvas;
class GraphScene;
class Legend;
class Minimap;

/// The graph of a model: canvas, find bar, legend and minimap, the latter two in corners where they cover no node (where there is none,
/// nodes can be seen through the legend). The minimap is away while all is visible, and in a small view that has no free corner. Positions
/// are computed off the GUI thread; until they are there the last drawing stays, but never beside an error: where there is no new one,
/// there is none.
///
/// Keys on the canvas: arrows walk along edges (up and down: what feeds a node and what reads it; left and right: its neighbours), Enter
/// activates, Space or F fits, Ctrl+0 is 100 %, + and − zoom, Ctrl+F finds. Mouse: drag or wheel pans, Ctrl+wheel zooms at the pointer,
/// Ctrl+click adds to the selection, Shift+drag or Ctrl+drag selects a rectangle.
class GraphView : public QWidget {
    Q_OBJECT

public:
    /// `placer`: how a drawing is laid out; without one it is layout::place. It is called on a thread of its own.
    explicit GraphView(QWidget* parent = nullptr, LayoutJob::Placer placer = {});
    ~GraphView() override;

    /// Shows a drawing as soon as it is laid out. An earlier one that is still being laid out is dropped. The selection stays where nodes
    /// with the same ids are in both; so does the zoom when it is the same model. Nothing is laid out anew when only texts changed that
    /// need no more room.
    void setDrawing(const layout::Drawing& drawing);
    /// An empty canvas.
    void clear();
    /// An empty canvas, and on it why there is no drawing.
    void showProblem(const QString& sentence);
    /// What stands on the canvas in place of a drawing; empty: nothing.
    [[nodiscard]] QString notice() const;
    /// Covers the drawing while another one is on its way: a sentence, a bar that moves and a button to cancel. "" takes the cover away;
    /// what is under it is as before.
    void setCover(const QString& sentence);
    [[nodiscard]] QString cover() const;
    [[nodiscard]] bool isLayingOut() const { return m_job->isRunning(); }

    [[nodiscard]] QStringList selectedNodes() const;
    /// Selects by node id and scrolls there; unknown ids are ignored. Does not emit selectionChanged: the caller knows.
    void setSelectedNodes(const QStringList& ids);

    /// When the next drawing is shown, what it has of this module is where the module or its first node is now.
    void keepInPlace(const QString& modulePath);
    /// When the next drawing is shown, it is scrolled to this node.
    void scrollToWhenShown(const QString& id) { m_awaited = id; }
    /// The answer to searched().
    void setFound(const QString& text, const QStringList& ids, int count);

    /// Colours the nodes by value and writes the values into them; nodes without a value stay neutral. An empty hash takes colours and
    /// legend away. `title` and `unit` ("time per call", "µs") are for the legend. `texts` are written into nodes without a value ("in
    /// conv1"). `doubt`: a sentence on why the values are not reliable, for the tool tips; then they have no colour. Like outlines they
    /// stay for drawings shown later.
    void setNodeValues(const QString& title, const QString& unit, const QHash<QString, double>& values,
                       const QHash<QString, QString>& texts = {}, const QString& doubt = {});
    /// Draws a dashed outline around these nodes (layers that shrink together), a dotted one around those that stay as they are, with the
    /// reason in their tool tip, and takes it from all others.
    void outlineNodes(const QStringList& ids, const QHash<QString, QString>& staying = {});

    [[nodiscard]] GraphScene* scene() const { return m_scene; }
    [[nodiscard]] GraphCanvas* canvas() const { return m_canvas; }
    [[nodiscard]] const Legend* legend() const { return m_legend; }

public Q_SLOTS:
    void fit();
    void resetZoom();
    void zoomIn();
    void zoomOut();
    void openFind();

Q_SIGNALS:
    /// The user selected other nodes.
    void selectionChanged(const QStringList& ids);
    /// Double click or Enter.
    void nodeActivated(const QString& id);
    /// The right button, or the menu key; "": beside the nodes.
    void menuRequested(const QString& id, QPoint globalPosition);
    /// Typed into the find bar while modules are closed.
    void searched(const QString& text);
    /// A node that is in a closed module is to be seen.
    void hiddenChosen(const QString& id);
    /// The pointer is over another node; "": over none.
    void nodeHovered(const QString& id);
    /// The drawing given last is on the canvas.
    void drawingShown();
    /// The button on the cover.
    void coverCancelled();

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void makeCover();
    void startLayout();
    /// Nothing is drawn; what was given stays, to be laid out again.
    void blank();
    void applyValues();
    void applyOutlines();
    void showPlacement(const layout::Placement& placement);
    void showFailure(const base::Error& error);
    void showNotice(const QString& text, const QString& buttonText);
    void retranslate();
    void placeOverlays();
    void placeMinimap(const std::vector<QRectF>& nodes, const std::vector<QRect>& taken);
    /// Where the nodes are that can be seen, in this widget.
    [[nodiscard]] std::vector<QRectF> visibleNodes() const;

    LayoutJob* m_job;
    GraphScene* m_scene;
    GraphCanvas* m_canvas;
    FindBar* m_findBar;
    Legend* m_legend;
    Minimap* m_minimap;
    QWidget* m_notice; ///< "Laying out…" and what went wrong
    QLabel* m_noticeText;
    QPushButton* m_noticeButton;
    QWidget* m_cover = nullptr;
    QLabel* m_coverText = nullptr;
    QPushButton* m_coverButton = nullptr;
    QTimer *m_noticeDelay, *m_placeDelay;
    layout::Drawing m_drawing; ///< the one given last; shown or being laid out
    QString m_valuesTitle, m_valuesUnit, m_valuesDoubt;
    QHash<QString, double> m_values; ///< kept for the drawing that comes next
    QHash<QString, QString> m_valueTexts;
    QSet<QString> m_outlined;
    QHash<QString, QString> m_staying;
    QStringList m_wantedSelection; ///< of a drawing that is still being laid out
    QString m_awaited;             ///< the node to scroll to then
    std::string m_keptModule;      ///< what stays in its place then; "": the middle of the view
    QPointF m_keptPlace;           ///< in the viewport
};

} // namespace lathe::views
