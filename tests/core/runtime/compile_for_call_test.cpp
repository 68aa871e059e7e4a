#include <core/runtime/compile_for_call_torch.h>

#include <gtest/gtest.h>

#include <tests/core/runtime/graphs.h>
#include <tests/core/runtime/own_kernel_times.h>

namespace lathe::runtime::testing {
namespace {

TEST(CompileForCall, GivesWhatTheUsualPlanGives) {
    const OwnKernelTimes own;
    const Graph graph = leNet();
    PlanOptions options;
    options.choosesByTime = true;
    for (const std::int64_t batch : {1, 2, 9}) {
        const std::vector<c10::IValue> inputs{at::randn({batch, 1, 32, 32})};
        auto plan = compileForCall(graph, options, inputs);
        ASSERT_TRUE(plan) << plan.error().text();
        const auto given = plan->runTensor(inputs);
        ASSERT_TRUE(given);
        Plan usual = compiled(graph);
        const at::Tensor expected = runOn(usual, inputs[0].toTensor());
        EXPECT_LT((*given - expected).abs().max().item<float>(), 1e-5F * expected.abs().max().item<float>()) << batch;
    }
}

TEST(CompileForCall, ChoosesKernelsByOneSampleAndByAll) {
    const OwnKernelTimes own;
    const Graph graph = leNet();
    PlanOptions options;
    options.choosesByTime = true;
    const std::vector<c10::IValue> inputs{at::randn({12, 1, 32, 32})};
    ASSERT_TRUE(compileForCall(graph, options, inputs));
    std::string measured;
    for (const auto& file : std::filesystem::recursive_directory_iterator(own.folder()))
        if (file.is_regular_file()) measured += base::readFile(file.path(), 1 << 20).value_or("");
    EXPECT_NE(measured.find(" 1x1x32x32"), std::string::npos);
    EXPECT_NE(measured.find(" 12x1x32x32"), std::string::npos);
}

TEST(CompileForCall, WhatDoesNotFitSaysSoWhenItRuns) {
    const OwnKernelTimes own;
    PlanOptions options;
    options.choosesByTime = true;
    const std::vector<c10::IValue> wrong{at::randn({3, 1, 9, 9})};
    auto plan = compileForCall(leNet(), options, wrong);
    ASSERT_TRUE(plan);
    EXPECT_FALSE(plan->run(wrong));
}

} // namespace
} // namespace lathe::runtime::testing
