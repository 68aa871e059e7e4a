// A program of its own, because it counts what is allocated on the heap (tests/support/counted_allocations.h).
#include <core/runtime/device.h>

#include <gtest/gtest.h>

#include <tests/core/runtime/quantized_graphs.h>
#include <tests/support/counted_allocations.h>

namespace lathe::runtime::testing {
namespace {

using lathe::testing::AllocationCounts;

/// What the third call and the following three allocate; oneDNN's calls allocate their own arguments.
AllocationCounts ofLaterCalls(Plan& plan, const at::Tensor& input) {
    runOn(plan, input);
    runOn(plan, input);
    AllocationCounts counts = lathe::testing::countedAllocations([&] {
        for (int call = 0; call < 4; ++call)
            runOn(plan, input);
    });
    std::erase_if(counts, [](const auto& each) { return each.first.starts_with("libdnnl"); });
    return counts;
}

std::string text(const AllocationCounts& counts) {
    std::string text;
    for (const auto& [library, count] : counts)
        text += (library.empty() ? "Lathe" : library) + " " + std::to_string(count) + "; ";
    return text;
}

/// A residual block, a depthwise layer and a head, all in bytes. The result is one pixel, so that no order of memory needs a copy of
/// ATen's.
Graph quantizedResidual() {
    const Grid grid{0.05, 64, 0, 127}, positive{0.03, 0, 0, 127};
    Graph graph;
    graph.name = "residual";
    auto value = addPair(graph, "input", graph.addInput("x"), grid);
    value = addPair(graph, "act1", addRelu(graph, "relu1", addQuantizedConv(graph, "conv1", value, 3, 16, {3, 3}, {.padding = {1, 1}})),
                    positive);
    auto other = addPair(graph, "act2", addQuantizedConv(graph, "conv2", value, 16, 16, {3, 3}, {.padding = {1, 1}}), grid);
    value = graph.addNode("aten::add.Tensor", "add", {other, value, integer(1)}).results[0];
    value = addPair(graph, "act3", addRelu(graph, "relu3", value), positive);
    value = addQuantizedConv(graph, "depthwise", value, 16, 16, {3, 3}, {.stride = {2, 2}, .padding = {1, 1}, .groups = 16});
    value = addPair(graph, "act4", addMaxPool(graph, "pool", addRelu(graph, "relu4", value)), positive);
    graph.main.outputs.emplace_back(addQuantizedConv(graph, "head", value, 16, 10, {4, 4}));
    return graph;
}

TEST(PlanAllocations, TheyAreCounted) {
    if (!lathe::testing::canCountAllocations()) GTEST_SKIP() << "A sanitizer has the functions of the heap.";
    const auto counts = lathe::testing::countedAllocations([] {
        std::vector<int> numbers(100);
        const at::Tensor tensor = at::empty({10});
    });
    EXPECT_EQ(counts.at(""), 1u);
    EXPECT_GE(counts.at("libc10.so"), 2u) << text(counts);
}

at::Tensor channelsLast(const at::Tensor& images) { return images.contiguous(at::MemoryFormat::ChannelsLast); }

TEST(PlanAllocations, IntegerPlansMakeNone) {
    if (!lathe::testing::canCountAllocations()) GTEST_SKIP() << "A sanitizer has the functions of the heap.";
    for (const int threads : {1, 2}) {
        setThreads(threads);
        for (const std::string library : {"", "onednn"}) {
            Plan plan = compiled(quantizedResidual(), preferring(library));
            for (const std::int64_t batch : {1, 5})
                EXPECT_EQ(text(ofLaterCalls(plan, channelsLast(at::randn({batch, 3, 16, 16})))), "") << library << ", batch " << batch;
        }
    }
    setThreads(1);
}

TEST(PlanAllocations, OfLeNetOnlyFlattenMakesSome) {
    if (!lathe::testing::canCountAllocations()) GTEST_SKIP() << "A sanitizer has the functions of the heap.";
    setThreads(1);
    Plan plan = compiled(quantizedLeNet());
    const AllocationCounts counts = ofLaterCalls(plan, at::randn({3, 1, 32, 32}));
    std::size_t all = 0;
    for (const auto& [library, count] : counts)
        all += count;
    EXPECT_FALSE(counts.contains("")) << text(counts);
    EXPECT_LE(all, 4u * 5) << text(counts); // ATen's copy of bytes in another order: two headers, a storage, a grid, a view
}

TEST(PlanAllocations, OfLeNetInFloatsOnlyFlattenMakesSome) {
    if (!lathe::testing::canCountAllocations()) GTEST_SKIP() << "A sanitizer has the functions of the heap.";
    setThreads(1);
    Graph graph = leNet();
    const at::Tensor input = at::randn({1, 1, 32, 32});
    const std::vector<c10::IValue> inputs{input};
    ASSERT_TRUE(annotateShapes(graph, inputs)); // images may lie with their channels last
    Plan plan = compiled(graph, preferring("onednn"));
    const AllocationCounts counts = ofLaterCalls(plan, input);
    std::size_t all = 0;
    for (const auto& [library, count] : counts)
        all += count;
    EXPECT_FALSE(counts.contains("")) << text(counts);
    EXPECT_LE(all, 4u * 5) << text(counts);
}

/// ATen's operators make a tensor for each result; its numbers are in the plan's block.
TEST(PlanAllocations, NoNumbersOfAtensOperators) {
    if (!lathe::testing::canCountAllocations()) GTEST_SKIP() << "A sanitizer has the functions of the heap.";
    Graph graph;
    auto value = graph.addInput("x");
    constexpr int operators = 20;
    for (int index = 0; index < operators; ++index)
        value = graph.addNode("aten::neg", "negate" + std::to_string(index), {value}).results[0];
    graph.main.outputs.emplace_back(value);
    Plan plan = compiled(graph);
    const auto counts = ofLaterCalls(plan, at::randn({1000}));
    std::size_t all = 0;
    for (const auto& [library, count] : counts)
        all += count;
    // Its header and that of its storage, and the numbers of the output.
    EXPECT_EQ(all, 4u * (2 * operators + 1)) << text(counts);
}

} // namespace
} // namespace lathe::runtime::testing
