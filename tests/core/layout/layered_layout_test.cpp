#include <core/layout/layered_layout.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <map>
#include <numeric>
#include <optional>
#include <random>

#include <gtest/gtest.h>

#include <tests/support/transformer.h>

namespace lathe::layout {
namespace {

LayeredGraph graphOf(std::size_t nodes, std::vector<std::pair<std::size_t, std::size_t>> edges) {
    return {std::vector<NodeSize>(nodes, NodeSize{100, 40}), std::move(edges)};
}

LayeredGraph graphOf(const Drawing& drawing) {
    LayeredGraph graph{estimatedSizes(drawing), {}};
    std::map<std::string, std::size_t> numbers;
    for (const DrawNode& node : drawing.nodes)
        numbers.emplace(node.id, numbers.size());
    for (const DrawEdge& edge : drawing.edges)
        graph.edges.emplace_back(numbers.at(edge.from), numbers.at(edge.to));
    return graph;
}

LayeredPlaces placed(const LayeredGraph& graph) { return placeInLayers(graph, {}).value(); }

struct Box {
    double left, right, top, bottom;
};
Box boxOf(const LayeredGraph& graph, const LayeredPlaces& places, std::size_t node) {
    const Point& centre = places.nodes[node];
    const NodeSize& size = graph.sizes[node];
    return {centre.x - size.width / 2, centre.x + size.width / 2, centre.y - size.height / 2, centre.y + size.height / 2};
}

/// The first two nodes whose boxes intersect. Sorted by their tops, so that only boxes at one height are compared.
std::optional<std::pair<std::size_t, std::size_t>> overlap(const LayeredGraph& graph, const LayeredPlaces& places) {
    std::vector<std::size_t> order(graph.sizes.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::sort(order, {}, [&](std::size_t node) { return boxOf(graph, places, node).top; });
    for (std::size_t i = 0; i < order.size(); ++i) {
        const Box a = boxOf(graph, places, order[i]);
        for (std::size_t j = i + 1; j < order.size(); ++j) {
            const Box b = boxOf(graph, places, order[j]);
            if (b.top >= a.bottom) break;
            if (a.left < b.right && b.left < a.right) return std::pair{order[i], order[j]};
        }
    }
    return std::nullopt;
}

/// Every edge begins and ends on the border of its nodes, and all lies inside the drawing.
void expectSound(const LayeredGraph& graph, const LayeredPlaces& places) {
    ASSERT_EQ(places.nodes.size(), graph.sizes.size());
    ASSERT_EQ(places.edges.size(), graph.edges.size());
    const auto clash = overlap(graph, places);
    EXPECT_FALSE(clash) << clash->first << " and " << clash->second;
    for (std::size_t node = 0; node < graph.sizes.size(); ++node) {
        const Box box = boxOf(graph, places, node);
        EXPECT_TRUE(box.left >= -0.01 && box.top >= -0.01 && box.right <= places.width + 0.01 && box.bottom <= places.height + 0.01)
            << node;
    }
    for (std::size_t i = 0; i < graph.edges.size(); ++i) {
        const std::vector<Point>& points = places.edges[i];
        ASSERT_EQ(points.size() % 3, 1U);
        ASSERT_GE(points.size(), 4U);
        for (const auto& [point, node] :
             {std::pair{points.front(), graph.edges[i].first}, std::pair{points.back(), graph.edges[i].second}}) {
            const Box box = boxOf(graph, places, node);
            EXPECT_TRUE(point.x >= box.left - 0.01 && point.x <= box.right + 0.01 && point.y >= box.top - 0.01 &&
                        point.y <= box.bottom + 0.01)
                << "edge " << i << " and node " << node;
        }
    }
}

TEST(LayeredLayout, NothingAndOneNode) {
    EXPECT_TRUE(placed(graphOf(0, {})).nodes.empty());
    const auto places = placed(graphOf(1, {}));
    EXPECT_NEAR(places.nodes[0].x, 50, 1e-9);
    EXPECT_NEAR(places.nodes[0].y, 20, 1e-9);
    EXPECT_NEAR(places.height, 40, 1e-9);
}

TEST(LayeredLayout, AChainIsStraightAndRunsDownwards) {
    const auto graph = graphOf(4, {{0, 1}, {1, 2}, {2, 3}});
    const auto places = placed(graph);
    expectSound(graph, places);
    for (std::size_t i = 1; i < 4; ++i) {
        EXPECT_NEAR(places.nodes[i].x, places.nodes[0].x, 1e-9);
        EXPECT_GT(places.nodes[i].y, places.nodes[i - 1].y + 40);
    }
    for (const Point& point : places.edges[1])
        EXPECT_NEAR(point.x, places.nodes[0].x, 1e-9);
}

TEST(LayeredLayout, ALongEdgeGoesAroundWhatIsBetween) {
    const auto graph = graphOf(4, {{0, 1}, {1, 2}, {2, 3}, {0, 3}});
    const auto places = placed(graph);
    expectSound(graph, places);
    for (const std::size_t between : {std::size_t{1}, std::size_t{2}}) {
        const Box box = boxOf(graph, places, between);
        for (const Point& point : places.edges[3])
            EXPECT_FALSE(point.x > box.left && point.x < box.right && point.y > box.top && point.y < box.bottom);
    }
}

TEST(LayeredLayout, CyclesLoopsAndDoubleEdges) {
    const auto graph = graphOf(5, {{0, 1}, {1, 2}, {2, 0}, {3, 3}, {0, 1}, {4, 3}, {3, 4}});
    const auto places = placed(graph);
    expectSound(graph, places);
    EXPECT_NE(places.edges[0].front().x, places.edges[4].front().x) << "two edges, two ways";
}

TEST(LayeredLayout, ASourceStandsOverItsReader) {
    std::vector<std::pair<std::size_t, std::size_t>> edges;
    for (std::size_t i = 1; i < 10; ++i)
        edges.emplace_back(i - 1, i);
    edges.emplace_back(10, 9);
    const auto graph = graphOf(11, edges);
    const auto places = placed(graph);
    EXPECT_NEAR(places.nodes[10].y, places.nodes[8].y, 1e-9);
}

TEST(LayeredLayout, EdgesOverTheWholeGraphRunBesideIt) {
    std::vector<std::pair<std::size_t, std::size_t>> edges;
    for (std::size_t i = 1; i < 400; ++i)
        edges.emplace_back(i - 1, i);
    for (std::size_t i = 0; i < 150; ++i)
        edges.emplace_back(i, 399 - i); // as in a U-Net
    const auto graph = graphOf(400, edges);
    const auto places = placed(graph);
    expectSound(graph, places);
    EXPECT_LT(places.width, 2500);
}

TEST(LayeredLayout, RandomGraphs) {
    std::mt19937 generator(7);
    for (int round = 0; round < 60; ++round) {
        const std::size_t nodes = 1 + generator() % 60;
        std::vector<std::pair<std::size_t, std::size_t>> edges;
        for (std::size_t i = generator() % 150; i > 0; --i)
            edges.emplace_back(generator() % nodes, generator() % nodes);
        LayeredGraph graph = graphOf(nodes, edges);
        for (NodeSize& size : graph.sizes)
            size = {10.0 + generator() % 200, 5.0 + generator() % 80};
        expectSound(graph, placed(graph));
    }
}

TEST(LayeredLayout, TenThousandNodesDoNotOverlapAndTakeLinearTime) {
    const auto secondsFor = [](int nodes) {
        const LayeredGraph graph = graphOf(drawing(support::transformer(nodes)));
        const std::clock_t begin = std::clock();
        const auto places = placed(graph);
        const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
        expectSound(graph, places);
        EXPECT_LT(places.width, 6000) << "blocks under each other, not drifting to a side";
        return seconds;
    };
    const double small = secondsFor(3016), large = secondsFor(10'016);
    ::testing::Test::RecordProperty("milliseconds", static_cast<int>(large * 1000));
    EXPECT_LT(large, 3);
    EXPECT_LT(large, 8 * std::max(small, 0.02));
}

TEST(LayeredLayout, StopsWhenAsked) {
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(placeInLayers(graphOf(2, {{0, 1}}), stop.get_token()).error().code, base::ErrorCode::Cancelled);
}

} // namespace
} // namespace lathe::layout
