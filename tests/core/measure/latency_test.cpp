#include <core/measure/latency.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <core/measure/statistics.h>
#include <core/measure/surroundings.h>
#include <tests/support/busy_cores.h>

namespace lathe::measure {
namespace {

/// Time passes only when a candidate is called.
class FakeSurroundings : public Surroundings {
public:
    double nowMs() override { return now; }
    NoiseWatch::Reading noise() override {
        const double middle = (std::exchange(m_lastReading, now) + now) / 2 - beginMs;
        return isNoisy && isNoisy(middle) ? disturbance : NoiseWatch::Reading{};
    }
    static constexpr double beginMs = 1000;
    double now = beginMs;
    /// Of a time since the beginning, warm-up included.
    std::function<bool(double)> isNoisy;
    NoiseWatch::Reading disturbance{.othersShare = 1.9};

private:
    double m_lastReading = beginMs;
};

class LatencyTest : public testing::Test {
protected:
    /// Takes `callMs` a call, give or take `spread`, three times as long while it is noisy; writes its name into the log.
    Candidate candidate(const std::string& name, double callMs, double spread = 0.05) {
        auto random = std::make_shared<Random>(std::hash<std::string>{}(name));
        return {name,
                [this, name, callMs, spread, random]() -> base::Result<> {
                    m_log.push_back(name);
                    const double share = static_cast<double>(random->below(2001)) / 1000 - 1; // -1..1
                    const bool isNoisy = m_surroundings.isNoisy && m_surroundings.isNoisy(m_surroundings.now - FakeSurroundings::beginMs);
                    m_surroundings.now += callMs * (1 + spread * share) * (isNoisy ? 3 : 1);
                    return {};
                },
                {}};
    }
    [[nodiscard]] std::vector<Latency> measured(const std::vector<Candidate>& candidates, const LatencyOptions& options = {}) {
        const auto result = measureInterleaved(candidates, options, {}, m_surroundings);
        EXPECT_TRUE(result) << (result ? "" : result.error().text());
        return result ? *result : std::vector<Latency>{};
    }

