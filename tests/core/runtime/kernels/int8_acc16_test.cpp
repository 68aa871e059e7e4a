#include <core/runtime/kernels/int8/int8_acc16.h>

#include <string>

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <core/runtime/cpu.h>
#include <core/runtime/device.h>
#include <tests/core/runtime/quantized_graphs.h>

namespace lathe::runtime::testing {
namespace {

const Grid in{0.03, 100, 0, 255}, out{0.04, 50, 0, 255};

class Int8Acc16 : public ::testing::Test {
protected:
    void SetUp() override {
        if (!cpuHasAvx2() || cpuHasVnni()) GTEST_SKIP() << "for CPUs with AVX2 and no VNNI";
    }
};

/// Others are named among the reasons where it was chosen.
bool isFor(const Graph& graph) {
    const Plan plan = compiled(graph, preferring("lathe.int8.acc16"));
    const std::string& reason = infoOf(plan, "layer")->reason;
    return reason.find("instead of Lathe int8 convolution") != std::string::npos ||
           reason.find("instead of Lathe int8 linear") != std::string::npos;
}

/// The bytes of the kernels that sum in 32 bits; `other` is the id of one.
void expectSameBits(const Graph& graph, const at::Tensor& x, const std::string& other) {
    ASSERT_TRUE(isFor(graph));
    Plan shortSums = compiled(graph, preferring("lathe.int8.acc16")), plain = compiled(graph, preferring(other));
    for (int call = 0; call < 2; ++call)
        EXPECT_TRUE(at::equal(runOn(shortSums, x), runOn(plain, x)));
}

Graph convolution(std::int64_t inChannels, std::int64_t outChannels, Ints kernel, const ConvForm& form, bool isQuantizedBehind) {
    Graph graph;
    auto value = addPair(graph, "in", graph.addInput("x"), in);
    value = addQuantizedConv(graph, "layer", value, inChannels, outChannels, std::move(kernel), form);
    graph.main.outputs.emplace_back(isQuantizedBehind ? addPair(graph, "out", value, out) : value);
    return graph;
}

TEST_F(Int8Acc16, ConvolutionsGiveTheBitsOfLongSums) {
    const int threadsBefore = at::get_num_threads();
    const std::string other = "lathe.int8.convolution";
    for (const int threads : {1, 2}) {
        at::set_num_threads(threads);
        for (const bool isQuantizedBehind : {false, true}) {
            for (const ConvForm& form : {ConvForm{}, ConvForm{.padding = {2, 1}}, ConvForm{.stride = {2, 2}, .padding = {1, 1}},
                                         ConvForm{.padding = {1, 1}, .dilation = {2, 2}, .hasBias = false}}) {
                const Graph graph = convolution(19, 37, {3, 3}, form, isQuantizedBehind);
                for (const Ints& sizes : {Ints{0, 19, 9, 11}, Ints{1, 19, 9, 11}, Ints{3, 19, 9, 11}, Ints{19, 9, 11}})
                    expectSameBits(graph, at::randn(sizes), other);
            }
            expectSameBits(convolution(3, 64, {7, 7}, {.stride = {2, 2}, .padding = {3, 3}}, isQuantizedBehind), at::randn({1, 3, 64, 64}),
                           other);
            expectSameBits(convolution(64, 24, {1, 1}, {.weight = WeightForm::PerTensor}, isQuantizedBehind), at::randn({2, 64, 14, 14}),
                           other);
        }
    }
    at::set_num_threads(threadsBefore);
}

TEST_F(Int8Acc16, LinearLayersGiveTheBitsOfLongSums) {
    for (const auto& [features, outputs] : {std::pair<std::int64_t, std::int64_t>{64, 40}, {33, 10}}) {
        Graph graph;
        auto value = addPair(graph, "in", graph.addInput("x"), in);
        value = addQuantizedLinear(graph, "layer", value, features, outputs);
        graph.main.outputs.emplace_back(addPair(graph, "out", value, out));
        for (const std::int64_t rows : {0, 1, 7, 100})
            expectSameBits(graph, at::randn({rows, features}), "lathe.int8.linear");
    }
}

TEST_F(Int8Acc16, OthersForWhatItHasNotGot) {
    EXPECT_FALSE(isFor(convolution(4, 8, {3, 3}, {.groups = 2}, true))) << "groups";
    EXPECT_FALSE(isFor(convolution(4, 8, {3, 3}, {.weight = WeightForm::PerChannelUnsigned}, true))) << "weights that are no signed bytes";
}

} // namespace
} // namespace lathe::runtime::testing
