#include <core/runtime/device.h>

#include <charconv>
#include <chrono>
#include <optional>

#include <unistd.h>

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/Event.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <core/runtime/cpu.h>
#include <core/runtime/cuda_driver.h>
#include <core/runtime/cuda_plugin.h>

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
    return base::failure(base::ErrorCode::InvalidArgument, {"device.isNone", {{"device", std::string(text)}}});
}

std::vector<DeviceInfo> availableDevices() {
    const auto memory = static_cast<std::int64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::int64_t>(sysconf(_SC_PAGE_SIZE));
    std::vector<DeviceInfo> devices = {{Device{}, cpuName(), memory, cpuDetail()}};
    if (const auto gpus = cudaDevices()) devices.insert(devices.end(), gpus->begin(), gpus->end());
    return devices;
}

namespace {

/// Runs a call into PyTorch's CUDA back end.
template<class Call>
base::Result<> onDevice(const Device& device, Call call) {
    try {
        call(at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(device.index)));
        return {};
    } catch (const c10::Error& error) {
        const std::string message = error.what_without_backtrace();
        return base::failure(base::ErrorCode::DeviceUnavailable,
                             {"device.failed", {{"device", text(device)}, {"reason", message.substr(0, message.find('\n'))}}});
    } catch (const std::exception& error) {
        return base::failure(base::ErrorCode::DeviceUnavailable, {"device.failed", {{"device", text(device)}, {"reason", error.what()}}});
    }
}

} // namespace

base::Result<> requireDevice(const Device& device) {
    if (device.kind == Device::Kind::Cpu) return {};
    const auto gpus = cudaDevices();
    if (!gpus) return base::forward(gpus);
    const auto count = static_cast<int>(gpus->size());
    if (device.index >= count) {
        return base::failure(base::ErrorCode::DeviceUnavailable, base::Message(count == 1 ? "device.oneGpu" : "device.severalGpus",
                                                                               {{"device", text(device)}, {"count", count}}));
    }
    if (auto loaded = loadCudaPlugin(); !loaded) return loaded;
    return onDevice(device, [](at::Device) { at::globalContext().lazyInitDevice(at::kCUDA); });
}

base::Result<> synchronize(const Device& device) {
    if (device.kind == Device::Kind::Cpu) return {};
    if (auto required = requireDevice(device); !required) return required;
    return onDevice(device, [](at::Device gpu) { c10::impl::VirtualGuardImpl(gpu.type()).synchronizeDevice(gpu.index()); });
}

base::Result<DeviceMemory> deviceMemory(const Device& device) {
    if (device.kind == Device::Kind::Cpu)
        return base::failure(base::ErrorCode::Unsupported, "The memory of the CPU is that of the process.");
    if (auto required = requireDevice(device); !required) return base::forward(required);
    DeviceMemory memory;
    auto read = onDevice(device, [&](at::Device gpu) {
        const auto stats = c10::getDeviceAllocator(gpu.type())->getDeviceStats(gpu.index());
        const auto& bytes = stats.allocated_bytes[static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE)];
        memory = {bytes.current, bytes.peak};
    });
    if (!read) return base::forward(read);
    return memory;
}

base::Result<> resetPeakMemory(const Device& device) {
    if (auto memory = deviceMemory(device); !memory) return base::forward(memory);
    return onDevice(device, [](at::Device gpu) { c10::getDeviceAllocator(gpu.type())->resetPeakStats(gpu.index()); });
}

struct DeviceTimer::Impl {
    at::Device device = at::kCPU;
    std::chrono::steady_clock::time_point begin;
    std::optional<c10::Event> beginEvent;

    c10::Event record() const {
        c10::Event event(device.type(), c10::EventFlag::BACKEND_DEFAULT);
        event.record(c10::impl::VirtualGuardImpl(device.type()).getStream(device));
        return event;
    }
};

DeviceTimer::DeviceTimer(const Device& device) : m_impl(std::make_unique<Impl>()) {
    if (device.kind == Device::Kind::Cuda) m_impl->device = at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(device.index));
}
DeviceTimer::DeviceTimer(DeviceTimer&&) noexcept = default;
DeviceTimer& DeviceTimer::operator=(DeviceTimer&&) noexcept = default;
DeviceTimer::~DeviceTimer() = default;

void DeviceTimer::start() {
    if (m_impl->device.is_cpu())
        m_impl->begin = std::chrono::steady_clock::now();
    else
        m_impl->beginEvent.emplace(m_impl->record());
}

double DeviceTimer::stopMs() {
    if (m_impl->device.is_cpu()) return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - m_impl->begin).count();
    const c10::Event end = m_impl->record();
    end.synchronize();
    return m_impl->beginEvent->elapsedTime(end);
}

bool cpuHasVnni() { return mayUseAvx512() && __builtin_cpu_supports("avx512vnni"); }

void setThreads(int threads) { at::set_num_threads(threads); }
int threads() { return at::get_num_threads(); }

} // namespace lathe::runtime
