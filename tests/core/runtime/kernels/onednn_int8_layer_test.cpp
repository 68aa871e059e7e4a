#include <core/runtime/kernels/onednn/onednn_int8_layer.h>

#include <gtest/gtest.h>

#include <core/runtime/device.h>
#include <tests/core/runtime/real_and_simulated.h>
#include <tests/support/known_shape.h>

namespace lathe::runtime::testing {
namespace {

// Weights of 8 bits with inputs of 7 cannot saturate on any CPU (core/runtime/kernels/int8/int8_layer_torch.h).
const Grid in{0.05, 60, 0, 127};

std::string kernelOf(const Graph& graph, const std::string& node) {
    PlanOptions options;
    options.library = "onednn";
    const Plan plan = compiled(graph, options);
    const InstructionInfo* info = infoOf(plan, node);
    return info != nullptr ? info->kernel : std::string();
}

TEST(OnednnInt8Layer, EveryFormOfConvolution) {
    struct Case {
        std::int64_t inChannels, outChannels;
        Ints kernel;
        ConvForm form;
    };
    const Case cases[] = {{3, 8, {3, 3}, {}},
                          {7, 17, {3, 2}, {.stride = {2, 1}, .padding = {0, 1}, .hasBias = false}},
                          {8, 8, {3, 3}, {.padding = {1, 1}, .groups = 8}},
                          {6, 9, {3, 3}, {.stride = {1, 2}, .padding = {1, 1}, .dilation = {2, 2}, .groups = 3}},
                          {16, 4, {1, 1}, {.weight = WeightForm::PerTensor}}};
    const Grid outs[] = {{0.04, 50, 0, 127}, {0.03, 0, 0, 255}, {0.03, 255, 0, 255}, {0.05, -3, -128, 127, "int8"}, {0.04, 20, 10, 200}};
    for (const Case& test : cases) {
        for (const auto op : {graph::op::conv2d, graph::op::conv2dRelu}) {
            for (const Grid& out : outs) {
                for (const bool isClamped : {false, true}) {
                    Graph graph;
                    auto value = addPair(graph, "in", graph.addInput("x"), in);
                    value = addQuantizedConv(graph, "layer", value, test.inChannels, test.outChannels, test.kernel, test.form, op);
                    if (isClamped) value = graph.addNode("aten::relu6", "clamp", {value}).results[0];
                    graph.main.outputs.emplace_back(addPair(graph, "out", value, out));
                    SCOPED_TRACE(::testing::Message()
                                 << op << " " << test.inChannels << " to " << test.outChannels << ", zero point " << out.zeroPoint);
                    EXPECT_EQ(kernelOf(graph, "layer").find("oneDNN int8 conv2d"), 0U) << kernelOf(graph, "layer");
                    for (const std::int64_t batch : {0, 1, 3})
                        expectSameWithinAStep(graph, at::randn({batch, test.inChannels, 9, 11}), out.scale, "onednn");
                    expectSameWithinAStep(graph, at::randn({test.inChannels, 9, 11}), out.scale, "onednn");
                }
            }
            Graph floats;
            auto value = addPair(floats, "in", floats.addInput("x"), in);
            floats.main.outputs.emplace_back(
                addQuantizedConv(floats, "layer", value, test.inChannels, test.outChannels, test.kernel, test.form, op));
            EXPECT_NE(kernelOf(floats, "layer").find("float output"), std::string::npos);
            expectSameWithinAStep(floats, at::randn({2, test.inChannels, 9, 11}), 1e-4, "onednn");
        }
    }
}

TEST(OnednnInt8Layer, LinearLayersOnAnyDimensions) {
    const Grid out{0.04, 50, 0, 127};
    for (const auto op : {graph::op::linear, graph::op::linearRelu}) {
        for (const bool isQuantizedBehind : {false, true}) {
            Graph graph;
            auto value = addPair(graph, "in", graph.addInput("x"), in);
            value = addQuantizedLinear(graph, "fc", value, 31, 13, WeightForm::PerChannel, op);
            graph.main.outputs.emplace_back(isQuantizedBehind ? addPair(graph, "out", value, out) : value);
            EXPECT_EQ(kernelOf(graph, "fc").find("oneDNN int8 linear"), 0U);
            for (const Ints& sizes : {Ints{31}, Ints{1, 31}, Ints{70, 31}, Ints{2, 3, 31}, Ints{0, 31}})
                expectSameWithinAStep(graph, at::randn(sizes), isQuantizedBehind ? out.scale : 1e-4, "onednn");
        }
    }
    expectSameWithinAStep(quantizedLeNet(), at::randn({5, 1, 32, 32}), 0.05, "onednn");
}

TEST(OnednnInt8Layer, AddsBytesAndFloats) {
    const Grid middle{0.03, 40, 0, 255};
    for (const Grid& out : {Grid{0.04, 20, 0, 255}, Grid{0.04, 20, 10, 100}})
        for (const bool addsBytes : {false, true}) {
            for (const bool givesBytes : {false, true}) {
                for (const bool isReadTwice : {false, true}) {
                    for (const bool isOneImage : {false, true}) {
                        Graph graph;
                        const auto x = addPair(graph, "in", graph.addInput("x"), in);
                        const auto left = addQuantizedConv(graph, "left", x, 8, 8, {3, 3}, {{1, 1}, {1, 1}});
                        auto right = addQuantizedConv(graph, "right", x, 8, 8, {1, 1});
                        if (addsBytes) right = addPair(graph, "middle", right, middle);
                        for (const auto value : {left, right}) {
                            graph.value(value).dtype = tensor::DType::Float32;
                            graph.value(value).shape = std::vector<graph::Dim>{{8, ""}, {9, ""}, {11, ""}};
                            if (!isOneImage) graph.value(value).shape->insert(graph.value(value).shape->begin(), {-1, "N"});
                        }
                        auto value = addRelu(graph, "relu", graph.addNode("aten::add.Tensor", "add", {left, right, integer(1)}).results[0]);
                        if (givesBytes) value = addPair(graph, "out", value, out);
                        graph.main.outputs.emplace_back(isReadTwice ? graph.addNode("aten::mul.Tensor", "again", {value, right}).results[0]
                                                                    : value);
                        SCOPED_TRACE(::testing::Message() << "bytes in " << addsBytes << ", bytes out " << givesBytes << ", twice "
                                                          << isReadTwice << ", one image " << isOneImage);
                        const at::Tensor images = at::randn({3, 8, 9, 11});
                        expectSameWithinAStep(graph, isOneImage ? images[0] : images, givesBytes ? out.scale * (isReadTwice ? 8 : 1) : 1e-3,
                                              "onednn");
                        // The later of two layers adds, unless its result is read by others too.
                        const std::string kernel = kernelOf(graph, addsBytes || isReadTwice ? "left" : "right");
                        EXPECT_EQ(kernel.find("oneDNN int8 conv2d+add+relu"), 0U) << kernel;
                    }
                }
            }
        }
}

TEST(OnednnInt8Layer, AResidualOfOneImageIsAddedToEach) {
    const Grid middle{0.03, 40, 0, 255}, out{0.04, 20, 0, 255};
    for (const bool addsBytes : {false, true}) {
        for (const bool givesBytes : {false, true}) {
            Graph graph;
            const auto x = addPair(graph, "in", graph.addInput("x"), in);
            const auto made = addQuantizedConv(graph, "layer", x, 8, 8, {3, 3}, {{1, 1}, {1, 1}});
            auto table = addRandomWeight(graph, "table", {1, 8, 9, 11});
            if (addsBytes) table = addPair(graph, "middle", table, middle);
            for (const auto value : {made, table}) // as they were when one image came
                support::withShape(graph, value, {1, 8, 9, 11});
            auto value = graph.addNode("aten::add.Tensor", "add", {made, table, integer(1)}).results[0];
            if (givesBytes) value = addPair(graph, "out", value, out);
            graph.main.outputs.emplace_back(value);
            SCOPED_TRACE(::testing::Message() << "bytes in " << addsBytes << ", bytes out " << givesBytes);
            EXPECT_EQ(kernelOf(graph, "layer").find("oneDNN int8 conv2d+add"), 0U);
            for (const std::int64_t images : {1, 3})
                expectSameWithinAStep(graph, at::randn({images, 8, 9, 11}), givesBytes ? out.scale : 1e-3, "onednn");
        }
    }
}

TEST(OnednnInt8Layer, TakesSymmetricWeightsInPlansThatAskForIt) {
    Graph graph;
    const auto x = addPair(graph, "in", graph.addInput("x"), in);
    graph.main.outputs.emplace_back(addQuantizedConv(graph, "layer", x, 8, 8, {3, 3}, {.weight = WeightForm::PerChannelUnsigned}));
    PlanOptions options;
    options.library = "onednn";
    EXPECT_NE(infoOf(compiled(graph, options), "layer")->reason.find("it wants signed weights without zero points"), std::string::npos);
    EXPECT_EQ(infoOf(compiled(graph), "layer")->reason.find("oneDNN"), std::string::npos);
}

} // namespace
} // namespace lathe::runtime::testing
