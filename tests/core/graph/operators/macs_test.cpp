#include <core/graph/operators/macs.h>

#include <gtest/gtest.h>

#include <tests/support/graphs.h>

namespace lathe::graph {
namespace {

/// The slow way: count the multiplications of a convolution one by one.
std::int64_t countedMacs(const tensor::Shape& output, const tensor::Shape& weight) {
    std::int64_t count = 0;
    for (std::int64_t element = 0; element < tensor::elementCount(output); ++element) {
        for (std::int64_t tap = 0; tap < weight[1] * weight[2] * weight[3]; ++tap)
            ++count;
    }
    return count;
}

TEST(Macs, OfAConvolutionAreThoseOfTheLoops) {
    const Graph graph = support::smallConvNet(3);
    EXPECT_EQ(macs(graph, *graph.findNode("conv1")), countedMacs({3, 4, 8, 8}, {4, 2, 3, 3}));
    EXPECT_EQ(macs(graph, *graph.findNode("relu1")), 0);
}

TEST(Macs, OfGroupsCountOneGroup) {
    Graph graph;
    const ValueId x = graph.addInput("x");
    graph.value(x).shape = dims({1, 8, 4, 4});
    const ValueId weight = graph.addWeight("w", support::randomTensor({8, 1, 3, 3}, 1));
    Node& conv =
        graph.addNode("aten::conv2d", "c",
                      {x, weight, Literal(), support::ints({1, 1}), support::ints({1, 1}), support::ints({1, 1}), support::number(8)});
    graph.value(conv.results[0]).shape = dims({1, 8, 4, 4});
    EXPECT_EQ(macs(graph, *graph.findNode("c")), 8 * 16 * 9);
}

TEST(Macs, OfAFreeBatchAreThoseOfOneSample) {
    Graph graph = support::smallConvNet(4), one = support::smallConvNet(1);
    for (Value& value : graph.values) {
        if (value.kind != ValueKind::Weight && value.shape) value.shape->front() = Dim{-1, "N"};
    }
    for (const char* layer : {"conv1", "fc"})
        EXPECT_EQ(macs(graph, *graph.findNode(layer)), macs(one, *one.findNode(layer))) << layer;
    graph.value(graph.findNode("fc")->results[0]).shape->front() = Dim{-1, "M"}; // another size, not known
    EXPECT_EQ(macs(graph, *graph.findNode("fc")), std::nullopt);
}

TEST(Macs, AreUnknownWithoutShapes) {
    Graph graph = support::smallConvNet();
    graph.value(graph.findNode("fc")->results[0]).shape.reset();
    EXPECT_EQ(macs(graph, *graph.findNode("fc")), std::nullopt);
}

/// x[steps, batch, 3] through an LSTM of 5 units.
Graph recurrent(std::optional<std::vector<Dim>> input) {
    Graph graph;
    const ValueId x = graph.addInput("x");
    graph.value(x).shape = std::move(input);
    const std::vector<Operand> weights{graph.addWeight("ih", support::randomTensor({20, 3}, 1)),
                                       graph.addWeight("hh", support::randomTensor({20, 5}, 2)),
                                       graph.addWeight("b", support::randomTensor({20}, 3))};
    graph.addNode("aten::lstm.input", "lstm", {x, std::vector<Operand>{}, weights});
    return graph;
}

TEST(Macs, OfARecurrentLayerCountEachStep) {
    Graph graph = recurrent(dims({7, 2, 3}));
    EXPECT_EQ(macs(graph, *graph.findNode("lstm")), 7 * 2 * (20 * 3 + 20 * 5));
    graph = recurrent(std::vector<Dim>{{-1, "steps"}, {-1, "N"}, {3, ""}});
    EXPECT_EQ(macs(graph, *graph.findNode("lstm")), std::nullopt) << "not 0: it multiplies, and how often is not known";
}

TEST(Macs, OfAttentionAreThoseOfItsTwoProducts) {
    Graph graph;
    std::vector<Operand> operands;
    for (const char* name : {"q", "k", "v"}) {
        const ValueId value = graph.addInput(name);
        graph.value(value).shape = dims(name[0] == 'q' ? tensor::Shape{2, 4, 10, 8} : tensor::Shape{2, 4, 6, 8});
        operands.emplace_back(value);
    }
    graph.addNode("aten::scaled_dot_product_attention", "attention", operands);
    EXPECT_EQ(macs(graph, *graph.findNode("attention")), 2 * 4 * (10 * 6 * 8 + 10 * 6 * 8));
}

} // namespace
} // namespace lathe::graph
