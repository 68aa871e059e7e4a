#include <views/graph/graph_scene.h>

#include <algorithm>
#include <cmath>

#include <core/layout/node_search.h>
#include <views/graph/edge_item.h>
#include <views/graph/label_placer.h>
#include <views/graph/node_item.h>
#include <views/models/text.h>

namespace lathe::views {

namespace {

bool sameStructure(const layout::Drawing& a, const layout::Drawing& b) {
    return a.name == b.name && a.edges == b.edges &&
           std::equal(a.nodes.begin(), a.nodes.end(), b.nodes.begin(), b.nodes.end(),
                      [](const layout::DrawNode& x, const layout::DrawNode& y) { return x.id == y.id && x.op == y.op; });
}

} // namespace

GraphScene::GraphScene(QObject* parent) : QGraphicsScene(parent) {
    connect(this, &QGraphicsScene::selectionChanged, this, &GraphScene::highlightEdges);
}

GraphScene::~GraphScene() { clearDrawing(); }

std::vector<layout::NodeSize> GraphScene::nodeSizes(const layout::Drawing& drawing, const QFont& font) {
    std::vector<layout::NodeSize> sizes;
    sizes.reserve(drawing.nodes.size());
    for (const layout::DrawNode& node : drawing.nodes) {
        const QSizeF size = NodeItem::sizeFor(node, font);
        sizes.push_back({size.width(), size.height()});
    }
    return sizes;
}

bool GraphScene::setDrawing(const layout::Drawing& drawing, const layout::Placement& placement, const QFont& font) {
    clearDrawing();
    const bool fits = std::equal(drawing.nodes.begin(), drawing.nodes.end(), placement.nodes.begin(), placement.nodes.end(),
                                 [](const layout::DrawNode& node, const layout::PlacedNode& placed) { return node.id == placed.id; }) &&
                      drawing.edges.size() == placement.edges.size();
    if (!fits) return false;
    m_drawing = drawing;
    m_closedModules = layout::ClosedModules(drawing);
    LabelPlacer labels;
    for (std::size_t index = 0; index < drawing.nodes.size(); ++index) {
        const layout::PlacedNode& placed = placement.nodes[index];
        auto* node = new NodeItem(drawing.nodes[index], font, {placed.width, placed.height});
        node->setPos(placed.x, placed.y);
        addItem(node);
        m_nodes.push_back(node);
        m_byId.insert(node->id(), node);
        labels.take(node->card().translated(node->pos()));
    }
    for (std::size_t index = 0; index < drawing.edges.size(); ++index) {
        auto* edge = new EdgeItem(placement.edges[index], toQt(drawing.edges[index].label), font);
        edge->takeLine(labels);
        addItem(edge);
        m_edges.push_back(edge);
        NodeItem* from = node(toQt(drawing.edges[index].from));
        NodeItem* to = node(toQt(drawing.edges[index].to));
        if (from == nullptr || to == nullptr) continue;
        m_consumers[from].push_back(to);
        m_producers[to].push_back(from);
        m_edgesOf[from].push_back(edge);
        m_edgesOf[to].push_back(edge);
    }
    for (EdgeItem* edge : m_edges)
        edge->placeLabel(labels);
    m_content = itemsBoundingRect().adjusted(-16, -12, 16, 12);
    return true;
}

bool GraphScene::updateTexts(const layout::Drawing& drawing, const QFont& font) {
    if (m_nodes.empty() || !sameStructure(drawing, m_drawing)) return false;
    const std::vector<layout::NodeSize> sizes = nodeSizes(drawing, font);
    for (std::size_t index = 0; index < m_nodes.size(); ++index) {
        const QSizeF room = m_nodes[index]->card().size();
        if (sizes[index].width > room.width() + 0.5 || sizes[index].height > room.height() + 0.5) return false;
    }
    for (std::size_t index = 0; index < m_nodes.size(); ++index)
        m_nodes[index]->setNode(drawing.nodes[index]);
    m_drawing = drawing;
    return true;
}

void GraphScene::clearDrawing() {
    // The items go one by one: whoever listens to selectionChanged must not meet half of them.
    const QSignalBlocker blocker(this);
    m_current = nullptr;
    m_nodes.clear();
    m_edges.clear();
    m_byId.clear();
    m_producers.clear();
    m_consumers.clear();
    m_edgesOf.clear();
    m_highlighted.clear();
    m_content = {};
    m_drawing = {};
    m_closedModules = layout::ClosedModules();
    clear();
}

NodeItem* GraphScene::firstOf(const std::string& modulePath) const {
    const auto isOf = [&](const NodeItem* item) {
        const layout::DrawNode& node = item->node();
        bool isInside = false;
        // The name of a closed module is its path.
        graph::forEachPathAround(node.op == layout::moduleOp ? node.scope : node.id,
                                 [&](std::string_view path) { isInside = isInside || path == modulePath; });
        return isInside;
    };
    const auto found = std::find_if(m_nodes.begin(), m_nodes.end(), isOf);
    return found == m_nodes.end() ? nullptr : *found;
}

QStringList GraphScene::selectedNodes() const {
    QStringList ids;
    for (const NodeItem* node : m_nodes) {
        if (node->isSelected()) ids.append(node->id());
    }
    return ids;
}

void GraphScene::selectNodes(const QStringList& ids) {
    const QSet<QString> wanted(ids.begin(), ids.end());
    {
        const QSignalBlocker blocker(this);
        for (NodeItem* node : m_nodes)
            node->setSelected(wanted.contains(node->id()));
    }
    highlightEdges();
}

NodeItem* GraphScene::current() const {
    if (m_current != nullptr && m_current->isSelected()) return m_current;
    const auto selected = std::find_if(m_nodes.begin(), m_nodes.end(), [](const NodeItem* node) { return node->isSelected(); });
    return selected == m_nodes.end() ? nullptr : *selected;
}

void GraphScene::setCurrent(NodeItem* node) { m_current = node; }

std::vector<NodeItem*> GraphScene::joined(const NodeItem& node, WalkDirection direction) const {
    return (direction == WalkDirection::Up ? m_producers : m_consumers).value(&node);
}

NodeItem* GraphScene::neighbour(const NodeItem& from, WalkDirection direction) const {
    const auto nearest = [&](const std::vector<NodeItem*>& nodes, auto accept) {
        NodeItem* best = nullptr;
        for (NodeItem* node : nodes) {
            if (node == &from || !accept(*node)) continue;
            if (best == nullptr || std::abs(node->x() - from.x()) < std::abs(best->x() - from.x())) best = node;
        }
        return best;
    };
    if (direction == WalkDirection::Up || direction == WalkDirection::Down) {
        return nearest(joined(from, direction), [](const NodeItem&) { return true; });
    }
    const double height = from.card().height();
    return nearest(m_nodes, [&](const NodeItem& node) {
        const bool isBeside = direction == WalkDirection::Left ? node.x() < from.x() : node.x() > from.x();
        return isBeside && std::abs(node.y() - from.y()) < height;
    });
}

std::vector<NodeItem*> GraphScene::find(const QString& text) const {
    const layout::NodeSearch search(toStd(text));
    std::vector<NodeItem*> found;
    for (NodeItem* node : m_nodes)
        if (search.finds(node->node())) found.push_back(node);
    return found;
}

void GraphScene::highlightEdges() {
    for (EdgeItem* edge : m_highlighted)
        edge->setHighlighted(false);
    m_highlighted.clear();
    for (const NodeItem* node : m_nodes) {
        if (!node->isSelected()) continue;
        for (EdgeItem* edge : m_edgesOf.value(node)) {
            edge->setHighlighted(true);
            m_highlighted.push_back(edge);
        }
    }
}

} // namespace lathe::views
