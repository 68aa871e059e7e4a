#include <core/transform/rewrite.h>

#include <limits>

#include <gtest/gtest.h>

namespace lathe::transform {
namespace {

TEST(Rewrite, FiniteValuesRefusesWhatHasNoMeaning) {
    graph::Graph graph;
    const auto check = [&](tensor::Tensor data) {
        return finiteValues(graph.value(graph.addWeight("w_" + std::to_string(graph.values.size()), std::move(data))));
    };
    EXPECT_EQ(check(tensor::Tensor::of<float>({2}, {1, 2})).value(), (std::vector<float>{1, 2}));
    EXPECT_TRUE(check(tensor::Tensor::of<float>({0}, {})));
    EXPECT_TRUE(check(tensor::Tensor::of<float>({2}, {1, 2}).to(tensor::DType::Float16)));
    const auto nan = check(tensor::Tensor::of<float>({2}, {1, std::numeric_limits<float>::quiet_NaN()}));
    ASSERT_FALSE(nan);
    EXPECT_EQ(nan.error().message, "\"w_3\" holds NaN or infinity (first at element 1).");
    EXPECT_FALSE(check(tensor::Tensor::of<float>({1}, {std::numeric_limits<float>::infinity()})));
    EXPECT_FALSE(check(tensor::Tensor::of<std::int8_t>({1}, {1})));
}

} // namespace
} // namespace lathe::transform
