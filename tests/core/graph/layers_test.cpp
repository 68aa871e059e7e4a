#include <core/graph/layers.h>

#include <limits>

#include <gtest/gtest.h>

#include <tests/support/graphs.h>

namespace lathe::graph {
namespace {

TEST(MatchesPattern, WholeNamesWithStarsAndQuestionMarks) {
    EXPECT_TRUE(matchesPattern("conv1", "conv1"));
    EXPECT_FALSE(matchesPattern("conv", "conv1"));
    EXPECT_TRUE(matchesPattern("conv?", "conv1"));
    EXPECT_FALSE(matchesPattern("conv?", "conv"));
    EXPECT_TRUE(matchesPattern("layer*.conv?", "layer1.0.conv2"));
    EXPECT_FALSE(matchesPattern("layer*.conv?", "layer1.0.bn2"));
    EXPECT_TRUE(matchesPattern("*", ""));
    EXPECT_TRUE(matchesPattern("a*b*c", "a.b.b.c"));
    EXPECT_FALSE(matchesPattern("", "a"));
}

TEST(MatchesPattern, ManyStarsStayFast) { EXPECT_FALSE(matchesPattern("*a*a*a*a*a*a*a*a*a*a*b", std::string(5000, 'a'))); }

TEST(NearestName, FindsTheTypingErrorButNotAnotherWord) {
    const std::vector<std::string> known{"ratio", "criterion", "round_to"};
    EXPECT_EQ(nearestName("ration", known), "ratio");
    EXPECT_EQ(nearestName("roundto", known), "round_to");
    EXPECT_EQ(nearestName("bits", known), "");
}

TEST(Layers, ListsWhatCarriesAWeight) {
    const auto found = layers(support::smallConvNet(2));
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].name, "conv1");
    EXPECT_EQ(found[0].parameters, 4 * 2 * 9 + 4);
    EXPECT_EQ(found[0].macs, 4 * 8 * 8 * 2 * 9); // for one sample, whatever the batch
    EXPECT_EQ(found[1].weightShape, (tensor::Shape{3, 64}));
    EXPECT_EQ(found[1].macs, 3 * 64);
}

TEST(Layers, EmbeddingsAreLayersToo) {
    const std::vector<Layer> found = layers(support::wordModel());
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].name, "table");
    EXPECT_EQ(found[0].weightShape, (tensor::Shape{20, 16}));
    EXPECT_EQ(found[0].parameters, 320);
    EXPECT_EQ(found[0].macs, 0);
    EXPECT_EQ(found[1].macs, std::nullopt); // no shapes: not known, which is not 0
}

TEST(MacsPerSample, SumsLayers) { EXPECT_EQ(macsPerSample(support::smallConvNet(4)), (MacCount{4 * 8 * 8 * 2 * 9 + 3 * 64, 0})); }

TEST(MacsPerSample, SaysHowManyLayersAreMissing) {
    Graph graph = support::smallConvNet();
    graph.value(graph.findNode("conv1")->results[0]).shape.reset();
    EXPECT_EQ(macsPerSample(graph), (MacCount{3 * 64, 1}));
    EXPECT_EQ(macsPerSample(support::wordModel()), (MacCount{0, 2})); // no shapes at all
}

/// The small network within a node with blocks.
Graph inside(const std::string& op, std::vector<Operand> operands, int blocks) {
    Graph graph = support::smallConvNet();
    Node outer;
    outer.op = op;
    outer.name = "outer";
    outer.operands = std::move(operands);
    for (int block = 0; block < blocks; ++block) {
        Block copy;
        copy.nodes = graph.main.nodes;
        if (block > 0) copy.nodes.pop_back(); // without fc
        outer.blocks.push_back(std::move(copy));
    }
    graph.main.nodes = {outer};
    return graph;
}

TEST(MacsPerSample, OfADecisionAreThoseOfTheLargerBranch) {
    EXPECT_EQ(macsPerSample(inside("prim::If", {Literal(true)}, 2)), macsPerSample(support::smallConvNet()));
}

TEST(MacsPerSample, OfALoopCountTheRounds) {
    const std::int64_t once = macsPerSample(support::smallConvNet()).known;
    EXPECT_EQ(macsPerSample(inside("prim::Loop", {support::number(3), Literal(true)}, 1)), (MacCount{3 * once, 0}));
    const std::int64_t untilCondition = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(macsPerSample(inside("prim::Loop", {support::number(untilCondition), Literal(true)}, 1)), (MacCount{0, 2}));
}

} // namespace
} // namespace lathe::graph
