#include <core/transform/prune/layer_times.h>

#include <gtest/gtest.h>

#include <tests/support/graphs.h>

namespace lathe::transform {
namespace {

graph::Graph layerOf(const graph::Graph& graph, const char* name) {
    graph::Graph alone;
    alone.name = name;
    EXPECT_TRUE(addLayer(alone, graph, *graph.findNode(name)));
    return alone;
}

/// Counts what it is asked for: a millisecond for each number of the weights, and one for the call.
struct Clock {
    std::vector<std::vector<std::string>> asked;
    TimeGraphs time = [this](const std::vector<graph::Graph>& graphs) -> base::Result<std::vector<double>> {
        asked.emplace_back();
        std::vector<double> times;
        for (const graph::Graph& graph : graphs) {
            asked.back().push_back(graph.name);
            double ms = 1;
            for (const graph::Value& value : graph.values) {
                if (value.kind != graph::ValueKind::Weight) continue;
                ms += static_cast<double>(value.data.elementCount());
                EXPECT_TRUE(value.data.isContiguous());
            }
            times.push_back(ms);
        }
        return times;
    };
};

TEST(LayerTimes, ALayerAloneHasItsInputAndTheSizesOfItsWeights) {
    const graph::Graph graph = support::smallConvNet(2), alone = layerOf(graph, "fc");
    EXPECT_TRUE(graph::verify(alone));
    ASSERT_EQ(alone.main.nodes.size(), 1U);
    ASSERT_EQ(alone.main.inputs.size(), 1U);
    EXPECT_EQ(alone.value(alone.main.inputs[0]).shape, graph::dims({2, 64}));
    const tensor::Tensor weight = withZeros(alone).value(alone.main.nodes[0].operands[1].value()).data;
    EXPECT_EQ(weight.shape(), (tensor::Shape{3, 64}));
    EXPECT_TRUE(weight.isContiguous());
    EXPECT_EQ(weight.toFloats(), std::vector<float>(192, 0));
}

TEST(LayerTimes, WhatHasNoSizesIsLeftOut) {
    const graph::Graph graph = support::wordModel(); // shapes are not known
    graph::Graph alone;
    EXPECT_FALSE(addLayer(alone, graph, *graph.findNode("fc1")));
    EXPECT_TRUE(alone.values.empty());
    EXPECT_TRUE(alone.main.nodes.empty());
}

TEST(LayerTimes, MeasuresEachSizeOnce) {
    const graph::Graph graph = support::smallConvNet();
    Clock clock;
    LayerTimes times(clock.time);
    const graph::Graph convolution = layerOf(graph, "conv1"), linear = layerOf(graph, "fc");
    graph::Graph again = convolution; // another name, and the same sizes
    again.main.nodes[0].name = "conv2";
    again.name = "conv2";
    EXPECT_EQ(times.of({convolution, again, linear}), (std::vector<double>{76, 76, 195}));
    EXPECT_EQ(clock.asked, (std::vector<std::vector<std::string>>{{"conv1", "fc", "call"}}));

    const graph::Graph wide = layerOf(support::smallConvNet(2), "fc"); // of two samples
    EXPECT_EQ(times.of({again, wide}), (std::vector<double>{76, 195}));
    EXPECT_EQ(times.of({linear}), (std::vector<double>{195}));
    EXPECT_EQ(clock.asked.size(), 2U);
    EXPECT_EQ(clock.asked.back(), (std::vector<std::string>{"fc"}));
}

TEST(LayerTimes, WhatCannotBeTimedIsAnErrorAndNotRemembered) {
    bool refuses = true;
    LayerTimes times([&](const std::vector<graph::Graph>& graphs) -> base::Result<std::vector<double>> {
        if (refuses) return base::failure(base::ErrorCode::Unsupported, "no clock");
        return std::vector<double>(graphs.size(), 2);
    });
    const graph::Graph layer = layerOf(support::smallConvNet(), "conv1");
    const auto refused = times.of({layer});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().text(), "no clock (while timing conv1)");
    refuses = false;
    EXPECT_EQ(times.of({layer}), (std::vector<double>{0}));
}

} // namespace
} // namespace lathe::transform
