#include <core/layout/layered_layout.h>

#include <algorithm>
#include <functional>
#include <queue>

#include <core/layout/horizontal_placement.h>

namespace lathe::layout {

namespace {

/// Distances as those that Graphviz is asked for (place.cpp), in points.
constexpr double nodeGap = 21.6, rowGap = 28, bendWidth = 6;
/// Of edges that run beside the drawing.
constexpr double laneGap = 9, laneMargin = 24;
/// Rows that an edge crosses at most inside the drawing: more than a transformer's block has, few enough for the time to stay linear.
constexpr int maxSpan = 24;
constexpr int sweeps = 4;

std::size_t at(int number) { return static_cast<std::size_t>(number); }

/// What becomes of an edge, from its upper to its lower end.
struct Route {
    int upper = 0, lower = 0;
    bool isReversed = false;             ///< drawn from the lower to the upper end
    std::vector<int> bends;              ///< vertices between, one for each row
    int lane = -1;                       ///< beside the drawing
    double upperPort = 0, lowerPort = 0; ///< offsets from the centres of the ends
};

/// A line as a spline: its control points lie on it.
void lineTo(std::vector<Point>& points, const Point& end) {
    const Point begin = points.back();
    for (const double part : {1.0 / 3, 2.0 / 3})
        points.push_back({begin.x + (end.x - begin.x) * part, begin.y + (end.y - begin.y) * part});
    points.push_back(end);
}

/// Leaves and arrives vertically.
void curveTo(std::vector<Point>& points, const Point& end) {
    const Point begin = points.back();
    const double middle = (begin.y + end.y) / 2;
    points.push_back({begin.x, middle});
    points.push_back({end.x, middle});
    points.push_back(end);
}

class Layers {
public:
    Layers(const LayeredGraph& graph, const std::stop_token& stop) : m_graph(graph), m_stop(stop) {
        m_net.widths.reserve(graph.sizes.size());
        for (const NodeSize& size : graph.sizes)
            m_net.widths.push_back(size.width);
    }

    base::Result<LayeredPlaces> place() {
        direct();
        rank();
        split();
        order();
        if (m_stop.stop_requested()) return base::failure(base::ErrorCode::Cancelled, {"error.cancelled", {}});
        m_x = placeHorizontally(m_net, nodeGap);
        if (m_stop.stop_requested()) return base::failure(base::ErrorCode::Cancelled, {"error.cancelled", {}});
        return draw();
    }

private:
    [[nodiscard]] std::size_t nodeCount() const { return m_graph.sizes.size(); }

    /// Finds an order in which nearly all edges lead forward, and turns the others around.
    void direct() {
        std::vector<std::vector<int>> next(nodeCount());
        std::vector<int> waitsFor(nodeCount(), 0);
        for (const auto& [from, to] : m_graph.edges) {
            if (from == to) continue;
            next[from].push_back(static_cast<int>(to));
            ++waitsFor[to];
        }
        std::vector<int> place(nodeCount(), -1);
        std::size_t first = 0;
        // Depth first, so that what belongs together comes one after the other.
        std::vector<int> ready;
        for (std::size_t node = nodeCount(); node-- > 0;) {
            if (waitsFor[node] == 0) ready.push_back(static_cast<int>(node));
        }
        while (m_forward.size() < nodeCount()) {
            if (ready.empty()) { // a cycle: it is opened at its first node
                while (place[first] >= 0)
                    ++first;
                ready.push_back(static_cast<int>(first));
            }
            const int node = ready.back();
            ready.pop_back();
            if (place[at(node)] >= 0) continue;
            place[at(node)] = static_cast<int>(m_forward.size());
            m_forward.push_back(node);
            for (auto other = next[at(node)].rbegin(); other != next[at(node)].rend(); ++other) {
                if (--waitsFor[at(*other)] == 0) ready.push_back(*other);
            }
        }
        for (const auto& [from, to] : m_graph.edges) {
            const bool isReversed = place[from] > place[to];
            m_routes.push_back({static_cast<int>(isReversed ? to : from), static_cast<int>(isReversed ? from : to), isReversed, {}, -1});
        }
    }

    /// Rows by the longest path from above; nodes without anything above stand just over the first that reads them.
    void rank() {
        std::vector<std::vector<int>> lower(nodeCount());
        std::vector<bool> hasUpper(nodeCount(), false);
        for (const Route& route : m_routes) {
            if (route.upper == route.lower) continue;
            lower[at(route.upper)].push_back(route.lower);
            hasUpper[at(route.lower)] = true;
        }
        m_rank.assign(nodeCount(), 0);
        for (const int node : m_forward) {
            for (const int other : lower[at(node)])
                m_rank[at(other)] = std::max(m_rank[at(other)], m_rank[at(node)] + 1);
        }
        for (const int node : m_forward) {
            if (hasUpper[at(node)] || lower[at(node)].empty()) continue;
            int nearest = m_rank[at(lower[at(node)].front())];
            for (const int other : lower[at(node)])
                nearest = std::min(nearest, m_rank[at(other)]);
            m_rank[at(node)] = nearest - 1;
        }
    }

