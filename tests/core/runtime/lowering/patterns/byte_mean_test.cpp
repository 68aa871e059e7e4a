#include <core/runtime/lowering/patterns/byte_mean.h>

#include <algorithm>

#include <gtest/gtest.h>

#include <tests/core/runtime/real_and_simulated.h>

namespace lathe::runtime::testing {
namespace {

const Grid in{0.05, 100, 0, 255, "uint8"};
/// None where a mean of the tested sizes lies in the middle between two bytes, where the two ways may round differently. Zero points at
/// both ends and between; finer than the image's, and the same.
const std::vector<Grid> grids = {
    {0.01, 128, 0, 255, "uint8"}, {0.01, 0, 0, 255, "uint8"}, {0.0173, -128, -128, 127, "int8"}, {0.01, 255, 0, 255, "uint8"}, in};

Graph meanOf(std::string_view op, std::vector<Operand> others, const Grid& out) {
    Graph graph;
    const auto image = addPair(graph, "in", graph.addInput("x"), in);
    graph.value(image).shape = std::vector<graph::Dim>{{-1, "N"}, {-1, "C"}, {-1, "H"}, {-1, "W"}};
    std::vector<Operand> operands{image};
    operands.insert(operands.end(), others.begin(), others.end());
    const auto value = graph.addNode(std::string(op), "mean", std::move(operands)).results[0];
    graph.main.outputs.emplace_back(addPair(graph, "out", value, out));
    return graph;
}

TEST(LowerByteMean, OfImagesOnAnyGrid) {
    for (const Grid& out : grids) {
        const std::vector<Graph> graphs = {
            meanOf("aten::adaptive_avg_pool2d", {ints({1, 1})}, out),
            meanOf("aten::mean.dim", {ints({2, 3}), boolean(true)}, out),
            meanOf("aten::mean.dim", {ints({-1, -2}), boolean(false)}, out),
        };
        for (const Graph& graph : graphs) {
            EXPECT_EQ(compiled(graph).instructions().size(), 3U);
            EXPECT_EQ(infoOf(compiled(graph), "mean")->kernel, "Lathe byte mean");
            for (const Ints& shape : {Ints{1, 1, 1, 1}, Ints{2, 5, 3, 7}, Ints{1, 40, 9, 5}, Ints{3, 16, 19, 17}})
                expectSameWithinAStep(graph, at::randn(shape), out.scale);
        }
    }
    expectSameWithinAStep(meanOf("aten::adaptive_avg_pool2d", {ints({1, 1})}, grids[0]), at::randn({5, 3, 7}), grids[0].scale);
}

TEST(LowerByteMean, OfOtherDimensionsIsComputedInFloat) {
    for (const Ints& dims : {Ints{1, 2}, Ints{3}, Ints{1, 2, 3}})
        EXPECT_EQ(infoOf(compiled(meanOf("aten::mean.dim", {ints(dims), boolean(true)}, grids[0])), "mean")->kernel, "ATen mean.dim");
}

} // namespace
} // namespace lathe::runtime::testing
