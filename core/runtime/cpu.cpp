#include <core/runtime/cpu.h>

#include <fstream>

#include <core/runtime/device.h>

namespace lathe::runtime {

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

} // namespace lathe::runtime