    int addVertex(double width, bool isBend) {
        m_net.widths.push_back(width);
        m_net.isBend.push_back(isBend);
        m_net.above.emplace_back();
        m_net.below.emplace_back();
        return static_cast<int>(m_net.widths.size()) - 1;
    }

    void join(int upper, int lower) {
        m_net.below[at(upper)].push_back(lower);
        m_net.above[at(lower)].push_back(upper);
    }

    /// Long edges get a bend in each row that they cross.
    void split() {
        m_net.isBend.assign(nodeCount(), false);
        m_net.above.resize(nodeCount());
        m_net.below.resize(nodeCount());
        for (Route& route : m_routes) {
            const int span = m_rank[at(route.lower)] - m_rank[at(route.upper)];
            if (span < 1 || span > maxSpan) continue;
            int last = route.upper;
            for (int row = 1; row < span; ++row) {
                const int bend = addVertex(bendWidth, true);
                m_rank.push_back(m_rank[at(route.upper)] + row);
                route.bends.push_back(bend);
                join(last, bend);
                last = bend;
            }
            join(last, route.lower);
        }
        takeLanes();
    }

    /// Each edge that is too long for the inside gets the first lane that is free over its rows.
    void takeLanes() {
        std::vector<Route*> wide;
        for (Route& route : m_routes) {
            if (m_rank[at(route.lower)] - m_rank[at(route.upper)] > maxSpan) wide.push_back(&route);
        }
        std::ranges::stable_sort(wide, {}, [this](const Route* route) { return m_rank[at(route->upper)]; });
        std::priority_queue<std::pair<int, int>, std::vector<std::pair<int, int>>, std::greater<>> taken; // until which row, lane
        std::priority_queue<int, std::vector<int>, std::greater<>> free;
        for (Route* route : wide) {
            while (!taken.empty() && taken.top().first <= m_rank[at(route->upper)]) {
                free.push(taken.top().second);
                taken.pop();
            }
            if (free.empty()) free.push(m_lanes++);
            route->lane = free.top();
            free.pop();
            taken.emplace(m_rank[at(route->lower)], route->lane);
        }
    }

    void order() {
        const int last = m_rank.empty() ? -1 : *std::ranges::max_element(m_rank);
        m_net.rows.resize(static_cast<std::size_t>(last + 1));
        std::vector<bool> isSeen(m_net.widths.size(), false);
        std::vector<int> pending;
        for (const int node : m_forward) {
            if (!m_net.above[at(node)].empty()) continue;
            pending.push_back(node);
            while (!pending.empty()) {
                const int vertex = pending.back();
                pending.pop_back();
                if (isSeen[at(vertex)]) continue;
                isSeen[at(vertex)] = true;
                m_net.rows[at(m_rank[at(vertex)])].push_back(vertex);
                const std::vector<int>& below = m_net.below[at(vertex)];
                pending.insert(pending.end(), below.rbegin(), below.rend());
            }
        }
        m_positions.assign(m_net.widths.size(), 0);
        for (const std::vector<int>& row : m_net.rows)
            number(row);
        for (int sweep = 0; sweep < sweeps && !m_stop.stop_requested(); ++sweep) {
            for (auto row = m_net.rows.begin(); row != m_net.rows.end(); ++row)
                sort(*row, m_net.above);
            for (auto row = m_net.rows.rbegin(); row != m_net.rows.rend(); ++row)
                sort(*row, m_net.below);
        }
        for (std::vector<int>& row : m_net.rows)
            sort(row, m_net.above);
    }

    void number(const std::vector<int>& row) {
        for (std::size_t i = 0; i < row.size(); ++i)
            m_positions[at(row[i])] = static_cast<int>(i);
    }

    /// By the mean position of the neighbours; vertices without any stay where they are.
    void sort(std::vector<int>& row, const std::vector<std::vector<int>>& joined) {
        std::vector<std::pair<double, int>> weighted;
        weighted.reserve(row.size());
        for (const int vertex : row) {
            double sum = 0;
            for (const int other : joined[at(vertex)])
                sum += m_positions[at(other)];
            const auto count = static_cast<double>(joined[at(vertex)].size());
            weighted.emplace_back(count > 0 ? sum / count : m_positions[at(vertex)], vertex);
        }
        std::ranges::stable_sort(weighted, {}, &std::pair<double, int>::first);
        std::ranges::transform(weighted, row.begin(), &std::pair<double, int>::second);
        number(row);
    }

    // ---- positions -------------------------------------------------------------------------------------------------------------------

    struct Row {
        double top = 0, bottom = 0;
    };

    [[nodiscard]] const Row& rowOf(int vertex) const { return m_rows[at(m_rank[at(vertex)])]; }
    [[nodiscard]] double halfHeight(int node) const { return m_graph.sizes[at(node)].height / 2; }
    [[nodiscard]] double centreY(int node) const { return (rowOf(node).top + rowOf(node).bottom) / 2; }