    FakeSurroundings m_surroundings;
    std::vector<std::string> m_log;
};

TEST_F(LatencyTest, GivesWhatTheSamplesSay) {
    LatencyOptions options;
    options.batch = 16;
    Candidate two = candidate("a", 5, 0.5);
    two.threads = 2;
    const auto latencies = measured({two}, options);
    ASSERT_EQ(latencies.size(), 1U);
    const Latency& a = latencies[0];
    std::vector<double> sorted = a.samplesMs;
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(a.p50, percentile(sorted, 0.5));
    EXPECT_EQ(a.p90, percentile(sorted, 0.9));
    EXPECT_EQ(a.p95, percentile(sorted, 0.95));
    EXPECT_EQ(a.p99, percentile(sorted, 0.99));
    EXPECT_EQ(a.p999, percentile(sorted, 0.999));
    EXPECT_EQ(a.mean, mean(sorted));
    EXPECT_EQ(a.stddev, standardDeviation(sorted));
    EXPECT_EQ(a.calls, static_cast<std::int64_t>(a.samplesMs.size()));
    EXPECT_EQ(a.batch, 16);
    EXPECT_EQ(a.threads, 2);
    EXPECT_EQ(a.noise, "low");
    EXPECT_EQ(a.disturbed, 0);
    EXPECT_EQ(a.marks, std::vector<std::uint8_t>(a.samplesMs.size(), 0));
    EXPECT_EQ(a.whyNotReliable, "");
    EXPECT_NE(a.samplesMs, sorted) << "samples stay in the order in which they were taken";
    EXPECT_NEAR(a.p50, 5, 0.5);
    EXPECT_EQ(static_cast<std::int64_t>(m_log.size()), a.calls + a.warmupCalls) << "warm-up calls are not samples";
}

TEST_F(LatencyTest, TakesEnoughCallsAndTime) {
    const auto quick = measured({candidate("quick", 1, 0)});
    EXPECT_GE(quick[0].calls, 1000) << "one second";
    EXPECT_LE(quick[0].calls, 1100);
    const auto slow = measured({candidate("slow", 40, 0)});
    EXPECT_EQ(slow[0].calls, 100) << "hundred calls";
}

TEST_F(LatencyTest, StopsWhenTheBudgetIsSpentButMeasuresEach) {
    LatencyOptions options;
    options.maxSeconds = 3;
    const auto latencies = measured({candidate("a", 1000), candidate("b", 4000)}, options);
    EXPECT_GE(latencies[0].calls, 1);
    EXPECT_GE(latencies[1].calls, 1);
    EXPECT_LE(latencies[1].calls, 2);
}

TEST_F(LatencyTest, GoesOnUntilTheRatioIsKnown) {
    LatencyOptions options;
    options.maxSeconds = 1000;
    const auto calm = measured({candidate("a", 5, 0.01), candidate("b", 5, 0.01)}, options);
    const auto wild = measured({candidate("c", 5, 0.9), candidate("d", 5, 0.9)}, options);
    EXPECT_LT(calm[0].calls, 300);
    EXPECT_GT(wild[0].calls, 2 * calm[0].calls);
    const Speedup known = compare(wild[0], wild[1]);
    EXPECT_LE((known.high - known.low) / 2, 0.02 * known.ratio * 1.001);
}

TEST_F(LatencyTest, WarmsUpUntilTheMedianStandsStill) {
    int calls = 0;
    const Candidate slowStart{"slow start",
                              [&]() -> base::Result<> {
                                  m_surroundings.now += ++calls <= 20 ? 50 : 5;
                                  return {};
                              },
                              {}};
    const auto latencies = measured({slowStart, candidate("steady", 5, 0)});
    EXPECT_EQ(latencies[1].warmupCalls, 10);
    EXPECT_GE(latencies[0].warmupCalls, 10);
    const auto endless = measured({candidate("endless", 700)});
    EXPECT_LE(endless[0].warmupCalls, 10);
    EXPECT_GE(endless[0].warmupCalls, 7) << "five seconds";
}

TEST_F(LatencyTest, BlocksAreInterleavedInBalance) {
    (void)measured({candidate("a", 10), candidate("b", 10), candidate("c", 10)});
    // After warm-up (10 calls each): blocks of two calls, three of them a round.
    const std::vector<std::string> log(m_log.begin() + 30, m_log.end());
    ASSERT_EQ(log.size() % 6, 0U);
    std::set<std::string> orders;
    for (std::size_t round = 0; round < log.size(); round += 6) {
        std::string order;
        for (std::size_t block = 0; block < 6; block += 2) {
            EXPECT_EQ(log[round + block], log[round + block + 1]);
            order += log[round + block];
        }
        orders.insert(order);
        std::sort(order.begin(), order.end());
        EXPECT_EQ(order, "abc") << "each once a round";
    }
    EXPECT_EQ(orders.size(), 6U) << "all orders occur";
}

TEST_F(LatencyTest, TheSeedDecidesTheOrder) {
    const auto orderOf = [&](std::uint64_t seed) {
        m_log.clear();
        LatencyOptions options;
        options.seed = seed;
        (void)measured({candidate("a", 10, 0), candidate("b", 10, 0)}, options);
        return m_log;
    };
    EXPECT_EQ(orderOf(1), orderOf(1));
    EXPECT_NE(orderOf(1), orderOf(2));
}

TEST_F(LatencyTest, DriftMeetsAllAlike) {
    // The machine gets slower by a factor of five while it measures; both candidates are the same.
    const auto drifting = [&](const std::string& name) {
        return Candidate{name,
                         [&]() -> base::Result<> {
                             m_surroundings.now += 2 * (1 + m_surroundings.now / 1000);
                             return {};
                         },
                         {}};
    };
    const auto latencies = measured({drifting("a"), drifting("b")});
    EXPECT_EQ(compare(latencies[0], latencies[1]).verdict, Verdict::NoSignificantDifference);
}

TEST_F(LatencyTest, DeviceTimeReplacesTheWallClock) {
    Candidate device = candidate("device", 10);
    device.deviceMs = [] { return 0.25; };
    const auto latencies = measured({device});
    EXPECT_EQ(latencies[0].p50, 0.25);
    EXPECT_EQ(latencies[0].calls, 100) << "one second of wall time";
}

TEST_F(LatencyTest, DisturbedSamplesAreMarkedAndLeftOut) {
    m_surroundings.isNoisy = [](double ms) { return ms >= 700 && ms < 1300; }; // warm-up takes 200 ms
    const auto latencies = measured({candidate("a", 10, 0), candidate("b", 10, 0)});
    for (const Latency& latency : latencies) {
        EXPECT_EQ(latency.calls, static_cast<std::int64_t>(latency.samplesMs.size())) << "all are kept";
        ASSERT_EQ(latency.marks.size(), latency.samplesMs.size());
        EXPECT_EQ(std::count(latency.marks.begin(), latency.marks.end(), 1), latency.disturbed);
        EXPECT_NEAR(static_cast<double>(latency.disturbed), 10, 4) << "600 ms for two, to a window of 100 ms";
        EXPECT_GE(latency.calls - latency.disturbed, 100) << "what was disturbed is made up for";
        for (std::size_t i = 0; i < latency.marks.size(); ++i)
            EXPECT_TRUE(latency.marks[i] == 1 || latency.samplesMs[i] < 31) << i;
        EXPECT_NEAR(latency.p50, 10, 0.01);
        EXPECT_EQ(latency.whyNotReliable, "");
        EXPECT_EQ(countedSamplesMs(latency).size(), static_cast<std::size_t>(latency.calls - latency.disturbed));
    }
    EXPECT_EQ(compare(latencies[0], latencies[1]).verdict, Verdict::NoSignificantDifference);
}

TEST_F(LatencyTest, TheIntervalIsThatOfTheQuietSamples) {
    // While others are busy b suffers, a does not: all samples together would call a the faster one.
    m_surroundings.isNoisy = [](double ms) { return static_cast<int>(ms / 500) % 2 == 1; };
    const Candidate steady{"steady",
                           [&]() -> base::Result<> {
                               m_surroundings.now += 10;
                               return {};
                           },
                           {}};
    const auto latencies = measured({steady, candidate("b", 5, 0.1)});
    EXPECT_GT(latencies[1].disturbed, 50);
    const Speedup known = compare(latencies[0], latencies[1]);
    EXPECT_EQ(known.verdict, Verdict::Faster);
    EXPECT_NEAR(known.ratio, 2, 0.1);
    EXPECT_EQ(known.reason, "");
}

TEST_F(LatencyTest, ADisturbedMachineGivesNoVerdict) {
    m_surroundings.isNoisy = [](double) { return true; };
    const double begin = m_surroundings.now;
    const auto latencies = measured({candidate("a", 10, 0), candidate("b", 0.5, 0)});
    EXPECT_NEAR(m_surroundings.now - begin, 300 + 15 + 5000, 200) << "no hope after five seconds";
    EXPECT_EQ(latencies[0].disturbed, latencies[0].calls);
    EXPECT_NEAR(latencies[0].p50, 30, 0.1) << "figures of what there is";
    EXPECT_EQ(countedSamplesMs(latencies[0]), latencies[0].samplesMs);
    const std::string all = std::to_string(latencies[0].calls);
    EXPECT_EQ(latencies[0].whyNotReliable, all + " of " + all + " calls were disturbed by other programs (1.9 cores busy).");
    EXPECT_NE(latencies[1].whyNotReliable.find("1,"), std::string::npos) << "grouped: " << latencies[1].whyNotReliable;
    const Speedup known = compare(latencies[0], latencies[1]);
    EXPECT_EQ(known.verdict, Verdict::NotReliable);
    EXPECT_EQ(known.reason, latencies[0].whyNotReliable);
    EXPECT_NEAR(known.ratio, 20, 0.1) << "is shown, but says nothing";
}

TEST_F(LatencyTest, GoesOnUntilThereAreQuietCalls) {
    m_surroundings.isNoisy = [](double ms) { return ms < 4500; };
    const auto latencies = measured({candidate("a", 50, 0), candidate("b", 25, 0)});
    EXPECT_GE(latencies[0].calls - latencies[0].disturbed, 100);
    const Speedup known = compare(latencies[0], latencies[1]);
    EXPECT_EQ(known.verdict, Verdict::Faster);
    EXPECT_NEAR(known.ratio, 2, 0.01);
}

TEST_F(LatencyTest, TakesHalfAsLongAgainAndNoLonger) {
    // One window in twelve is quiet.
    m_surroundings.isNoisy = [](double ms) { return static_cast<int>(ms / 200) % 12 != 0; };
    const double begin = m_surroundings.now;
    const auto latencies = measured({candidate("a", 5, 0), candidate("b", 5, 0)});
    EXPECT_GE(m_surroundings.now - begin, 15'000);
    EXPECT_LE(m_surroundings.now - begin, 16'000);
    EXPECT_GT(latencies[0].calls - latencies[0].disturbed, 100);
    EXPECT_EQ(compare(latencies[0], latencies[1]).verdict, Verdict::NotReliable) << "a fifth of the calls tells too little";
}

TEST_F(LatencyTest, SlowModelsAreReliableWithFewCalls) {
    const auto latencies = measured({candidate("a", 1000), candidate("b", 500)});
    EXPECT_LT(latencies[0].calls, 20);
    EXPECT_EQ(latencies[0].whyNotReliable, "");
    EXPECT_EQ(compare(latencies[0], latencies[1]).verdict, Verdict::Faster);
}

TEST_F(LatencyTest, SaysWhatDisturbed) {
    m_surroundings.isNoisy = [](double) { return true; };
    m_surroundings.disturbance = {.stealShare = 0.125, .othersShare = 0.1};
    EXPECT_NE(measured({candidate("a", 10)})[0].whyNotReliable.find(
                  " calls were disturbed by other machines on the same host (12.5 % of the CPU time was stolen)."),
              std::string::npos);
    m_surroundings.disturbance = {.othersShare = 1, .throttled = true};
    EXPECT_NE(measured({candidate("a", 10)})[0].whyNotReliable.find(" calls were disturbed by heat: the processor was slowed down."),
              std::string::npos);
}

TEST_F(LatencyTest, PreparesEachBlockOffTheClock) {
    int prepared = 0;
    Candidate a = candidate("a", 10, 0), b = candidate("b", 10, 0);
    a.beforeBlock = [&] {
        m_surroundings.now += 1;
        ++prepared;
    };
    const auto latencies = measured({a, b});
    EXPECT_EQ(prepared, 1 + latencies[0].calls / 2) << "warm-up, and blocks of two calls";
    EXPECT_EQ(latencies[0].p99, 10);
}

TEST_F(LatencyTest, CancelStopsWithinABlock) {
    std::stop_source stop;
    int calls = 0;
    const Candidate stopping{"stopping",
                             [&]() -> base::Result<> {
                                 m_surroundings.now += 0.001; // a block of thousands of calls
                                 if (++calls == 777) stop.request_stop();
                                 return {};
                             },
                             {}};
    const auto result = measureInterleaved({stopping}, {}, {stop.get_token(), {}}, m_surroundings);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, base::ErrorCode::Cancelled);
    EXPECT_EQ(calls, 777);
}

TEST_F(LatencyTest, AFailingCandidateEndsWithItsError) {
    int calls = 0;
    const Candidate failing{"failing",
                            [&]() -> base::Result<> {
                                m_surroundings.now += 1;
                                if (++calls == 50) return base::failure(base::ErrorCode::Failed, "Out of memory.");
                                return {};
                            },
                            {}};
    const auto result = measureInterleaved({candidate("a", 1), failing}, {}, {}, m_surroundings);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().text(), "Out of memory. (while timing failing)");
    EXPECT_EQ(calls, 50);
}

TEST_F(LatencyTest, ReportsGrowingProgress) {
    std::vector<double> fractions;
    const base::Job job{{}, [&](const base::Progress& progress) {
                            EXPECT_EQ(progress.phase, "latency");
                            fractions.push_back(progress.fraction);
                        }};
    ASSERT_TRUE(measureInterleaved({candidate("a", 10)}, {}, job, m_surroundings));
    EXPECT_GE(fractions.size(), 5U);
    EXPECT_TRUE(std::is_sorted(fractions.begin(), fractions.end()));
    EXPECT_GT(fractions.front(), 0);
    EXPECT_LE(fractions.back(), 1);
}

TEST_F(LatencyTest, NothingToMeasure) { EXPECT_TRUE(measured({}).empty()); }

TEST(LatencyRealClockTest, MeasuresWithTheRealClock) {
    LatencyOptions options;
    options.minCalls = 5;
    options.minSeconds = 0;
    int calls = 0;
    const auto result = measureInterleaved({{"count",
                                             [&]() -> base::Result<> {
                                                 ++calls;
                                                 return {};
                                             },
                                             {}}},
                                           options, {});
    ASSERT_TRUE(result);
    EXPECT_GE(result->at(0).calls, 5);
    EXPECT_GE(result->at(0).p50, 0);
    EXPECT_EQ(calls, result->at(0).calls + result->at(0).warmupCalls);
}

TEST(LatencyRealClockTest, BusyCoresGiveNoVerdict) {
    const test::BusyCores busy;
    ASSERT_GT(busy.count(), 0U);
    const auto spin = [](int rounds) {
        return [rounds]() -> base::Result<> {
            volatile int sum = 0;
            for (int i = 0; i < rounds; ++i)
                sum = sum + i;
            return {};
        };
    };
    LatencyOptions options;
    options.maxSeconds = 2;
    const auto result = measureInterleaved({{"slow", spin(200'000), {}}, {"fast", spin(20'000), {}}}, options, {});
    ASSERT_TRUE(result);
    const Speedup known = compare(result->at(0), result->at(1));
    EXPECT_EQ(known.verdict, Verdict::NotReliable) << known.ratio << " (" << known.low << " to " << known.high << ")";
    EXPECT_NE(known.reason.find("disturbed by"), std::string::npos) << known.reason;
    EXPECT_GE(result->at(0).disturbed * 10, result->at(0).calls * 8);
}

Latency withSamples(const std::vector<double>& samplesMs) {
    Latency latency;
    latency.samplesMs = samplesMs;
    return latency;
}

TEST(CompareTest, Verdicts) {
    Random random(4);
    std::vector<double> a(400), half(400);
    for (double& x : a)
        x = 2 + static_cast<double>(random.below(1000)) / 1000;
    for (std::size_t i = 0; i < a.size(); ++i)
        half[i] = a[a.size() - 1 - i] / 2;

    const Speedup same = compare(withSamples(a), withSamples(a));
    EXPECT_EQ(same.ratio, 1);
    EXPECT_LT(same.low, 1);
    EXPECT_GT(same.high, 1);
    EXPECT_EQ(same.verdict, Verdict::NoSignificantDifference);

    const Speedup faster = compare(withSamples(a), withSamples(half));
    EXPECT_DOUBLE_EQ(faster.ratio, 2);
    EXPECT_LT(faster.low, 2);
    EXPECT_GT(faster.high, 2);
    EXPECT_EQ(faster.verdict, Verdict::Faster);

    const Speedup slower = compare(withSamples(half), withSamples(a));
    EXPECT_DOUBLE_EQ(slower.ratio, 0.5);
    EXPECT_EQ(slower.verdict, Verdict::Slower);
}

TEST(CompareTest, LeavesOutWhatIsMarked) {
    Latency a = withSamples({2, 2, 2, 90, 90}), b = withSamples({1, 1, 1, 1, 90});
    a.marks = {0, 0, 0, 1, 1};
    b.marks = {0, 0, 0, 0, 1};
    EXPECT_EQ(compare(a, b).ratio, 2);
    EXPECT_EQ(compare(a, b).verdict, Verdict::Faster);
    b.whyNotReliable = "It was loud.";
    EXPECT_EQ(compare(a, b).verdict, Verdict::NotReliable);
    EXPECT_EQ(compare(a, b).reason, "It was loud.");
    EXPECT_EQ(compare(b, a).verdict, Verdict::NotReliable);
    EXPECT_EQ(compare(b, a).reason, "It was loud.");
}

TEST(CompareTest, NothingToCompareHasNoVerdict) {
    for (const Speedup& speedup : {compare(withSamples({}), withSamples({1})), compare(withSamples({1}), withSamples({})),
                                   compare(withSamples({0, 0}), withSamples({1, 1})), compare(withSamples({1}), withSamples({0}))}) {
        EXPECT_EQ(speedup.ratio, 1);
        EXPECT_EQ(speedup.verdict, Verdict::NoSignificantDifference);
    }
}

} // namespace
} // namespace lathe::measure
