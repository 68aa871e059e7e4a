#include <core/runtime/kernels/onednn/onednn_dynamic_linear.h>

#include <gtest/gtest.h>

#include <core/runtime/device.h>
#include <tests/core/runtime/quantized_graphs.h>
#include <tests/support/graphs.h>

namespace lathe::runtime::testing {
namespace {

Graph perToken(std::int64_t inputs, std::int64_t outputs, bool addsRelu, WeightForm form = WeightForm::PerChannel) {
    Graph graph;
    const auto dq = support::addPerTokenQdq(graph, graph.addInput("x"));
    auto value = addQuantizedLinear(graph, "layer", dq, inputs, outputs, form);
    if (addsRelu) value = addRelu(graph, "relu", value);
    graph.main.outputs.emplace_back(value);
    return graph;
}

Graph perTensor(std::int64_t inputs, std::int64_t outputs, const Grid& grid) {
    Graph graph;
    const auto x = graph.addInput("x");
    const std::vector<Operand> range = {integer(grid.minimum), integer(grid.maximum), real(1e-9), word(grid.dtype)};
    const graph::Node chosen =
        graph.addNode(std::string(graph::op::chooseQparams), "choose", {x, range[0], range[1], range[2], range[3]}, 2);
    const auto operands = [&](graph::ValueId value) {
        return std::vector<Operand>{value, chosen.results[0], chosen.results[1], range[0], range[1], range[3]};
    };
    const auto q = graph.addNode(std::string(graph::op::quantizePerTensorDynamic), "quantize", operands(x)).results[0];
    const auto dq = graph.addNode(std::string(graph::op::dequantizePerTensorDynamic), "dequantize", operands(q)).results[0];
    graph.main.outputs.emplace_back(addQuantizedLinear(graph, "layer", dq, inputs, outputs));
    return graph;
}

Plan planOf(const Graph& graph, const std::string& library) { return compiled(graph, preferring(library)); }

/// The same sums, and what happens to them in the same order: the same bits as Lathe's own kernel gives, which is held to simulation.
void expectSameBits(const Graph& graph, const at::Tensor& x) {
    Plan onednn = planOf(graph, "onednn"), lathe = planOf(graph, "lathe");
    ASSERT_EQ(onednn.instructions()[0].kernel.find("oneDNN int8 linear"), 0U) << onednn.instructions()[0].kernel;
    ASSERT_EQ(lathe.instructions()[0].kernel.find("Lathe int8 linear"), 0U) << lathe.instructions()[0].kernel;
    EXPECT_TRUE(at::equal(runOn(onednn, x), runOn(lathe, x))) << x.sizes();
}

class OnednnDynamicLinear : public ::testing::Test {
protected:
    void SetUp() override {
        if (!cpuHasVnni()) GTEST_SKIP() << "This CPU has no VNNI: the kernel is not offered.";
    }
};

TEST_F(OnednnDynamicLinear, GivesTheBitsOfLathesKernel) {
    // Odd counts of channels, rows that fill more than one part, one row, none.
    for (const auto& [inputs, outputs] : {std::pair<std::int64_t, std::int64_t>{1, 1}, {10, 13}, {64, 16}, {33, 100}}) {
        for (const bool addsRelu : {false, true}) {
            const Graph graph = perToken(inputs, outputs, addsRelu);
            for (const std::vector<std::int64_t>& rows : std::vector<std::vector<std::int64_t>>{{}, {1}, {70}, {2, 5}, {257}, {600}, {0}}) {
                std::vector<std::int64_t> sizes = rows;
                sizes.push_back(inputs);
                expectSameBits(graph, at::randn(sizes) * 3 + 1);
            }
        }
        for (const Grid& grid : {Grid{0, 0, 0, 255, "uint8"}, Grid{0, 0, 0, 127, "uint8"}, Grid{0, 0, -128, 127, "int8"}})
            expectSameBits(perTensor(inputs, outputs, grid), at::randn({70, inputs}) * 3 + 1);
    }
}

/// Without VNNI sums of two products have to fit into 16 bits.
TEST(OnednnDynamicLinearWithoutVnni, IsOfferedWhereNothingSaturates) {
    if (cpuHasVnni()) GTEST_SKIP() << "for CPUs without VNNI";
    for (const auto& [inputs, outputs] : {std::pair<std::int64_t, std::int64_t>{1, 1}, {10, 13}, {64, 16}, {33, 100}}) {
        for (const std::int64_t rows : {0, 1, 70, 257})
            expectSameBits(perTensor(inputs, outputs, {0, 0, 0, 127, "uint8"}), at::randn({rows, inputs}) * 3 + 1);
    }
    EXPECT_NE(planOf(perToken(64, 64, false), "onednn").instructions()[0].reason.find("could saturate on this CPU"), std::string::npos);
}

TEST_F(OnednnDynamicLinear, ARowWithoutFiniteNumbersSpoilsNoOther) {
    const Graph graph = perToken(10, 13, false);
    Plan plan = planOf(graph, "onednn");
    at::Tensor x = at::randn({6, 10});
    const at::Tensor before = runOn(plan, x).clone();
    x[5].fill_(std::numeric_limits<float>::infinity());
    EXPECT_TRUE(at::equal(runOn(plan, x).slice(0, 0, 5), before.slice(0, 0, 5)));
}

TEST_F(OnednnDynamicLinear, TakesSymmetricWeightsInPlansThatAskForIt) {
    const Graph graph = perToken(10, 13, false, WeightForm::PerChannelUnsigned);
    EXPECT_NE(planOf(graph, "onednn").instructions()[0].reason.find("it wants signed weights without zero points"), std::string::npos);
    EXPECT_EQ(compiled(perToken(10, 13, false)).instructions()[0].kernel.find("Lathe"), 0U);
}

} // namespace
} // namespace lathe::runtime::testing
