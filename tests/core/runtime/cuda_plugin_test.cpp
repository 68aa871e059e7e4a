#include <core/runtime/cuda_plugin.h>

#include <gtest/gtest.h>

#include <core/runtime/cuda_driver.h>

namespace lathe::runtime {
namespace {

/// Holds on machines with and without GPU, with and without plug-in: it works, or says why in one sentence.
template<class T>
void expectSuccessOrSentence(const base::Result<T>& result) {
    if (result) return;
    EXPECT_EQ(result.error().code, base::ErrorCode::DeviceUnavailable);
    EXPECT_EQ(result.error().message.text().find('\n'), std::string::npos);
    EXPECT_EQ(result.error().message.text().back(), '.') << result.error().message;
}

TEST(CudaDriver, ListsGpusOrSaysWhyThereAreNone) {
    const auto devices = cudaDevices();
    expectSuccessOrSentence(devices);
    if (!devices) return;
    ASSERT_FALSE(devices->empty());
    for (const DeviceInfo& info : *devices) {
        EXPECT_EQ(info.device.kind, Device::Kind::Cuda);
        EXPECT_FALSE(info.name.empty());
        EXPECT_GT(info.memoryBytes, 0);
    }
}

TEST(CudaPlugin, LoadsOrSaysWhyNotAndAlwaysTheSame) {
    const auto first = loadCudaPlugin();
    const auto second = loadCudaPlugin();
    expectSuccessOrSentence(first);
    EXPECT_EQ(first.has_value(), second.has_value());
    EXPECT_EQ(cudaPlugin() != nullptr, first.has_value());
    if (first)
        EXPECT_EQ(cudaPlugin()->version, latheCudaVersion);
    else
        EXPECT_EQ(first.error().message, second.error().message);
}

TEST(DeviceMemory, OfTheCpuIsThatOfTheProcess) {
    const auto memory = deviceMemory(Device{});
    ASSERT_FALSE(memory);
    EXPECT_EQ(memory.error().code, base::ErrorCode::Unsupported);
}

TEST(DeviceTimer, MeasuresTheClockOnTheCpu) {
    DeviceTimer timer(Device{});
    timer.start();
    const double first = timer.stopMs();
    const double second = timer.stopMs();
    EXPECT_GE(first, 0);
    EXPECT_GE(second, first);
}

} // namespace
} // namespace lathe::runtime
