#include <core/runtime/kernels/direct/direct_layer.h>

#include <string>

#include <gtest/gtest.h>

#include <core/runtime/cpu.h>
#include <tests/core/runtime/same_as_library.h>

namespace lathe::runtime::testing {
namespace {

class DirectLayer : public ::testing::Test {
protected:
    void SetUp() override {
        if (!cpuHasAvx2()) GTEST_SKIP() << "this CPU has no AVX2";
    }
};

std::string kernelOf(const Graph& graph) { return compiled(graph, preferring("direct")).instructions().at(0).kernel; }

Graph convolution(const Ints& weight, const Ints& stride, const Ints& padding, std::int64_t groups = 1, const std::string& function = {}) {
    Graph graph;
    auto value = graph
                     .addNode(std::string(graph::op::conv2d), "layer",
                              {graph.addInput("x"), addRandomWeight(graph, "weight", weight), none(), ints(stride), ints(padding),
                               ints({1, 1}), integer(groups)})
                     .results[0];
    if (!function.empty()) value = graph.addNode(function, "function", {value}).results[0];
    graph.main.outputs.emplace_back(value);
    return graph;
}

TEST_F(DirectLayer, GivesWhatTheLibraryGives) {
    const std::vector<Graph> graphs{convolution({6, 1, 5, 5}, {1, 1}, {0, 0}, 1, "aten::relu"), convolution({64, 3, 7, 7}, {2, 2}, {3, 3}),
                                    convolution({96, 16, 1, 3}, {1, 1}, {0, 0}, 1, "aten::silu"),
                                    convolution({200, 256, 3, 3}, {2, 2}, {0, 1}),
                                    convolution({9, 33, 3, 2}, {2, 1}, {2, 1}, 1, "aten::hardswish")};
    for (const Graph& graph : graphs)
        EXPECT_EQ(kernelOf(graph).find("Lathe direct "), 0U) << kernelOf(graph);
    expectSameAsLibrary(graphs, "direct", 60);
}

TEST_F(DirectLayer, TakesOnlyTheLayersItIsFor) {
    const auto takes = [](const Graph& graph) { return kernelOf(graph).find("Lathe direct") != std::string::npos; };
    EXPECT_TRUE(takes(convolution({8, 8, 3, 3}, {1, 1}, {0, 0})));
    EXPECT_FALSE(takes(convolution({8, 8, 1, 1}, {1, 1}, {0, 0}))) << "a product of matrices";
    EXPECT_FALSE(takes(convolution({8, 1, 3, 3}, {1, 1}, {1, 1}, 8))) << "groups";
    EXPECT_FALSE(takes(convolution({8, 8, 3, 3}, {1, 1}, {0, 0}, 1, "aten::gelu"))) << "a function that it does not compute";
    EXPECT_EQ(compiled(convolution({8, 8, 3, 3}, {1, 1}, {0, 0})).instructions().at(0).kernel, "ATen conv2d")
        << "not where the same bits are wanted";
}

} // namespace
} // namespace lathe::runtime::testing
