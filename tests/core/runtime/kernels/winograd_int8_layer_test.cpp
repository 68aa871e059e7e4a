#include <core/runtime/kernels/winograd/winograd_int8_layer.h>

#include <string>

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <core/runtime/cpu.h>
#include <core/runtime/device.h>
#include <core/runtime/kernels/winograd/winograd_convolution.h>
#include <tests/core/runtime/quantized_graphs.h>

namespace lathe::runtime::testing {
namespace {

const Grid in{0.05, 60, 0, 127}, out{0.04, 50, 0, 255}, middle{0.03, 40, 0, 255};

class WinogradInt8Layer : public ::testing::Test {
protected:
    void SetUp() override {
        if (!cpuHasAvx2() || cpuHasVnni()) GTEST_SKIP() << "for CPUs with AVX2 and no VNNI";
    }
};

std::string kernelOf(const Graph& graph, const std::string& library = "winograd") {
    const Plan plan = compiled(graph, preferring(library));
    const InstructionInfo* info = infoOf(plan, "layer");
    return info != nullptr ? info->kernel : std::string();
}

/// The bytes of Lathe's other kernel.
void expectSameBits(const Graph& graph, const at::Tensor& x) {
    ASSERT_EQ(kernelOf(graph).find("Lathe Winograd int8 conv2d"), 0U) << kernelOf(graph);
    ASSERT_EQ(kernelOf(graph, "lathe").find("Lathe int8 conv2d"), 0U) << kernelOf(graph, "lathe");
    Plan winograd = compiled(graph, preferring("winograd")), plain = compiled(graph, preferring("lathe"));
    for (int call = 0; call < 2; ++call)
        EXPECT_TRUE(at::equal(runOn(winograd, x), runOn(plain, x)));
}

Graph convolution(std::int64_t inChannels, std::int64_t outChannels, const ConvForm& form, bool isQuantizedBehind, bool isClamped) {
    Graph graph;
    auto value = addPair(graph, "in", graph.addInput("x"), in);
    value = addQuantizedConv(graph, "layer", value, inChannels, outChannels, {3, 3}, form);
    if (isClamped) value = graph.addNode("aten::relu6", "clamp", {value}).results[0];
    graph.main.outputs.emplace_back(isQuantizedBehind ? addPair(graph, "out", value, out) : value);
    return graph;
}

TEST_F(WinogradInt8Layer, GivesTheBitsOfLathesKernel) {
    const int threadsBefore = at::get_num_threads();
    for (const int threads : {1, 2}) {
        at::set_num_threads(threads);
        for (const bool isQuantizedBehind : {false, true}) {
            for (const bool isClamped : {false, true}) {
                for (const std::int64_t padding : {0, 1, 2}) {
                    const Graph graph = convolution(19, 37, {.padding = {padding, padding}}, isQuantizedBehind, isClamped);
                    for (const std::int64_t batch : {0, 1, 3})
                        expectSameBits(graph, at::randn({batch, 19, 9, 11}));
                    expectSameBits(graph, at::randn({19, 9, 11}));
                }
            }
        }
        expectSameBits(convolution(64, 64, {.padding = {1, 1}, .weight = WeightForm::PerTensor, .hasBias = false}, true, false),
                       at::randn({1, 64, 56, 56}));
    }
    at::set_num_threads(threadsBefore);
}

TEST_F(WinogradInt8Layer, AddsWhatOtherLayersAdd) {
    Graph graph;
    const auto x = addPair(graph, "in", graph.addInput("x"), in);
    auto value = addQuantizedConv(graph, "layer", x, 16, 16, {3, 3}, {.padding = {1, 1}});
    value = addPair(graph, "middle", value, middle);
    value = addRelu(graph, "relu", graph.addNode("aten::add.Tensor", "add", {value, x, integer(1)}).results[0]);
    graph.main.outputs.emplace_back(addPair(graph, "out", value, out));
    expectSameBits(graph, at::randn({2, 16, 9, 11}));
    expectSameBits(graph, at::randn({1, 16, 9, 11}));
}

TEST_F(WinogradInt8Layer, OthersStayWithOtherKernels) {
    const auto takes = [](const Graph& graph) { return kernelOf(graph).find("Winograd") != std::string::npos; };
    EXPECT_TRUE(takes(convolution(8, 8, {}, true, false)));
    EXPECT_FALSE(takes(convolution(4, 8, {}, true, false))) << "too few channels";
    EXPECT_FALSE(takes(convolution(8, 8, {.stride = {2, 2}}, true, false)));
    EXPECT_FALSE(takes(convolution(8, 8, {.groups = 2}, true, false)));
    EXPECT_EQ(kernelOf(convolution(8, 8, {}, true, false), "").find("Lathe int8 conv2d"), 0U) << "unmeasured, the usual kernel";
}

} // namespace
} // namespace lathe::runtime::testing
