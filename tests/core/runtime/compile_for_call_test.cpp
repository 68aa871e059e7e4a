#include <core/runtime/compile_for_call_torch.h>

#include <sstream>

#include <gtest/gtest.h>

#include <tests/core/runtime/graphs.h>
#include <tests/core/runtime/own_kernel_times.h>

namespace lathe::runtime::testing {
namespace {

class CompileForCall : public ::testing::Test {
protected:
    CompileForCall() { m_options.choosesByTime = true; }
    [[nodiscard]] static std::vector<c10::IValue> pictures(std::int64_t count) { return {at::randn({count, 1, 32, 32})}; }

    OwnKernelTimes m_own;
    Graph m_graph = leNet();
    PlanOptions m_options;
};

TEST_F(CompileForCall, GivesWhatTheUsualPlanGives) {
    for (const std::int64_t batch : {1, 2, 9}) {
        const std::vector<c10::IValue> inputs = pictures(batch);
        auto plan = compileForCall(m_graph, m_options, inputs);
        ASSERT_TRUE(plan) << plan.error().text();
        const auto given = plan->runTensor(inputs);
        ASSERT_TRUE(given);
        Plan usual = compiled(m_graph);
        const at::Tensor expected = runOn(usual, inputs[0].toTensor());
        EXPECT_LT((*given - expected).abs().max().item<float>(), 1e-5F * expected.abs().max().item<float>()) << batch;
    }
}

TEST_F(CompileForCall, ChoosesKernelsByOneSampleAndByAll) {
    ASSERT_TRUE(compileForCall(m_graph, m_options, pictures(12)));
    const std::string measured = m_own.remembered();
    EXPECT_NE(measured.find(" 1x1x32x32"), std::string::npos);
    EXPECT_NE(measured.find(" 12x1x32x32"), std::string::npos);
}

/// The shapes of a call of very many samples would take memory to find, and tell no more.
TEST_F(CompileForCall, ChoosesKernelsByNoMoreSamplesThanTell) {
    ASSERT_TRUE(compileForCall(m_graph, m_options, pictures(300)));
    std::istringstream measured(m_own.remembered());
    int byMost = 0;
    for (std::string line; std::getline(measured, line);) {
        if (line.find("conv2d") == std::string::npos) continue; // of passes
        byMost += line.find(" 256x1x32x32") != std::string::npos ? 1 : 0;
        EXPECT_EQ(line.find(" 300x1x32x32"), std::string::npos) << line;
    }
    EXPECT_GT(byMost, 0);
}

TEST_F(CompileForCall, OneSampleHasNothingFaster) {
    Plan plan = Plan::compile(m_graph, m_options).value();
    EXPECT_FALSE(fasterForCall(plan, m_graph, m_options, pictures(1)));
    m_options.choosesByTime = false;
    EXPECT_FALSE(fasterForCall(plan, m_graph, m_options, pictures(12)));
}

TEST_F(CompileForCall, WhatDoesNotFitSaysSoWhenItRuns) {
    const std::vector<c10::IValue> wrong{at::randn({3, 1, 9, 9})};
    auto plan = compileForCall(m_graph, m_options, wrong);
    ASSERT_TRUE(plan);
    EXPECT_FALSE(plan->run(wrong));
}

} // namespace
} // namespace lathe::runtime::testing
