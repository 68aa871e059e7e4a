#include <core/engine/plan_latency_torch.h>

#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <tests/core/engine/sample_model.h>

namespace lathe::engine {
namespace {

class PlanLatencyTest : public testing::Test {
protected:
    [[nodiscard]] TimedPlan timed(const char* name) { return {name, &m_plan, {c10::IValue(at::zeros({1, 1, 32, 32}))}, 1}; }
    runtime::Plan m_plan = runtime::Plan::compile(support::sampleModel().graph, {}).value();
};

TEST_F(PlanLatencyTest, EachPlanIsTimedWithItsThreads) {
    const int before = runtime::threads();
    std::vector<TimedPlan> plans{timed("one"), timed("two")};
    plans[1].threads = 2;
    measure::LatencyOptions options;
    options.minCalls = 5;
    options.minSeconds = 0;
    options.maxSeconds = 0.1;
    options.batch = 1;
    const auto latencies = measurePlans(plans, {}, options, {});
    ASSERT_TRUE(latencies) << latencies.error().text();
    EXPECT_EQ((*latencies)[0].threads, 1);
    EXPECT_EQ((*latencies)[1].threads, 2);
    EXPECT_GT((*latencies)[0].calls, 0);
    EXPECT_EQ(runtime::threads(), before);
}

TEST_F(PlanLatencyTest, ABaselineThatWaitsForItsThreadsGetsOne) {
    measure::Latency withAll, withOne;
    withAll.threads = 2;
    withOne.threads = 1;
    withAll.p50 = 9; // beside busy cores two threads of a small model wait for each other
    withOne.p50 = 0.1;
    EXPECT_EQ(fasterThreads(withAll, withOne), 1);
    withAll.p50 = 0.06;
    EXPECT_EQ(fasterThreads(withAll, withOne), 2);
    withAll.p50 = 0.1;
    EXPECT_EQ(fasterThreads(withAll, withOne), 2) << "nothing is to be gained";
}

TEST_F(PlanLatencyTest, EachPlanIsTriedWithOneThreadToo) {
    const int before = runtime::threads();
    std::vector<TimedPlan> plans{timed("a"), timed("b")};
    const auto chosen = chooseThreads(plans, {}, 2, 0, {});
    ASSERT_TRUE(chosen) << chosen.error().text();
    for (const TimedPlan& plan : plans)
        EXPECT_TRUE(plan.threads == 1 || plan.threads == 2) << plan.threads;
    EXPECT_EQ(runtime::threads(), before);
}

TEST_F(PlanLatencyTest, OneThreadNeedsNoTrial) {
    std::vector<TimedPlan> plans{timed("a")};
    plans[0].inputs.clear(); // would fail
    EXPECT_TRUE(chooseThreads(plans, {}, 1, 0, {}));
    EXPECT_EQ(plans[0].threads, 1);
    EXPECT_FALSE(chooseThreads(plans, {}, 2, 0, {})) << "a call that fails is told";
}

} // namespace
} // namespace lathe::engine
