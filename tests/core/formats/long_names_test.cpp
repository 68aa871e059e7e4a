#include <core/formats/long_names.h>

#include <gtest/gtest.h>

#include <tests/support/graphs.h>

namespace lathe::formats {
namespace {

TEST(LongNames, AreCutAndStayUniqueAndTheSameEverywhere) {
    graph::Graph graph = support::smallConvNet();
    const std::string longName(10'000'000, 'A');
    graph::Node& conv = *graph.findNode("conv1");
    conv.name = conv.scope = longName;
    graph.findNode("fc")->name = longName + "B";
    graph.value(conv.results[0]).name = longName;
    graph.findNode("pool1")->name = std::string(100, 'A') + "… (1)"; // what the first would be called
    graph.value(graph.main.inputs[0]).shape = std::vector<graph::Dim>{{-1, longName + "C"}};
    EXPECT_EQ(shortenNames(graph), 3U);
    EXPECT_TRUE(graph::verify(graph));
    const std::string first = graph.main.nodes[0].name;
    EXPECT_LT(first.size(), 200U);
    EXPECT_TRUE(first.starts_with("AAAA")) << first;
    EXPECT_NE(first, std::string(100, 'A') + "… (1)");
    EXPECT_EQ(graph.main.nodes[0].scope, first);
    EXPECT_EQ(graph.value(graph.main.nodes[0].results[0]).name, first);
    EXPECT_NE(graph.main.nodes.back().name, first);
    EXPECT_EQ(shortenNames(graph), 0U);
}

TEST(LongNames, OthersStayAsTheyAre) {
    graph::Graph graph = support::smallConvNet();
    const std::string before = graph::text(graph);
    EXPECT_EQ(shortenNames(graph), 0U);
    EXPECT_EQ(graph::text(graph), before);
    graph.findNode("conv1")->name = std::string(longestName, 'x');
    EXPECT_EQ(shortenNames(graph), 0U);
}

TEST(LongNames, NoCharacterIsCutInTwo) {
    std::string text;
    while (text.size() < 3 * longestName)
        text += "层";
    const std::string cut = shortened(text);
    EXPECT_LE(cut.size(), longestName);
    EXPECT_EQ((cut.size() - 3) % 3, 0U) << "whole characters and an ellipsis";
    EXPECT_TRUE(cut.ends_with("…"));
    EXPECT_EQ(shortened("short"), "short");
    graph::Graph graph = support::smallConvNet();
    graph.findNode("conv1")->name = "x" + text;
    EXPECT_EQ(shortenNames(graph), 1U);
    const std::string name = graph.main.nodes[0].name;
    EXPECT_EQ((name.find("…") - 1) % 3, 0U) << name;
}

} // namespace
} // namespace lathe::formats
