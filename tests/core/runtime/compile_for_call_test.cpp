#include <core/runtime/compile_for_call_torch.h>

#include <sstream>

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
    const std::string measured = own.remembered();
    EXPECT_NE(measured.find(" 1x1x32x32"), std::string::npos);
    EXPECT_NE(measured.find(" 12x1x32x32"), std::string::npos);
}

/// The shapes of a call of very many samples would take memory to find, and tell no more.
TEST(CompileForCall, ChoosesKernelsByNoMoreSamplesThanTell) {
    const OwnKernelTimes own;
    const Graph graph = leNet();
    PlanOptions options;
    options.choosesByTime = true;
    const std::vector<c10::IValue> inputs{at::randn({300, 1, 32, 32})};
    ASSERT_TRUE(compileForCall(graph, options, inputs));
    std::istringstream measured(own.remembered());
    int byMost = 0;
    for (std::string line; std::getline(measured, line);) {
        if (line.find("conv2d") == std::string::npos) continue; // of passes
        byMost += line.find(" 256x1x32x32") != std::string::npos ? 1 : 0;
        EXPECT_EQ(line.find(" 300x1x32x32"), std::string::npos) << line;
    }
    EXPECT_GT(byMost, 0);
}

TEST(CompileForCall, OneSampleHasNothingFaster) {
    const OwnKernelTimes own;
    const Graph graph = leNet();
    PlanOptions options;
    options.choosesByTime = true;
    Plan plan = Plan::compile(graph, options).value();
    EXPECT_FALSE(fasterForCall(plan, graph, options, std::vector<c10::IValue>{at::randn({1, 1, 32, 32})}));
    options.choosesByTime = false;
    EXPECT_FALSE(fasterForCall(plan, graph, options, std::vector<c10::IValue>{at::randn({12, 1, 32, 32})}));
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
