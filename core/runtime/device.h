#pragma once

#include <cstdint>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <core/base/result.h>

namespace lathe::runtime {

/// "cpu", or "cuda:N".
struct Device {
    enum class Kind { Cpu, Cuda } kind = Kind::Cpu;
    int index = 0;
    bool operator==(const Device&) const = default;
};
[[nodiscard]] std::string text(const Device& device);
/// "cpu", "cuda", "cuda:1". InvalidArgument for anything else.
[[nodiscard]] base::Result<Device> parseDevice(std::string_view text);

struct DeviceInfo {
    Device device;
    std::string name; ///< "AMD EPYC …", "NVIDIA H100 80GB HBM3"
    std::int64_t memoryBytes = 0;
    std::string detail; ///< CPU: "AVX2", "AVX-512 VNNI"; GPU: "compute capability 9.0"
};
/// The CPU always; GPUs when the CUDA plug-in loads and finds some.
[[nodiscard]] std::vector<DeviceInfo> availableDevices();
/// Loads the CUDA plug-in on first use. DeviceUnavailable with the reason (no driver, no plug-in, no such index).
[[nodiscard]] base::Result<> requireDevice(const Device& device);

/// Waits until everything that was started on the device is done; on the CPU nothing runs behind the caller's back.
[[nodiscard]] base::Result<> synchronize(const Device& device);

/// Memory of a GPU that tensors hold, as PyTorch's allocator counts it.
struct DeviceMemory {
    std::int64_t allocatedBytes = 0;
    std::int64_t peakBytes = 0; ///< since the start or resetPeakMemory
};
/// Unsupported for the CPU, whose memory is that of the process.
[[nodiscard]] base::Result<DeviceMemory> deviceMemory(const Device& device);
[[nodiscard]] base::Result<> resetPeakMemory(const Device& device);

/// Milliseconds between two points: on a GPU by events on its current stream, so that only the device's own time counts; on the CPU by the
/// clock.
class DeviceTimer {
public:
    explicit DeviceTimer(const Device& device);
    DeviceTimer(DeviceTimer&&) noexcept;
    DeviceTimer& operator=(DeviceTimer&&) noexcept;
    ~DeviceTimer();
    void start();
    /// Waits for the device.
    [[nodiscard]] double stopMs();

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// Has this CPU an 8-bit dot product that sums into 32 bits without saturating in between, and do FBGEMM's kernels use it (AVX-512 VNNI)?
[[nodiscard]] bool cpuHasVnni();

/// Threads that kernels use, for the whole process. Call before the first plan runs.
void setThreads(int threads);
[[nodiscard]] int threads();

} // namespace lathe::runtime
