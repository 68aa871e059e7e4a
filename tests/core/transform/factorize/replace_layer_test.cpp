#include <core/transform/factorize/replace_layer.h>

#include <gtest/gtest.h>

#include <core/graph/operators/names.h>
#include <tests/support/graphs.h>
#include <tests/support/reference_interpreter.h>

namespace lathe::transform {
namespace {

using support::ints;
using support::number;

constexpr std::array methods{FactorizationMethod::Channel, FactorizationMethod::ChannelInFront, FactorizationMethod::Spatial,
                             FactorizationMethod::Tucker, FactorizationMethod::CanonicalPolyadic};

graph::Graph oneConvolution(std::string_view op) {
    graph::Graph graph;
    const auto x = graph.addInput("x");
    const auto weight = graph.addWeight("conv.weight", support::randomTensor({8, 3, 3, 5}, 1));
    const auto bias = graph.addWeight("conv.bias", support::randomTensor({8}, 2));
    graph.main.outputs = {
        graph.addNode(std::string(op), "conv", {x, weight, bias, ints({2, 1}), ints({1, 2}), ints({1, 2}), number(2)}).results.front()};
    support::annotateShapes(graph, {2, 6, 9, 11});
    return graph;
}

/// Stride, padding and dilation of two different numbers and two groups, against loops over all indices: with full rank the same outputs,
/// with a lower one those of the layer with the approximation as its weight.
TEST(ReplaceLayer, ComputesTheApproximation) {
    for (const std::string_view op : {graph::op::conv2d, graph::op::conv2dRelu}) {
        for (const FactorizationMethod method : methods) {
            const graph::Graph before = oneConvolution(op);
            const Filters filters = filtersOf(before.value(*before.findValue("conv.weight")).data, 2, false);
            const auto factorization = factorize(filters, method);
            for (const std::int64_t rank : {std::int64_t{1}, std::int64_t{2}, factorization->largestRank()}) {
                graph::Graph expected = before, changed = before;
                Filters approximation = filters;
                approximation.values = factorization->approximation(rank);
                expected.value(*expected.findValue("conv.weight")).data = weightOf(approximation, false);
                {
                    graph::Editor editor(changed);
                    replaceLayer(editor, *editor.findNode("conv"), factorization->factors(rank), std::nullopt);
                }
                ASSERT_TRUE(graph::verify(changed)) << graph::verify(changed).error().text();
                EXPECT_EQ(changed.main.nodes.back().name, "conv");
                EXPECT_EQ(changed.main.nodes.front().name, "conv_in");
                EXPECT_EQ(changed.main.nodes.size(), factorization->factors(rank).size());
                const auto input = support::randomNumbers({2, 6, 9, 11}, 4);
                EXPECT_LT(support::maxDifference(support::interpret(expected, input), support::interpret(changed, input)), 1e-4);

                graph::Graph annotated = changed; // the shapes that were said are those that there are
                support::annotateShapes(annotated, {2, 6, 9, 11});
                EXPECT_TRUE(graph::text(annotated) == graph::text(changed)) << graph::text(changed) << graph::text(annotated);
            }
        }
    }
}

TEST(ReplaceLayer, OfALinearLayerAndItsBias) {
    const graph::Graph before = support::lenet5();
    graph::Graph changed = before;
    const Filters filters = filtersOf(before.value(*before.findValue("fc1.weight")).data, 1, false);
    const auto factorization = factorize(filters, FactorizationMethod::Channel);
    const auto bias = before.value(*before.findValue("fc1.bias")).data.toFloats();
    std::vector<float> moved = bias;
    moved[3] += 1;
    {
        graph::Editor editor(changed);
        replaceLayer(editor, *editor.findNode("fc1"), factorization->factors(20), moved);
    }
    ASSERT_TRUE(graph::verify(changed));
    EXPECT_EQ(changed.value(*changed.findValue("fc1_in.weight")).data.shape(), (tensor::Shape{20, 400}));
    EXPECT_EQ(changed.value(*changed.findValue("fc1.weight")).data.shape(), (tensor::Shape{120, 20}));
    EXPECT_EQ(changed.value(*changed.findValue("fc1.bias")).data.toFloats(), moved);
    EXPECT_TRUE(changed.findNode("fc1_in")->operands[2].isNone());
}

} // namespace
} // namespace lathe::transform
