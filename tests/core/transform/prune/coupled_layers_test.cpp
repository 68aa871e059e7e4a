#include <core/transform/prune/coupled_layers.h>

#include <gtest/gtest.h>

#include <tests/support/reference_interpreter.h>

namespace lathe::transform {
namespace {

TEST(CoupledLayers, AreThoseOfTheGroup) {
    const graph::Graph graph = support::lenet5();
    EXPECT_EQ(coupledLayers(graph, "conv2").value(), (std::vector<std::string>{"fc1"}));
    EXPECT_EQ(coupledLayers(graph, "fc3").error().code, base::ErrorCode::Unsupported);
    const auto missing = coupledLayers(graph, "conv3");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, base::ErrorCode::NotFound);
    EXPECT_EQ(missing.error().message, "The model has no layer \"conv3\"; did you mean \"conv1\"?");
}

} // namespace
} // namespace lathe::transform
