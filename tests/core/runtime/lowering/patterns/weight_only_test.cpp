#include <core/runtime/lowering/patterns/weight_only.h>

#include <gtest/gtest.h>

#include <tests/core/runtime/real_and_simulated.h>

namespace lathe::runtime::testing {
namespace {

TEST(Lower, WeightOnlyIsRestoredOnceAndSaysThatItRunsInFloat) {
    Graph graph;
    const auto x = graph.addInput("x");
    graph.main.outputs.emplace_back(addQuantizedLinear(graph, "fc", addRelu(graph, "relu", x), 8, 4));
    Plan plan = compiled(graph);
    const InstructionInfo* restored = infoOf(plan, "fc.weight.dequantize");
    ASSERT_TRUE(restored);
    EXPECT_EQ(restored->kernel, "weight-only int8 → float");
    EXPECT_TRUE(restored->isReal);
    const InstructionInfo* layer = infoOf(plan, "fc");
    EXPECT_TRUE(layer->isReal);
    EXPECT_EQ(layer->reason, "only the weights are quantized: they are restored once, the arithmetic is float");
    Plan floats = simulated(graph);
    const at::Tensor input = at::randn({3, 8});
    EXPECT_TRUE(at::equal(runOn(plan, input), runOn(floats, input)));
}

} // namespace
} // namespace lathe::runtime::testing
