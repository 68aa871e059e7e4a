#include <core/runtime/cpu.h>

#include <cstdlib>
#include <fstream>
#include <string_view>

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
    if (mayUseAvx512() && __builtin_cpu_supports("amx-int8")) return "AVX-512 VNNI, AMX";
    if (mayUseAvx512()) return cpuHasVnni() ? "AVX-512 VNNI" : "AVX-512";
    if (__builtin_cpu_supports("avx2")) return "AVX2";
    return "no AVX2";
}

bool cpuHasAvx2() {
    static const bool has = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    return has;
}

bool mayUseAvx512() {
    static const bool may = [] {
        const char* limit = std::getenv("ATEN_CPU_CAPABILITY");
        const std::string_view atMost = limit == nullptr ? "" : limit;
        return __builtin_cpu_supports("avx512f") && atMost != "avx2" && atMost != "default";
    }();
    return may;
}

bool cpuHasBfloat16() { return mayUseAvx512() && (__builtin_cpu_supports("avx512bf16") || __builtin_cpu_supports("amx-bf16")); }

} // namespace lathe::runtime
