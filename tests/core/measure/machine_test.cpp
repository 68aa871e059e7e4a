#include <core/measure/machine.h>

#include <cstddef>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <core/base/memory.h>

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
