#include <core/graph/layers.h>

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
}

TEST(ParameterCount, CountsSharedStorageOnceAndNoBuffers) {
    Graph graph = support::smallConvNet();
    const auto count = parameterCount(graph);
    EXPECT_EQ(count, 76 + 195);
    graph.addWeight("tied", graph.value(*graph.findValue("fc.weight")).data);
    graph.addWeight("running_mean", support::randomTensor({4}, 5), /*isParameter=*/false);
    EXPECT_EQ(parameterCount(graph), count);
}

TEST(MacsPerSample, SumsLayers) { EXPECT_EQ(macsPerSample(support::smallConvNet(4)), 4 * 8 * 8 * 2 * 9 + 3 * 64); }

} // namespace
} // namespace lathe::graph
