#include <core/runtime/lowering/memory_order.h>

#include <gtest/gtest.h>

#include <core/runtime/lowering/lower.h>
#include <core/runtime/lowering/patterns/int8_layer.h>
#include <core/runtime/lowering/patterns/quantized.h>
#include <tests/core/runtime/graphs.h>

namespace lathe::runtime::testing {
namespace {

/// x → first → second → …, each with these further operands; the last result goes nowhere.
struct Chain {
    Graph graph;
    graph::ValueId input = graph.addInput("x"), last = input;
    Chain& then(std::string_view op, std::vector<Operand> operands = {}) {
        operands.insert(operands.begin(), last);
        last = graph.addNode(std::string(op), "node" + std::to_string(graph.main.nodes.size()), std::move(operands)).results[0];
        return *this;
    }
    [[nodiscard]] bool mayBeChannelsLast() const { return channelsLastValues(graph)[static_cast<std::size_t>(input)]; }
};

TEST(MemoryOrder, EitherOrderUpToBytes) {
    EXPECT_TRUE(Chain().then(op::quantizeBytes).mayBeChannelsLast());
    EXPECT_TRUE(Chain().then("aten::silu").then("aten::max_pool2d").then(op::quantizeBytes).mayBeChannelsLast());
    EXPECT_TRUE(Chain().then("aten::flatten.using_ints", {integer(1), integer(-1)}).then("aten::view").mayBeChannelsLast());
    EXPECT_TRUE(Chain().then("aten::adaptive_avg_pool2d", {ints({1, 1})}).then("aten::view").mayBeChannelsLast());
    EXPECT_TRUE(Chain().then("aten::mean.dim", {ints({2, 3})}).then("aten::view").mayBeChannelsLast());
    EXPECT_TRUE(Chain().then("aten::mean.dim", {ints({-1, -2})}).then("aten::view").mayBeChannelsLast());
    Chain residual;
    residual.graph.addNode(std::string(op::int8Layer), "layer", {residual.graph.addInput("bytes"), residual.input});
    EXPECT_TRUE(residual.mayBeChannelsLast());
}

TEST(MemoryOrder, ViewsOutputsAndUnknownOperatorsMind) {
    EXPECT_FALSE(Chain().then("aten::view", {ints({1, -1})}).mayBeChannelsLast());
    EXPECT_FALSE(Chain().then("aten::relu").then("aten::view", {ints({1, -1})}).mayBeChannelsLast());
    EXPECT_FALSE(Chain().then("aten::adaptive_avg_pool2d", {ints({7, 7})}).then("aten::view").mayBeChannelsLast());
    EXPECT_TRUE(Chain()
                    .then("aten::adaptive_avg_pool2d", {ints({7, 7})})
                    .then("aten::flatten.using_ints", {integer(1), integer(-1)})
                    .mayBeChannelsLast());
    EXPECT_FALSE(Chain().then("aten::as_strided").mayBeChannelsLast());
    EXPECT_FALSE(Chain().then("aten::flatten.using_ints", {integer(2), integer(-1)}).then("aten::view").mayBeChannelsLast());
    EXPECT_FALSE(Chain().then("aten::reshape", {ints({1, 8, -1})}).then("aten::view").mayBeChannelsLast());
    EXPECT_FALSE(Chain().then("aten::mean.dim", {ints({2})}).then("aten::view").mayBeChannelsLast());
    Chain output;
    output.graph.main.outputs.emplace_back(output.then("aten::relu").last);
    EXPECT_FALSE(output.mayBeChannelsLast());
    Chain twice;
    twice.then(op::quantizeBytes);
    twice.graph.addNode("aten::view", "view", {twice.input, ints({-1})});
    EXPECT_FALSE(twice.mayBeChannelsLast());
    Chain convolved; // as float layers give their results in the order that is wanted, they end it too
    convolved.then(op::floatConvolution).then("aten::view", {ints({1, -1})});
    EXPECT_FALSE(convolved.mayBeChannelsLast());
    EXPECT_TRUE(channelsLastValues(convolved.graph, true)[static_cast<std::size_t>(convolved.input)]);
    EXPECT_FALSE(channelsLastValues(convolved.graph, true)[static_cast<std::size_t>(convolved.graph.main.nodes[0].results[0])]);
    Chain layer; // reads floats as the usual rows
    layer.then(op::int8Layer);
    EXPECT_FALSE(layer.mayBeChannelsLast());
}

/// Floats that are quantized for a layer, and maybe for somebody else.
bool isMadeChannelsLast(bool forConvolution, bool forOthersToo) {
    Lowered lowered;
    Graph& graph = lowered.graph;
    const auto bytes = graph.addNode(std::string(op::quantizeBytes), "quantize", {graph.addInput("x")}).results[0];
    graph.addNode(std::string(op::int8Layer), "layer", {bytes, Operand()});
    if (forOthersToo) graph.addNode("aten::view", "view", {bytes, ints({1, -1})});
    lowered.nodes["quantize"].payload = Quantized{};
    Int8Layer layer;
    layer.isConvolution = forConvolution;
    lowered.nodes["layer"].payload = layer;
    keepChannelsLast(lowered);
    return lowered.payload<Quantized>(*graph.findNode("quantize"))->makesChannelsLast;
}

TEST(MemoryOrder, BytesOfConvolutionsAreMadeInTheirOrder) {
    EXPECT_TRUE(isMadeChannelsLast(true, false));
    EXPECT_FALSE(isMadeChannelsLast(true, true));
    EXPECT_FALSE(isMadeChannelsLast(false, false));
}

} // namespace
} // namespace lathe::runtime::testing
