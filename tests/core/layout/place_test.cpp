#include <core/layout/drawing.h>

#include <algorithm>
#include <chrono>
#include <clocale>
#include <cmath>
#include <cstdlib>
#include <thread>

#include <gtest/gtest.h>

#include <tests/core/layout/lenet_graph.h>
#include <tests/support/transformer.h>

namespace lathe::layout {

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

Drawing chain(int count, int skip = 0) {
    Drawing drawing;
    for (int i = 0; i < count; ++i) {
        DrawNode node;
        node.id = node.label = "node" + std::to_string(i);
        drawing.nodes.push_back(node);
        if (i > 0) drawing.edges.push_back({"node" + std::to_string(i - 1), node.id, ""});
        if (skip > 0 && i >= skip && i % skip == 0) drawing.edges.push_back({"node" + std::to_string(i - skip), node.id, ""});
    }
    return drawing;
}

std::vector<NodeSize> boxes(const Drawing& drawing) { return std::vector<NodeSize>(drawing.nodes.size(), NodeSize{100, 40}); }

base::Result<Placement> placeNow(const Drawing& drawing) { return place(drawing, boxes(drawing), {}); }

/// Distance of a point from a node's box.
double distance(const Point& point, const PlacedNode& node) {
    const double dx = std::max(0.0, std::abs(point.x - node.x) - node.width / 2),
                 dy = std::max(0.0, std::abs(point.y - node.y) - node.height / 2);
    return std::hypot(dx, dy);
}

TEST(Place, NoNodeNeedsNoDot) {
    const auto placement = place({}, {}, {});
    ASSERT_TRUE(placement);
    EXPECT_TRUE(placement->nodes.empty());
}

TEST(Place, OneNode) {
    const auto placement = placeNow(chain(1));
    ASSERT_TRUE(placement) << placement.error().text();
    ASSERT_EQ(placement->nodes.size(), 1U);
    EXPECT_NEAR(placement->nodes[0].x, 50, 1);
    EXPECT_NEAR(placement->nodes[0].y, 20, 1);
    EXPECT_EQ(placement->nodes[0].width, 100);
    EXPECT_NEAR(placement->width, 100, 1);
}

TEST(Place, LenetRunsDownwardsWithoutOverlap) {
    const Drawing drawn = drawing(test::lenet());
    const auto placement = place(drawn, estimatedSizes(drawn), {});
    ASSERT_TRUE(placement) << placement.error().text();
    ASSERT_EQ(placement->nodes.size(), drawn.nodes.size());
    for (std::size_t i = 0; i < drawn.nodes.size(); ++i) {
        EXPECT_EQ(placement->nodes[i].id, drawn.nodes[i].id);
        EXPECT_GE(placement->nodes[i].y - placement->nodes[i].height / 2, -1);
        EXPECT_LE(placement->nodes[i].y + placement->nodes[i].height / 2, placement->height + 1);
        if (i == 0) continue;
        EXPECT_GT(placement->nodes[i].y - placement->nodes[i].height / 2, placement->nodes[i - 1].y + placement->nodes[i - 1].height / 2);
    }
}

TEST(Place, EdgesAreInOrderAndTouchTheirNodes) {
    const Drawing drawn = chain(12, 3);
    const auto placement = placeNow(drawn);
    ASSERT_TRUE(placement) << placement.error().text();
    ASSERT_EQ(placement->edges.size(), drawn.edges.size());
    for (std::size_t i = 0; i < drawn.edges.size(); ++i) {
        const PlacedEdge& edge = placement->edges[i];
        EXPECT_EQ(edge.from, drawn.edges[i].from);
        EXPECT_EQ(edge.to, drawn.edges[i].to);
        ASSERT_EQ(edge.points.size() % 3, 1U);
        const auto node = [&](const std::string& id) { return *std::ranges::find(placement->nodes, id, &PlacedNode::id); };
        EXPECT_LT(distance(edge.points.front(), node(edge.from)), 2);
        EXPECT_LT(distance(edge.points.back(), node(edge.to)), 2);
    }
}

TEST(Place, SelfLoopDoubleEdgeAndUnconnectedNodes) {
    Drawing drawn = chain(3);
    drawn.edges = {{"node0", "node0", ""}, {"node0", "node1", ""}, {"node0", "node1", ""}};
    const auto placement = placeNow(drawn);
    ASSERT_TRUE(placement) << placement.error().text();
    ASSERT_EQ(placement->edges.size(), 3U);
    for (const PlacedEdge& edge : placement->edges)
        EXPECT_GE(edge.points.size(), 4U);
    EXPECT_NE(placement->edges[1].points[1].x, placement->edges[2].points[1].x) << "two edges, two ways";
}

TEST(Place, HostileNamesNeverReachDot) {
    Drawing drawn = chain(6);
    const std::vector<std::string> names = {
        "<b>bold</b>", "\"]; n9 [image=\"/etc/passwd\"]; //", "line\nbreak\\N", std::string(10'000, 'x'), "", "\xFF\xFE"};
    for (std::size_t i = 0; i < names.size(); ++i)
        drawn.nodes[i].id = drawn.nodes[i].label = names[i];
    drawn.edges = {{names[0], names[1], "<i>"}, {names[2], names[3], "\""}};
    const auto placement = placeNow(drawn);
    ASSERT_TRUE(placement) << placement.error().text();
    for (std::size_t i = 0; i < names.size(); ++i)
        EXPECT_EQ(placement->nodes[i].id, names[i]);
    EXPECT_GE(placement->edges[1].points.size(), 4U);
}

TEST(Place, SizesThatAreNotNumbers) {
    const Drawing drawn = chain(2);
    const auto placement = place(drawn, {{std::nan(""), -5}, {1e300, 40}}, {});
    ASSERT_TRUE(placement) << placement.error().text();
}

TEST(Place, WhatDoesNotFitTogetherIsInvalid) {
    Drawing drawn = chain(2);
    EXPECT_EQ(place(drawn, {}, {}).error().code, base::ErrorCode::InvalidArgument);
    drawn.edges.push_back({"node0", "nowhere", ""});
    EXPECT_EQ(placeNow(drawn).error().code, base::ErrorCode::InvalidArgument);
}

TEST(Place, AThousandNodes) {
    const Drawing drawn = chain(1000, 4);
    const auto placement = placeNow(drawn);
    ASSERT_TRUE(placement) << placement.error().text();
    EXPECT_EQ(placement->nodes.size(), 1000U);
    RecordProperty("milliseconds", static_cast<int>(placement->seconds * 1000));
}

/// A graph that keeps dot busy for minutes: every node reads far-away ones.
Drawing endless() {
    Drawing drawn = chain(400);
    for (int i = 0; i < 800; ++i) {
        const int from = i * 7919 % 400, to = i * 104729 % 400;
        drawn.edges.push_back({"node" + std::to_string(std::min(from, to)), "node" + std::to_string(std::max(from, to)), ""});
    }
    return drawn;
}

TEST(Place, StopKillsDotWithinASecond) {
    const Drawing drawn = endless();
    std::stop_source stop;
    const auto begin = Clock::now();
    std::jthread stopper([&stop, begin] {
        while (secondsSince(begin) < 0.3)
            std::this_thread::yield();
        stop.request_stop();
    });
    const auto placement = place(drawn, boxes(drawn), stop.get_token(), 60);
    ASSERT_FALSE(placement);
    EXPECT_EQ(placement.error().code, base::ErrorCode::Cancelled);
    EXPECT_LT(secondsSince(begin), 1.3);
}

TEST(Place, WhenDotTakesTooLongTheLayeredLayoutTakesItsPlace) {
    const Drawing drawn = endless();
    const auto placement = place(drawn, boxes(drawn), {}, 0.3);
    ASSERT_TRUE(placement) << placement.error().text();
    EXPECT_EQ(placement->nodes.size(), drawn.nodes.size());
    EXPECT_EQ(placement->edges.size(), drawn.edges.size());
    EXPECT_GT(placement->seconds, 0.3);
}

TEST(Place, DotIsNotStartedWhereItWouldNotEnd) {
    const Drawing drawn = drawing(support::transformer(3016));
    const auto placement = place(drawn, boxes(drawn), {});
    ASSERT_TRUE(placement) << placement.error().text();
    EXPECT_LT(placement->seconds, 2) << "without the three seconds that dot would have got";
}

TEST(Place, StoppedBeforeItBegan) {
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(place(chain(2), boxes(chain(2)), stop.get_token()).error().code, base::ErrorCode::Cancelled);
}

TEST(Place, WithoutGraphviz) {
    const std::string path = std::getenv("PATH");
    ::setenv("PATH", "/nowhere", 1);
    const auto placement = placeNow(chain(2));
    ::setenv("PATH", path.c_str(), 1);
    ASSERT_TRUE(placement) << placement.error().text();
    EXPECT_LT(placement->nodes[0].y, placement->nodes[1].y);
}

TEST(Place, NumbersInACommaLocale) {
    // Not installed everywhere; then the test checks the C locale only.
    const char* locale = std::setlocale(LC_ALL, "de_DE.UTF-8");
    const auto placement = place(chain(2), {{100.5, 40.25}, {100.5, 40.25}}, {});
    std::setlocale(LC_ALL, "C");
    ASSERT_TRUE(placement) << (locale ? locale : "C");
    EXPECT_NEAR(placement->nodes[0].x, 50.25, 1);
}

} // namespace

} // namespace lathe::layout
