#include <core/runtime/kernels/winograd/winograd_layer.h>

#include <string>

#include <gtest/gtest.h>

#include <core/runtime/cpu.h>
#include <core/runtime/kernels/winograd/winograd_convolution.h>
#include <tests/core/runtime/same_as_library.h>
#include <tests/support/known_shape.h>

namespace lathe::runtime::testing {
namespace {

class WinogradLayer : public ::testing::Test {
protected:
    void SetUp() override {
        if (!cpuHasAvx2()) GTEST_SKIP() << "this CPU has no AVX2";
    }
};

std::string kernelOf(const Graph& graph) { return compiled(graph, preferring("winograd")).instructions().at(0).kernel; }

Graph convolution(std::int64_t in, std::int64_t out, std::int64_t padding = 1, const std::string& function = {}) {
    Graph graph;
    auto value = addConv(graph, "layer", graph.addInput("x"), in, out, 3, graph::op::conv2d, padding);
    if (!function.empty()) value = graph.addNode(function, "function", {value}).results[0];
    graph.main.outputs.emplace_back(value);
    return graph;
}

TEST_F(WinogradLayer, GivesWhatTheLibraryGives) {
    const std::vector<Graph> graphs{convolution(16, 24), convolution(64, 64, 0), convolution(9, 33, 2, "aten::relu"),
                                    convolution(40, 48, 1, "aten::silu"), convolution(32, 32, 1, "aten::hardswish")};
    for (const Graph& graph : graphs)
        EXPECT_EQ(kernelOf(graph).find("Lathe Winograd "), 0U) << kernelOf(graph);
    expectSameAsLibrary(graphs, "winograd", 30);
}

TEST_F(WinogradLayer, TakesOnlyTheLayersItIsFor) {
    const auto takes = [](const Graph& graph) { return kernelOf(graph).find("Winograd") != std::string::npos; };
    EXPECT_TRUE(takes(convolution(8, 8)));
    EXPECT_FALSE(takes(convolution(3, 32))) << "too few channels";
    EXPECT_FALSE(takes(convolution(16, 16, 1, "aten::gelu"))) << "a function that it does not compute";
    Graph strided;
    strided.main.outputs.emplace_back(strided
                                          .addNode(std::string(graph::op::conv2d), "layer",
                                                   {strided.addInput("x"), addRandomWeight(strided, "weight", {16, 16, 3, 3}), none(),
                                                    ints({2, 2}), ints({1, 1}), ints({1, 1}), integer(1)})
                                          .results[0]);
    EXPECT_FALSE(takes(strided));
    EXPECT_EQ(compiled(convolution(16, 16)).instructions().at(0).kernel, "ATen conv2d") << "not where the same bits are wanted";
}

TEST_F(WinogradLayer, LargeWeightsStayWithSmallTiles) {
    const auto chosenFor = [](std::int64_t channels, std::int64_t side) {
        Graph graph = convolution(channels, channels);
        support::withShape(graph, graph.main.outputs[0].value(), {1, channels, side, side});
        std::string kernels = kernelOf(graph) + " " + compiled(graph, preferring("winograd")).instructions()[0].reason;
        return kernels.find("4x4") != std::string::npos;
    };
    EXPECT_TRUE(chosenFor(64, 7)) << "one of two";
    EXPECT_FALSE(chosenFor(320, 14)) << "4x4 would hold 14 MB";
    EXPECT_TRUE(chosenFor(320, 28)) << "which many tiles share";
}

TEST_F(WinogradLayer, WrongInputsAreSaidAsOtherLayersSayThem) {
    Plan plan = compiled(convolution(16, 16), preferring("winograd"));
    const auto problem = [&](const at::Tensor& x) {
        const auto result = plan.runTensor(x);
        return result ? std::string() : result.error().message.text();
    };
    EXPECT_NE(problem(at::zeros({1, 3, 9, 9})).find("The weights are for 16 input channels, but the input has 3."), std::string::npos);
    EXPECT_NE(problem(at::zeros({1, 16, 9, 9}, at::kDouble)).find("The layer computes Float, but its input is Double."), std::string::npos);
    EXPECT_EQ(problem(at::zeros({1, 16, 9, 9})), "");
}

} // namespace
} // namespace lathe::runtime::testing
