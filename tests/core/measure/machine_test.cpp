#include <core/measure/machine.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <core/base/memory.h>
#include <tests/support/busy_cores.h>

namespace lathe::measure {
namespace {

TEST(MachineTest, EveryKeyHasAValue) {
    const Environment environment = machineEnvironment();
    for (const char* key :
         {"cpu", "cpu_flags", "cores", "memory_bytes", "kernel", "governor", "frequency_mhz", "virtualized", "os", "lathe"}) {
        ASSERT_TRUE(environment.contains(key)) << key;
        EXPECT_FALSE(environment.at(key).empty()) << key;
        EXPECT_EQ(environment.at(key).find('\n'), std::string::npos) << key;
    }
    EXPECT_GT(std::stoi(environment.at("cores")), 0);
    EXPECT_GT(std::stoll(environment.at("memory_bytes")), 1 << 24);
    EXPECT_TRUE(environment.at("kernel").starts_with("Linux ")) << environment.at("kernel");
    EXPECT_EQ(environment.at("os").find('"'), std::string::npos);
}

TEST(MachineTest, NoiseIsInRange) {
    NoiseWatch watch;
    for (int i = 0; i < 3; ++i) {
        const NoiseWatch::Reading reading = watch.read();
        EXPECT_GE(reading.stealShare, 0);
        EXPECT_LE(reading.stealShare, 1);
        EXPECT_GE(reading.othersShare, 0);
        EXPECT_GE(reading.involuntarySwitches, 0);
        EXPECT_GE(reading.load1, 0);
    }
}

/// Threads of this process that do nothing but spin, as OpenMP's do between two kernels.
class SpinningThreads {
public:
    explicit SpinningThreads(unsigned count) {
        for (unsigned i = 0; i < count; ++i) {
            m_threads.emplace_back([this] {
                while (!m_stop) {
                }
            });
        }
    }
    ~SpinningThreads() {
        m_stop = true;
        for (std::thread& thread : m_threads)
            thread.join();
    }
    SpinningThreads(const SpinningThreads&) = delete;
    SpinningThreads& operator=(const SpinningThreads&) = delete;

private:
    std::atomic<bool> m_stop = false;
    std::vector<std::thread> m_threads;
};

/// What the protocol waits between two readings.
void waitForAWindow() {
    const auto begin = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(100)) {
    }
}

TEST(MachineTest, OwnSpinningIsNotNoise) {
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    const SpinningThreads spinning(cores - 1); // and this one
    NoiseWatch watch;
    for (int i = 0; i < 5; ++i) {
        // Other programs may be at work where this test runs; what we use they cannot.
        rusage before{}, after{};
        getrusage(RUSAGE_SELF, &before);
        const auto begin = std::chrono::steady_clock::now();
        waitForAWindow();
        const NoiseWatch::Reading reading = watch.read();
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        getrusage(RUSAGE_SELF, &after);
        const auto used = [](const timeval& from, const timeval& to) {
            return static_cast<double>(to.tv_sec - from.tv_sec) + static_cast<double>(to.tv_usec - from.tv_usec) * 1e-6;
        };
        const double own = (used(before.ru_utime, after.ru_utime) + used(before.ru_stime, after.ru_stime)) / seconds;
        EXPECT_LE(reading.othersShare, cores - own + 0.2) << own << " cores are our own";
    }
}

TEST(MachineTest, OneWindowSeesABusyProgramBesideAllOurThreads) {
    const test::BusyCores busy(1);
    ASSERT_EQ(busy.count(), 1U);
    const SpinningThreads spinning(std::max(1U, std::thread::hardware_concurrency()) - 1);
    NoiseWatch watch;
    for (int i = 0; i < 5; ++i) {
        waitForAWindow();
        const NoiseWatch::Reading reading = watch.read();
        EXPECT_STREQ(NoiseWatch::level(reading), "high") << reading.othersShare;
    }
}

TEST(MachineTest, LevelsOfNoise) {
    const auto level = [](double steal, double others, bool throttled = false) {
        NoiseWatch::Reading reading;
        reading.stealShare = steal;
        reading.othersShare = others;
        reading.throttled = throttled;
        return std::string_view(NoiseWatch::level(reading));
    };
    EXPECT_EQ(level(0, 0), "low");
    EXPECT_EQ(level(0.003, 0.02), "low");
    EXPECT_EQ(level(0.005, 0), "medium");
    EXPECT_EQ(level(0, 0.04), "medium");
    EXPECT_EQ(level(0.021, 0), "high");
    EXPECT_EQ(level(0, 0.16), "high");
    EXPECT_EQ(level(0, 0, true), "high");
}

TEST(MachineTest, PeakMemorySeesWhatWasUsedSinceTheReset) {
    base::keepFreedMemory(); // as in the programs: freed is not given back until the reset
    constexpr std::size_t size = std::size_t{64} << 20;
    {
        std::vector<char> large(size, 1); // touched, so resident
        EXPECT_GE(peakMemoryBytes(), static_cast<std::int64_t>(size));
    }
    resetPeakMemory();
    const std::int64_t before = peakMemoryBytes();
    EXPECT_GT(before, 0);
    std::vector<char> again(size, 1);
    EXPECT_GE(peakMemoryBytes(), before + static_cast<std::int64_t>(size) * 9 / 10);
}

} // namespace
} // namespace lathe::measure
