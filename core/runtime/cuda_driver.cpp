#include <core/runtime/cuda_driver.h>

#include <array>

#include <dlfcn.h>

namespace lathe::runtime {

namespace {

// The driver's interface, as documented in "CUDA Driver API"; 0 is success everywhere.
using Init = int (*)(unsigned flags);
using DeviceCount = int (*)(int* count);
using DeviceName = int (*)(char* name, int length, int device);
using DeviceMemoryBytes = int (*)(std::size_t* bytes, int device);
using DeviceAttribute = int (*)(int* value, int attribute, int device);
constexpr int capabilityMajor = 75;
constexpr int capabilityMinor = 76;

template<class Function>
Function find(void* library, const char* name) {
    return reinterpret_cast<Function>(dlsym(library, name));
}

} // namespace

base::Result<std::vector<DeviceInfo>> cudaDevices() {
    const auto unavailable = [](const char* message) { return base::failure(base::ErrorCode::DeviceUnavailable, message); };
    void* library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library) return unavailable("No NVIDIA driver is installed on this machine.");
    const auto init = find<Init>(library, "cuInit");
    const auto count = find<DeviceCount>(library, "cuDeviceGetCount");
    const auto name = find<DeviceName>(library, "cuDeviceGetName");
    const auto memory = find<DeviceMemoryBytes>(library, "cuDeviceTotalMem_v2");
    const auto attribute = find<DeviceAttribute>(library, "cuDeviceGetAttribute");
    if (!init || !count || !name || !memory || !attribute) return unavailable("The NVIDIA driver of this machine is not complete.");
    int devices = 0;
    if (init(0) != 0 || count(&devices) != 0 || devices == 0) return unavailable("The NVIDIA driver finds no GPU on this machine.");
    std::vector<DeviceInfo> infos;
    for (int index = 0; index < devices; ++index) {
        std::array<char, 256> text{};
        std::size_t bytes = 0;
        int major = 0;
        int minor = 0;
        if (name(text.data(), static_cast<int>(text.size()) - 1, index) != 0 || memory(&bytes, index) != 0) continue;
        attribute(&major, capabilityMajor, index);
        attribute(&minor, capabilityMinor, index);
        infos.push_back({Device{Device::Kind::Cuda, index}, text.data(), static_cast<std::int64_t>(bytes),
                         "compute capability " + std::to_string(major) + "." + std::to_string(minor)});
    }
    return infos;
}

} // namespace lathe::runtime
