#include <core/measure/machine.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>

#include <malloc.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace lathe::measure {
namespace {

constexpr const char* notAvailable = "not available";

std::string firstLine(const std::filesystem::path& file) {
    std::string line;
    std::ifstream stream(file);
    std::getline(stream, line);
    return line.empty() ? notAvailable : line;
}

/// Of "key : value" or "key=value" lines, as in /proc/cpuinfo and /etc/os-release; quotes are taken off.
std::string valueOf(const std::filesystem::path& file, std::string_view key, char separator) {
    std::ifstream stream(file);
    for (std::string line; std::getline(stream, line);) {
        const std::size_t at = line.find(separator);
        if (at == std::string::npos || !line.starts_with(key)) continue;
        if (line.find_first_not_of(" \t", key.size()) != at) continue;
        const std::size_t begin = line.find_first_not_of(" \t\"", at + 1);
        if (begin == std::string::npos) return notAvailable;
        return line.substr(begin, line.find_last_not_of(" \t\"") - begin + 1);
    }
    return notAvailable;
}

/// "VmHWM: 1234 kB" in bytes; 0 when it cannot be read.
std::int64_t kibibytesOf(const char* file, std::string_view key) {
    std::int64_t value = 0;
    std::istringstream(valueOf(file, key, ':')) >> value;
    return value * 1024;
}

std::string frequencyMhz() {
    const std::string kilohertz = firstLine("/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq");
    if (std::int64_t value = 0; std::istringstream(kilohertz) >> value) return std::to_string(value / 1000);
    return valueOf("/proc/cpuinfo", "cpu MHz", ':');
}

/// How often any core was slowed down because of heat.
std::int64_t throttleCount() {
    std::int64_t sum = 0;
    for (unsigned cpu = 0; cpu < std::thread::hardware_concurrency(); ++cpu) {
        std::ifstream stream("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/thermal_throttle/core_throttle_count");
        if (std::int64_t count = 0; stream >> count) sum += count;
    }
    return sum;
}

/// Lines "cpu0 …", "cpu1 …" of /proc/stat.
unsigned countedCores() {
    std::ifstream stat("/proc/stat");
    unsigned count = 0;
    for (std::string line; std::getline(stat, line);)
        if (line.starts_with("cpu") && line.size() > 3 && line[3] != ' ') ++count;
    return std::max(1U, count);
}

} // namespace

Environment machineEnvironment() {
    Environment environment;
    const std::string flags = valueOf("/proc/cpuinfo", "flags", ':');
    environment["cpu"] = valueOf("/proc/cpuinfo", "model name", ':');
    environment["cpu_flags"] = flags;
    environment["cores"] = std::to_string(std::thread::hardware_concurrency());
    const std::int64_t memory = kibibytesOf("/proc/meminfo", "MemTotal");
    environment["memory_bytes"] = memory > 0 ? std::to_string(memory) : notAvailable;
    utsname system{};
    environment["kernel"] = uname(&system) == 0 ? std::string(system.sysname) + " " + system.release : notAvailable;
    environment["governor"] = firstLine("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
    environment["frequency_mhz"] = frequencyMhz();
    if (flags == notAvailable)
        environment["virtualized"] = notAvailable;
    else
        environment["virtualized"] = (" " + flags + " ").find(" hypervisor ") != std::string::npos ? "yes" : "no";
    environment["os"] = valueOf("/etc/os-release", "PRETTY_NAME", '=');
    environment["lathe"] = LATHE_VERSION;
    return environment;
}

NoiseWatch::NoiseWatch() : m_cores(countedCores()) { (void)read(); }

NoiseWatch::Reading NoiseWatch::read() {
    // man 5 proc: user nice system idle iowait irq softirq steal guest guest_nice, in clock ticks.
    std::ifstream stat("/proc/stat");
    std::string name;
    std::uint64_t user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0;
    stat >> name >> user >> nice >> system >> idle >> iowait >> irq >> softirq >> steal;
    const auto now = std::chrono::steady_clock::now();
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6; };
    const double own = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    const std::int64_t throttles = throttleCount();

    Reading reading;
    const double elapsed = std::chrono::duration<double>(now - m_at).count();
    // Where /proc/stat is a dummy (some containers) nothing is known.
    const bool isCounting = user + nice + system + idle > 0;
    if (isCounting && elapsed > 0 && m_at != std::chrono::steady_clock::time_point()) {
        // Each counter of ticks is rounded by itself: what is not idle is taken from the clock, so that only one rounding enters. As
        // doubles: the kernel lets iowait go backwards now and then.
        const auto since = [](std::uint64_t after, std::uint64_t before) {
            return (static_cast<double>(after) - static_cast<double>(before)) / static_cast<double>(sysconf(_SC_CLK_TCK));
        };
        const double all = elapsed * m_cores;
        const double stolen = std::max(0.0, since(steal, m_steal));
        const double others = std::max(0.0, all - since(idle + iowait, m_idle) - stolen - (own - m_own));
        reading.stealShare = std::min(1.0, stolen / all);
        reading.othersShare = others / elapsed;
    }
    reading.involuntarySwitches = usage.ru_nivcsw - m_switches;
    reading.throttled = throttles > m_throttles;
    std::ifstream("/proc/loadavg") >> reading.load1;

    m_at = now;
    m_idle = idle + iowait;
    m_steal = steal;
    m_own = own;
    m_switches = usage.ru_nivcsw;
    m_throttles = throttles;
    return reading;
}

const char* NoiseWatch::level(const Reading& reading) {
    if (reading.throttled || reading.stealShare > highStealShare || reading.othersShare > highOthersShare) return "high";
    if (reading.stealShare > highStealShare / 5 || reading.othersShare > highOthersShare / 5) return "medium";
    return "low";
}

void resetPeakMemory() {
    ::malloc_trim(0);
    std::ofstream("/proc/self/clear_refs") << "5";
}

std::int64_t peakMemoryBytes() { return kibibytesOf("/proc/self/status", "VmHWM"); }

} // namespace lathe::measure
