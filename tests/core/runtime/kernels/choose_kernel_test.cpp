#include <core/runtime/kernels/choose_kernel_torch.h>

#include <gtest/gtest.h>

#include <tests/core/runtime/quantized_graphs.h>

namespace lathe::runtime::testing {
namespace {

const Grid in{0.05, 60, 0, 127}, out{0.04, 50, 0, 127};

/// quantize → convolution of 8 to 8 channels → quantize.
Graph convolution(std::int64_t groups, bool isQuantizedBehind = true, bool isClamped = false) {
    Graph graph;
    auto value = addPair(graph, "in", graph.addInput("x"), in);
    value = addQuantizedConv(graph, "layer", value, 8, 8, {3, 3}, {{1, 1}, {1, 1}, {1, 1}, groups});
    if (isClamped) value = graph.addNode("aten::relu6", "relu6", {value}).results[0];
    graph.main.outputs.emplace_back(isQuantizedBehind ? addPair(graph, "out", value, out) : value);
    return graph;
}

/// What would be chosen for "layer" on a machine.
InstructionInfo chosenFor(const Graph& graph, const Machine& machine, const std::string& library = {}) {
    const Lowered lowered = lower(graph);
    PlanOptions options;
    options.library = library;
    Slots slots(lowered.graph.values.size());
    for (std::size_t id = 0; id < slots.size(); ++id) {
        if (lowered.graph.values[id].kind == graph::ValueKind::Weight) slots[id] = toAten(lowered.graph.values[id].data);
    }
    const KernelContext context{lowered, options, at::kCPU, slots, machine};
    InstructionInfo info;
    const auto made = makeByBestKernel(context, *lowered.graph.findNode("layer"), info);
    EXPECT_TRUE(made);
    return info;
}

constexpr Machine vnni{true, 2}, older{false, 2};

TEST(ChooseKernel, EachFormGetsTheKernelThatIsMadeForIt) {
    EXPECT_EQ(chosenFor(convolution(1), vnni).kernel.find("Lathe int8 conv2d"), 0U);
    EXPECT_EQ(chosenFor(convolution(8), vnni).kernel.find("Lathe int8 conv2d"), 0U);
    EXPECT_EQ(chosenFor(convolution(2), vnni).kernel.find("FBGEMM int8 conv2d"), 0U);
    EXPECT_EQ(chosenFor(convolution(2), older).kernel.find("Lathe int8 conv2d"), 0U);
}

TEST(ChooseKernel, SaysWhatSpokeAgainstTheOthers) {
    EXPECT_EQ(chosenFor(convolution(1), vnni).reason,
              "instead of Lathe int8 depthwise: the channels do not stand alone (groups: 1); instead of FBGEMM: slower as a rule");
    EXPECT_EQ(chosenFor(convolution(8), vnni).reason,
              "instead of Lathe int8 convolution: slower as a rule; instead of FBGEMM: slower as a rule");
    EXPECT_EQ(chosenFor(convolution(8, false), vnni).reason,
              "instead of Lathe int8 convolution: slower as a rule; instead of FBGEMM: it gives bytes only, no floats");
    EXPECT_EQ(chosenFor(convolution(8, true, true), vnni).reason,
              "instead of Lathe int8 convolution: slower as a rule; instead of FBGEMM: of activations it has ReLU only");
    const std::string reason = chosenFor(convolution(1), older).reason;
    EXPECT_EQ(reason.find("this CPU has no VNNI: sums of 16-bit products are exact and as fast; instead of"), 0U) << reason;
}

TEST(ChooseKernel, WindowsCanSayTheReasonInTheirLanguage) {
    const base::Message message = base::messageOf(chosenFor(convolution(1), vnni).reason);
    ASSERT_EQ(message.code(), "kernel.alsoInsteadOf");
    ASSERT_EQ(message.arguments().size(), 3U);
    EXPECT_EQ(message.arguments()[0].value.code(), "kernel.insteadOf");
    EXPECT_EQ(message.arguments()[2].value.code(), "kernel.slowerAsARule");
}

TEST(ChooseKernel, ALibraryThatIsAskedForComesFirstWhereItHasAKernel) {
    EXPECT_EQ(chosenFor(convolution(1), vnni, "fbgemm").kernel.find("FBGEMM"), 0U);
    EXPECT_EQ(chosenFor(convolution(2), vnni, "lathe").kernel.find("Lathe"), 0U);
    const InstructionInfo info = chosenFor(convolution(1, false), vnni, "fbgemm");
    EXPECT_EQ(info.kernel.find("Lathe"), 0U);
    EXPECT_NE(info.reason.find("instead of FBGEMM: it gives bytes only"), std::string::npos) << info.reason;
}

TEST(ChooseKernel, SaturatingSumsAreRefusedWhereTheyCouldHappen) {
    Graph graph;
    const Grid full{0.05, 120, 0, 255};
    auto value = addPair(graph, "in", graph.addInput("x"), full);
    graph.main.outputs.emplace_back(addPair(graph, "out", addQuantizedLinear(graph, "layer", value, 64, 8), out));
    const InstructionInfo info = chosenFor(graph, older, "fbgemm");
    EXPECT_EQ(info.kernel.find("Lathe"), 0U);
    EXPECT_NE(info.reason.find("FBGEMM's 16-bit sums could saturate on this CPU"), std::string::npos) << info.reason;
    EXPECT_EQ(chosenFor(graph, vnni, "fbgemm").kernel.find("FBGEMM"), 0U);
}

TEST(ChooseKernel, OneKernelNeedsNoReason) {
    Graph graph;
    graph.main.outputs.emplace_back(addRelu(graph, "layer", graph.addInput("x")));
    const Plan plan = compiled(graph);
    EXPECT_EQ(plan.instructions()[0].kernel, "ATen relu");
    EXPECT_EQ(plan.instructions()[0].reason, "");
}

} // namespace
} // namespace lathe::runtime::testing
