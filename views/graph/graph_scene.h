#pragma once

#include <vector>

#include <QGraphicsScene>
#include <QHash>
#include <QStringList>

#include <core/layout/closed_modules.h>
#include <core/layout/drawing.h>

namespace lathe::views {

class EdgeItem;
class NodeItem;

/// Where an arrow key leads.
enum class WalkDirection { Up, Down, Left, Right };

/// The items of one drawing, and what can be asked about them: neighbours, search, selection by id.
class GraphScene : public QGraphicsScene {
    Q_OBJECT

public:
    explicit GraphScene(QObject* parent = nullptr);
    ~GraphScene() override;

    /// One size per node, in order, for a font.
    [[nodiscard]] static std::vector<layout::NodeSize> nodeSizes(const layout::Drawing& drawing, const QFont& font);
    /// Replaces everything. A placement that does not fit the drawing (other ids, missing nodes) leaves the scene empty and returns false.
    bool setDrawing(const layout::Drawing& drawing, const layout::Placement& placement, const QFont& font);
    /// New texts for the nodes that are shown, when ids, edges and sizes are the same; otherwise nothing happens and false is returned.
    bool updateTexts(const layout::Drawing& drawing, const QFont& font);
    void clearDrawing();

    [[nodiscard]] const layout::Drawing& drawing() const { return m_drawing; }
    /// Where the nodes are that the drawing does not show.
    [[nodiscard]] const layout::ClosedModules& closedModules() const { return m_closedModules; }
    /// The first drawn node that stands in this module, or the module itself where it is closed; null: there is none.
    [[nodiscard]] NodeItem* firstOf(const std::string& modulePath) const;
    /// In the order of the drawing.
    [[nodiscard]] const std::vector<NodeItem*>& nodes() const { return m_nodes; }
    [[nodiscard]] const std::vector<EdgeItem*>& edges() const { return m_edges; }
    [[nodiscard]] NodeItem* node(const QString& id) const { return m_byId.value(id); }
    /// All nodes and edges with a small margin.
    [[nodiscard]] QRectF content() const { return m_content; }

    [[nodiscard]] QStringList selectedNodes() const;
    /// Selects these and no others.
    void selectNodes(const QStringList& ids);
    /// The node that the last click or key led to; null when nothing is selected.
    [[nodiscard]] NodeItem* current() const;
    void setCurrent(NodeItem* node);

    /// Up, Down: what feeds the node or reads it, the nearest across; Left, Right: the next one on about the same height. Null: there is
    /// none.
    [[nodiscard]] NodeItem* neighbour(const NodeItem& from, WalkDirection direction) const;
    /// Drawn nodes that fit what was typed (layout/node_search.h), in drawing order.
    [[nodiscard]] std::vector<NodeItem*> find(const QString& text) const;

private:
    void highlightEdges();
    [[nodiscard]] std::vector<NodeItem*> joined(const NodeItem& node, WalkDirection direction) const;

    layout::Drawing m_drawing;
    layout::ClosedModules m_closedModules;
    std::vector<NodeItem*> m_nodes;
    std::vector<EdgeItem*> m_edges;
    QHash<QString, NodeItem*> m_byId;
    QHash<const NodeItem*, std::vector<NodeItem*>> m_producers, m_consumers;
    QHash<const NodeItem*, std::vector<EdgeItem*>> m_edgesOf;
    std::vector<EdgeItem*> m_highlighted;
    NodeItem* m_current = nullptr;
    QRectF m_content;
};

} // namespace lathe::views
