#include <core/layout/node_search.h>

#include <gtest/gtest.h>

namespace lathe::layout {
namespace {

TEST(NodeSearch, AllWordsInAnyOfTheTexts) {
    DrawNode node;
    node.id = "features.0.Conv1";
    node.label = "Conv1";
    node.op = "aten::conv2d";
    node.detail = "conv2d + relu · 5x5";
    node.shape = "1x6x28x28";
    node.scope = "hidden";
    const auto finds = [&](std::string_view text) { return NodeSearch(text).finds(node); };
    for (const char* text : {"conv1", "CONV", "features.0", "aten::", "relu", "1x6", "1×6x28", "5×5", "  conv   28x28 ", "·"})
        EXPECT_TRUE(finds(text)) << text;
    for (const char* text : {"pool", "conv pool", "hidden", "1x7", "", "   "})
        EXPECT_FALSE(finds(text)) << text;
    EXPECT_TRUE(NodeSearch("  ").isEmpty());
    EXPECT_FALSE(NodeSearch(" a").isEmpty());
}

} // namespace
} // namespace lathe::layout
