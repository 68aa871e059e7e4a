#include <core/runtime/lowering/activation_range.h>

#include <limits>

#include <gtest/gtest.h>

#include <tests/core/runtime/graphs.h>

namespace lathe::runtime::testing {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

std::optional<ActivationRange> rangeOf(const std::string& op, std::vector<Operand> bounds) {
    Graph graph;
    std::vector<Operand> operands = {graph.addInput("x")};
    operands.insert(operands.end(), bounds.begin(), bounds.end());
    return activationRange(graph.addNode(op, "activation", std::move(operands)));
}

TEST(ActivationRange, OfEachOperator) {
    EXPECT_EQ(rangeOf("aten::relu", {}), (ActivationRange{0, infinity}));
    EXPECT_EQ(rangeOf("aten::relu6", {}), (ActivationRange{0, 6}));
    EXPECT_EQ(rangeOf("aten::hardtanh", {}), (ActivationRange{-1, 1}));
    EXPECT_EQ(rangeOf("aten::hardtanh", {real(0), real(6)}), (ActivationRange{0, 6}));
    EXPECT_EQ(rangeOf("aten::hardtanh", {integer(0), integer(6)}), (ActivationRange{0, 6}));
    EXPECT_EQ(rangeOf("aten::clamp", {real(-2), none()}), (ActivationRange{-2, infinity}));
    EXPECT_EQ(rangeOf("aten::clamp", {none(), integer(3)}), (ActivationRange{-infinity, 3}));
    EXPECT_EQ(rangeOf("aten::clamp_min", {real(0.5)}), (ActivationRange{0.5, infinity}));
}

TEST(ActivationRange, NothingForOthers) {
    EXPECT_FALSE(rangeOf("aten::sigmoid", {}));
    EXPECT_FALSE(rangeOf("aten::clamp", {real(2), real(1)})) << "PyTorch gives the upper bound everywhere";
    EXPECT_FALSE(rangeOf("aten::clamp", {real(std::numeric_limits<double>::quiet_NaN()), real(1)}));
    Graph graph;
    const auto bound = graph.addInput("bound");
    EXPECT_FALSE(activationRange(graph.addNode("aten::clamp_min", "clamp", {graph.addInput("x"), bound}))) << "not a constant";
}

TEST(ActivationRange, OneAfterTheOther) {
    EXPECT_EQ(limited({0, infinity}, {-1, 6}), (ActivationRange{0, 6}));
    EXPECT_EQ(limited({0, 2}, {3, 6}), (ActivationRange{3, 3})) << "everything is below the second range";
    EXPECT_EQ(limited({}, {-1, 1}), (ActivationRange{-1, 1}));
}

} // namespace
} // namespace lathe::runtime::testing
