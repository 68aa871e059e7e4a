#include <core/graph/scope.h>

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace lathe::graph {
namespace {

std::vector<std::string> outerScopes(std::string_view path) {
    std::vector<std::string> found;
    forEachOuterScope(path, [&](std::string_view outer) { found.emplace_back(outer); });
    return found;
}

TEST(Scope, OuterScopesGoFromInsideOut) {
    EXPECT_EQ(outerScopes("layer1.0.conv1"), (std::vector<std::string>{"layer1.0", "layer1"}));
    EXPECT_TRUE(outerScopes("conv1").empty());
    EXPECT_TRUE(outerScopes("").empty());
    EXPECT_TRUE(outerScopes(".hidden").empty());
}

} // namespace
} // namespace lathe::graph
