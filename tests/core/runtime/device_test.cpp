#include <core/runtime/device.h>

#include <gtest/gtest.h>

namespace lathe::runtime {
namespace {

TEST(Device, NamesAreReadAndWritten) {
    EXPECT_EQ(parseDevice("cpu").value(), Device{});
    EXPECT_EQ(parseDevice("cuda").value(), (Device{Device::Kind::Cuda, 0}));
    EXPECT_EQ(parseDevice("cuda:3").value(), (Device{Device::Kind::Cuda, 3}));
    EXPECT_EQ(text(Device{Device::Kind::Cuda, 3}), "cuda:3");
    EXPECT_EQ(text(Device{}), "cpu");
}

TEST(Device, OtherNamesAreRefused) {
    for (const char* wrong : {"", "gpu", "cuda:", "cuda:-1", "cuda:1x", "CPU", "cuda:99999999999"}) {
        const auto device = parseDevice(wrong);
        ASSERT_FALSE(device) << wrong;
        EXPECT_EQ(device.error().code, base::ErrorCode::InvalidArgument);
        EXPECT_NE(device.error().message.text().find("'" + std::string(wrong) + "'"), std::string::npos);
    }
}

TEST(Device, TheCpuIsAlwaysThere) {
    const auto devices = availableDevices();
    ASSERT_FALSE(devices.empty());
    EXPECT_EQ(devices[0].device, Device{});
    EXPECT_FALSE(devices[0].name.empty());
    EXPECT_GT(devices[0].memoryBytes, 0);
    EXPECT_TRUE(requireDevice(Device{}));
    EXPECT_TRUE(synchronize(Device{}));
}

TEST(Device, AGpuThatIsNotThereIsOneSentence) {
    const auto missing = requireDevice(Device{Device::Kind::Cuda, 63});
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, base::ErrorCode::DeviceUnavailable);
    EXPECT_EQ(missing.error().message.text().back(), '.');
    EXPECT_EQ(missing.error().message.text().find('\n'), std::string::npos);
}

TEST(Device, ThreadsAreSet) {
    const int before = threads();
    setThreads(1);
    EXPECT_EQ(threads(), 1);
    setThreads(before);
    EXPECT_EQ(threads(), before);
}

} // namespace
} // namespace lathe::runtime