    void placeRows() {
        double y = 0;
        for (const std::vector<int>& row : m_net.rows) {
            double height = 0;
            for (const int vertex : row) {
                if (at(vertex) < nodeCount()) height = std::max(height, m_graph.sizes[at(vertex)].height);
            }
            m_rows.push_back({y, y + height});
            y += height + rowGap;
        }
    }

    /// Where on the border of a node each edge ends: side by side, in the order of where they come from, so that none hides another.
    void spreadPorts() {
        struct End {
            double x;
            double* port;
        };
        std::vector<std::vector<End>> upper(nodeCount()), lower(nodeCount());
        for (Route& route : m_routes) {
            if (route.upper == route.lower) continue;
            const double beside = m_width + route.lane;
            const double below = route.lane >= 0 ? beside : m_x[at(route.bends.empty() ? route.lower : route.bends.front())];
            const double above = route.lane >= 0 ? beside : m_x[at(route.bends.empty() ? route.upper : route.bends.back())];
            lower[at(route.upper)].push_back({below, &route.upperPort});
            upper[at(route.lower)].push_back({above, &route.lowerPort});
        }
        for (auto* side : {&upper, &lower}) {
            for (std::size_t node = 0; node < nodeCount(); ++node) {
                std::vector<End>& ends = (*side)[node];
                std::ranges::stable_sort(ends, {}, &End::x);
                const auto count = static_cast<double>(ends.size());
                const double distance = std::min(14.0, 0.7 * m_graph.sizes[node].width / std::max(count, 1.0));
                for (std::size_t i = 0; i < ends.size(); ++i)
                    *ends[i].port = (static_cast<double>(i) - (count - 1) / 2) * distance;
            }
        }
    }

    std::vector<Point> line(const Route& route) const {
        const Point begin{m_x[at(route.upper)] + route.upperPort, centreY(route.upper) + halfHeight(route.upper)};
        const Point end{m_x[at(route.lower)] + route.lowerPort, centreY(route.lower) - halfHeight(route.lower)};
        std::vector<Point> points{begin};
        if (begin.y < rowOf(route.upper).bottom) lineTo(points, {begin.x, rowOf(route.upper).bottom});
        if (route.lane >= 0) {
            const double x = m_width + laneMargin + laneGap * route.lane;
            const double under = rowOf(route.upper).bottom + rowGap / 2, over = rowOf(route.lower).top - rowGap / 2;
            for (const Point& corner : {Point{begin.x, under}, Point{x, under}, Point{x, over}, Point{end.x, over}})
                lineTo(points, corner);
        }
        for (const int bend : route.bends) {
            curveTo(points, {m_x[at(bend)], rowOf(bend).top});
            if (rowOf(bend).bottom > rowOf(bend).top) lineTo(points, {m_x[at(bend)], rowOf(bend).bottom});
        }
        const Point arrival{end.x, rowOf(route.lower).top};
        if (route.lane >= 0) {
            lineTo(points, arrival);
        } else {
            curveTo(points, arrival);
        }
        if (end.y > arrival.y) lineTo(points, end);
        return points;
    }

    std::vector<Point> loop(int node) const {
        const double right = m_x[at(node)] + m_graph.sizes[at(node)].width / 2, y = centreY(node), reach = halfHeight(node) / 2;
        const double out = right + nodeGap * 0.6;
        return {{right, y - reach}, {out, y - reach}, {out, y + reach}, {right, y + reach}};
    }

    LayeredPlaces draw() {
        placeRows();
        for (std::size_t vertex = 0; vertex < m_x.size(); ++vertex)
            m_width = std::max(m_width, m_x[vertex] + m_net.widths[vertex] / 2);
        spreadPorts();
        LayeredPlaces places;
        for (int node = 0; at(node) < nodeCount(); ++node)
            places.nodes.push_back({m_x[at(node)], centreY(node)});
        for (const Route& route : m_routes) {
            places.edges.push_back(route.upper == route.lower ? loop(route.upper) : line(route));
            if (route.isReversed) std::ranges::reverse(places.edges.back());
        }
        places.width = m_lanes > 0 ? m_width + laneMargin + laneGap * m_lanes : m_width;
        places.height = m_rows.empty() ? 0 : m_rows.back().bottom;
        return places;
    }

    const LayeredGraph& m_graph;
    const std::stop_token& m_stop;
    std::vector<int> m_forward; ///< nodes in the order that direct() found
    std::vector<Route> m_routes;
    std::vector<int> m_rank; ///< by vertex; vertices are nodes, then bends
    Rows m_net;
    std::vector<int> m_positions;
    int m_lanes = 0;
    std::vector<double> m_x;
    std::vector<Row> m_rows;
    double m_width = 0;
};

} // namespace

base::Result<LayeredPlaces> placeInLayers(const LayeredGraph& graph, const std::stop_token& stop) { return Layers(graph, stop).place(); }

} // namespace lathe::layout
