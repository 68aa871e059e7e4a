#include <core/runtime/device.h>

#include <charconv>
#include <fstream>

#include <unistd.h>

#include <ATen/Parallel.h>

namespace lathe::runtime {

std::string text(const Device& device) { return device.kind == Device::Kind::Cpu ? "cpu" : "cuda:" + std::to_string(device.index); }

base::Result<Device> parseDevice(std::string_view text) {
    if (text == "cpu") return Device{};
    if (text == "cuda") return Device{Device::Kind::Cuda, 0};
    constexpr std::string_view prefix = "cuda:";
    if (text.starts_with(prefix)) {
        const std::string_view number = text.substr(prefix.size());
        int index = -1;
        const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), index);
        if (error == std::errc{} && end == number.data() + number.size() && index >= 0) return Device{Device::Kind::Cuda, index};
    }
    return base::failure(base::ErrorCode::InvalidArgument, "'" + std::string(text) + "' is not a device: use cpu, cuda or cuda:N.");
}

namespace {

std::string cpuName() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("model name")) {
            const std::size_t colon = line.find(": ");
            if (colon != std::string::npos) return line.substr(colon + 2);
        }
    }
    return "CPU";
}

std::string cpuDetail() {
    if (cpuHasVnni()) return "AVX-512 VNNI";
    if (__builtin_cpu_supports("avx512f")) return "AVX-512";
    if (__builtin_cpu_supports("avx2")) return "AVX2";
    return "no AVX2";
}

} // namespace

std::vector<DeviceInfo> availableDevices() {
    const auto memory = static_cast<std::int64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::int64_t>(sysconf(_SC_PAGE_SIZE));
    return {{Device{}, cpuName(), memory, cpuDetail()}};
}

base::Result<> requireDevice(const Device& device) {
    if (device.kind == Device::Kind::Cpu) return {};
    return base::failure(base::ErrorCode::DeviceUnavailable, "No GPU was found for " + text(device) + ".");
}

base::Result<> synchronize(const Device& device) {
    if (device.kind == Device::Kind::Cpu) return {};
    return requireDevice(device);
}

bool cpuHasVnni() { return __builtin_cpu_supports("avx512vnni"); }

void setThreads(int threads) { at::set_num_threads(threads); }
int threads() { return at::get_num_threads(); }

} // namespace lathe::runtime
