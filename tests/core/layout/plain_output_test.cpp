#include <core/layout/plain_output.h>

#include <gtest/gtest.h>

namespace lathe::layout {

namespace {

constexpr std::string_view good = "graph 1 2.5 4\n"
                                  "node n1 1 3.5 0.75 0.5 \"\" solid box black lightgrey\n"
                                  "node n0 1.25e0 0.5 0.75 0.5 \"\" solid box black lightgrey\n"
                                  "edge n1 n0 4 1 3.25 1 3 1 1 1.1 0.75 solid black\n"
                                  "stop\n";

TEST(PlainOutput, ReadsNodesByNumber) {
    const auto graph = parsePlain(good, 2);
    ASSERT_TRUE(graph) << graph.error().text();
    EXPECT_EQ(graph->width, 2.5);
    EXPECT_EQ(graph->height, 4);
    EXPECT_EQ(graph->nodes[0].x, 1.25);
    EXPECT_EQ(graph->nodes[1].y, 3.5);
    ASSERT_EQ(graph->edges.size(), 1U);
    EXPECT_EQ(graph->edges[0].tail, 1U);
    EXPECT_EQ(graph->edges[0].head, 0U);
    ASSERT_EQ(graph->edges[0].points.size(), 4U);
    EXPECT_EQ(graph->edges[0].points[3].x, 1.1);
}

TEST(PlainOutput, DamagedAnswersFail) {
    const std::string text(good);
    const auto replaced = [&](const std::string& from, const std::string& to) {
        std::string copy = text;
        copy.replace(copy.find(from), from.size(), to);
        return copy;
    };
    const std::vector<std::string> damaged = {"",
                                              "stop\n",
                                              text.substr(0, text.size() - 5),               // no "stop"
                                              replaced("graph 1 2.5 4\n", ""),               // no size
                                              replaced("node n1", "node n7"),                // no such node
                                              replaced("node n1", "node n0"),                // one is not placed
                                              replaced("node n1", "node x"),                 //
                                              replaced("edge n1", "edge n-1"),               //
                                              replaced("n0 4 1 3.25", "n0 9 1 3.25"),        // more points than there are
                                              replaced("n0 4 1 3.25", "n0 99999999999 1 3"), //
                                              replaced("1 3.5", "nan 3.5"),                  //
                                              replaced("1 3.5", "1,0 3.5"),                  // a decimal comma
                                              replaced("edge n1 n0", "edge n1 n2"),          // one past the last node
                                              replaced("edge", "rubbish")};
    for (const std::string& each : damaged) {
        const auto result = parsePlain(each, 2);
        ASSERT_FALSE(result) << each;
        EXPECT_EQ(result.error().code, base::ErrorCode::Failed);
    }
}

} // namespace

} // namespace lathe::layout
