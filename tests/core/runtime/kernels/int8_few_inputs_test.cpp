#include <core/runtime/kernels/int8/int8_few_inputs.h>

#include <gtest/gtest.h>

#include <core/runtime/cpu.h>
#include <core/runtime/device.h>
#include <core/runtime/kernels/int8/few_inputs_kernel.h>
#include <tests/core/runtime/real_and_simulated.h>

namespace lathe::runtime::testing {
namespace {

const Grid in{0.03, 100, 0, 255}, out{0.04, 50, 0, 255};

Graph convolution(std::int64_t inChannels, const ConvForm& form, bool isQuantizedBehind = true) {
    Graph graph;
    auto value = addPair(graph, "in", graph.addInput("x"), in);
    value = addQuantizedConv(graph, "layer", value, inChannels, 6, {5, 5}, form);
    graph.main.outputs.emplace_back(isQuantizedBehind ? addPair(graph, "out", value, out) : value);
    return graph;
}

/// Other candidates are named among the reasons where it was chosen: where there is VNNI, the convolution; else also the sums of 16 bits,
/// which would be chosen otherwise.
bool isChosen(const Graph& graph) {
    const Plan plan = compiled(graph);
    const std::string& reason = infoOf(plan, "layer")->reason;
    return reason.find(cpuHasVnni() ? "instead of Lathe int8 convolution: nobody has measured it" : "Lathe int8 with sums of 16 bits") !=
           std::string::npos;
}

bool isOfThisCpu() { return cpuHasVnni() ? cpuHasFewInputsKernel() : cpuHasAvx2(); }

TEST(Int8FewInputs, FirstLayersOfGreyPictures) {
    if (!isOfThisCpu()) GTEST_SKIP() << "this CPU has neither AVX2 nor AVX-512 VNNI and VBMI";
    for (const ConvForm& form :
         {ConvForm{}, ConvForm{.padding = {2, 2}}, ConvForm{.stride = {2, 2}, .padding = {1, 0}, .hasBias = false}}) {
        for (const bool isQuantizedBehind : {false, true}) {
            const Graph graph = convolution(1, form, isQuantizedBehind);
            EXPECT_TRUE(isChosen(graph));
            for (const Ints& sizes : {Ints{1, 1, 32, 32}, Ints{3, 1, 9, 11}, Ints{1, 28, 28}, Ints{0, 1, 9, 9}})
                expectSameWithinAStep(graph, at::randn(sizes), isQuantizedBehind ? out.scale : 1e-4);
        }
    }
    EXPECT_EQ(isChosen(convolution(3, {})), cpuHasVnni()) << "colours";
}

TEST(Int8FewInputs, OthersForWhatItHasNotGot) {
    if (!isOfThisCpu()) GTEST_SKIP() << "this CPU has neither AVX2 nor AVX-512 VNNI and VBMI";
    EXPECT_FALSE(isChosen(convolution(5, {}))) << "sixteen pixels are more than a vector";
    EXPECT_FALSE(isChosen(convolution(2, {.groups = 2}))) << "groups";
    EXPECT_FALSE(isChosen(convolution(1, {.weight = WeightForm::PerChannelUnsigned}))) << "weights that are no signed bytes";
}

} // namespace
} // namespace lathe::runtime::testing
