#include <core/runtime/kernels/time_kernels_torch.h>

#include <cstdlib>

#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/runtime/kernels/kernel_table.h>
#include <tests/core/runtime/graphs.h>
#include <tests/core/runtime/own_kernel_times.h>

namespace lathe::runtime::testing {
namespace {

/// A convolution in two groups, which two kernels compute on every CPU. Its input's shape is known; "N" images.
Graph convolution(std::vector<graph::Dim> shape = {{-1, "N"}, {4, ""}, {9, ""}, {11, ""}}) {
    Graph graph;
    const auto x = graph.addInput("x");
    graph.value(x).dtype = tensor::DType::Float32;
    graph.value(x).shape = std::move(shape);
    graph.main.outputs.emplace_back(addConv(graph, "conv", x, 4, 8, 3));
    graph::Node& layer = graph.main.nodes.back();
    layer.operands[1] = addRandomWeight(graph, "conv.half", {8, 2, 3, 3});
    layer.operands[6] = integer(2);
    return graph;
}

/// A context for the nodes of a graph that nothing was lowered in.
struct Asked {
    explicit Asked(Graph graph) : lowered(lower(graph, true)), slots(lowered.graph.values.size()), choices(KernelChoices::Source{}) {
        for (std::size_t id = 0; id < slots.size(); ++id) {
            if (lowered.graph.values[id].kind == graph::ValueKind::Weight) slots[id] = toAten(lowered.graph.values[id].data);
        }
    }
    KernelContext context() {
        KernelContext made{lowered, options, at::kCPU, slots};
        made.choices = &choices;
        return made;
    }
    const graph::Node& node() const { return lowered.graph.main.nodes.front(); }

    Lowered lowered;
    PlanOptions options;
    Slots slots;
    KernelChoices choices;
};

TEST(FormOf, NamesTheOperatorItsConstantsAndItsShapes) {
    Asked asked(convolution());
    EXPECT_EQ(formOf(asked.context(), asked.node()), "lathe::float_conv2d weight 8 2 3 3 s1x1 p0x0 d1x1 g2 1x4x9x11");
    Asked unknown(convolution({}));
    unknown.lowered.graph.values[0].shape.reset();
    EXPECT_EQ(formOf(unknown.context(), unknown.node()), std::nullopt);
}

TEST(TimeKernels, GivesATimeForEachKernelThatRuns) {
    Asked asked(convolution());
    std::vector<const KernelDefinition*> candidates(kernelsFor(asked.node().op).begin(), kernelsFor(asked.node().op).end());
    std::erase_if(candidates, [&](const KernelDefinition* kernel) { return !kernel->accepts(asked.context(), asked.node()).isAccepted(); });
    ASSERT_EQ(candidates.size(), 2U);
    const KernelTimes times = timeKernels(asked.context(), asked.node(), candidates);
    ASSERT_EQ(times.size(), 2U);
    for (const auto& [kernel, microseconds] : times)
        EXPECT_GT(microseconds, 0) << kernel;
    // The weights are for four channels: nothing runs.
    Asked wrong(convolution({{1, ""}, {6, ""}, {9, ""}, {11, ""}}));
    EXPECT_TRUE(timeKernels(wrong.context(), wrong.node(), candidates).empty());
}

/// What a plan that chooses by time takes for "conv", with this in the file that LATHE_KERNELS names.
InstructionInfo chosenBy(const std::string& layers) {
    const base::TemporaryFolder folder;
    const auto file = folder.path() / "times.json";
    EXPECT_TRUE(base::writeFile(file, R"({"lathe_kernels": 1, "machine": "elsewhere", "layers": )" + layers + "}"));
    setenv("LATHE_KERNELS", file.c_str(), 1);
    PlanOptions options;
    options.choosesByTime = true;
    const Plan plan = compiled(convolution(), options);
    setenv("LATHE_KERNELS", "off", 1);
    return plan.instructions()[0];
}

TEST(TimeKernels, AStoredChoiceIsMadeAgain) {
    const std::string form = R"("lathe::float_conv2d weight 8 2 3 3 s1x1 p0x0 d1x1 g2 1x4x9x11")";
    const InstructionInfo slow = chosenBy("{" + form + R"(: {"aten.float_layer": 20.5, "onednn.float_layer": 40}})");
    EXPECT_EQ(slow.kernel, "ATen conv2d");
    EXPECT_EQ(slow.reason, "instead of oneDNN with packed weights: measured slower: 40 µs against 21 µs");
    const InstructionInfo fast = chosenBy("{" + form + R"(: {"aten.float_layer": 20.5, "onednn.float_layer": 10}})");
    EXPECT_EQ(fast.kernel, "oneDNN conv2d, weights packed once");
    EXPECT_EQ(fast.reason, "instead of ATen: measured slower: 21 µs against 10 µs");
    const InstructionInfo unknown = chosenBy("{}");
    EXPECT_EQ(unknown.kernel, "ATen conv2d");
    EXPECT_EQ(unknown.reason, "instead of oneDNN with packed weights: nobody has measured it");
}

TEST(TimeKernels, WhatIsMeasuredIsKept) {
    const OwnKernelTimes own;
    PlanOptions options;
    options.choosesByTime = true;
    const Plan first = compiled(convolution(), options), again = compiled(convolution(), options);
    KernelChoices kept(KernelChoices::usualSource(threads()));
    EXPECT_NE(kept.find("lathe::float_conv2d weight 8 2 3 3 s1x1 p0x0 d1x1 g2 1x4x9x11"), nullptr);
    EXPECT_NE(first.instructions()[0].reason.find("measured slower"), std::string::npos) << first.instructions()[0].reason;
    EXPECT_EQ(first.instructions()[0].reason, again.instructions()[0].reason);
}

TEST(TimeKernels, TurnedOffNothingIsAskedTwice) {
    setenv("LATHE_KERNELS", "off", 1);
    PlanOptions options;
    options.choosesByTime = true;
    const Plan plan = compiled(convolution(), options);
    EXPECT_EQ(plan.instructions()[0].kernel, "ATen conv2d");
    EXPECT_EQ(plan.instructions()[0].reason, "");
}

} // namespace
} // namespace lathe::runtime::testing
