#include <core/quantization/bias_units.h>

#include <gtest/gtest.h>

#include <core/graph/editor.h>
#include <core/quantization/insert_qdq.h>
#include <tests/support/graphs.h>

namespace lathe::quantization {
namespace {

using graph::Graph;
using tensor::DType;

TEST(BiasUnits, AreTheScalesOfInputAndWeightMultiplied) {
    Graph graph = support::smallConvNet();
    const std::vector<float> scales{0.01F, 0.02F, 0.005F, 0.04F};
    const auto unitsOf = [&] {
        const graph::UseIndex uses(graph);
        const graph::Node& layer = *graph.findNode("conv1");
        return biasUnits(graph, uses, layer, *graph::weightOf(graph, uses, layer), 4);
    };
    EXPECT_FALSE(unitsOf()) << "nothing is on a grid";
    {
        graph::Editor editor(graph);
        insertQdq(editor, graph.main.inputs[0], {0.02, 128, 0, 255, DType::UInt8});
        editor.finish();
    }
    EXPECT_FALSE(unitsOf()) << "the weight is not";
    graph::Editor editor(graph);
    insertWeightDequantize(editor, *graph.findValue("conv1.weight"), tensor::Tensor::zeros(DType::Int8, {4, 2, 3, 3}),
                           {signedRange(8, Scheme::Symmetric), Scheme::Symmetric, Granularity::Channel}, {scales, {0, 0, 0, 0}});
    editor.finish();
    std::vector<float> expected = scales;
    for (float& scale : expected)
        scale *= 0.02F;
    EXPECT_EQ(unitsOf(), expected);
}

TEST(BiasUnits, NumbersAreRoundedHalfToEvenAndFitInto32Bits) {
    const std::vector<float> units{0.5F, 0.5F, 0.25F, 2.0F};
    EXPECT_EQ(inUnits(std::vector{0.25F, 0.75F, -1.1F, 6.0F}, units), (std::vector<std::int32_t>{0, 2, -4, 3}));
    EXPECT_FALSE(inUnits(std::vector{0.0F, 2e9F, 0.0F, 0.0F}, units));
    EXPECT_FALSE(inUnits(std::vector{1.0F}, std::vector{0.0F}));
}

} // namespace
} // namespace lathe::quantization
