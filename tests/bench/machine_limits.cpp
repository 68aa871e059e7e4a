// What this machine can do at most: multiply-accumulates a second in float32, bfloat16 and int8 (products of large matrices by oneDNN), and
// bytes a second in memory and in each size of cache (copies):
//     machine_limits [THREADS]
// Each figure is the best of many short runs, since other programs only ever slow one down.
#include <cstdio>
#include <cstdlib>

#include <core/runtime/cpu.h>
#include <core/runtime/device.h>
#include <core/runtime/machine_limits.h>

int main(int argc, char** argv) {
    using namespace lathe;
    const int threads = argc > 1 ? std::atoi(argv[1]) : 1;
    runtime::setThreads(threads);
    const auto limits = runtime::measureMachineLimits(threads, 0.5);
    if (!limits) {
        std::fprintf(stderr, "machine_limits: %s\n", limits.error().text().c_str());
        return 1;
    }
    std::printf("%s, %s, %d thread(s)\n", runtime::cpuName().c_str(), runtime::cpuDetail().c_str(), threads);
    std::printf("float32  %8.0f GMAC/s\n", limits->float32MacsPerUs / 1e3);
    std::printf("bfloat16 %8.0f GMAC/s%s\n", limits->bfloat16MacsPerUs / 1e3, runtime::cpuHasBfloat16() ? "" : ", as float32");
    std::printf("int8     %8.0f GMAC/s\n", limits->int8MacsPerUs / 1e3);
    for (const auto& level : limits->copying)
        std::printf("copying within %6lld KiB %6.0f GB/s, one thread\n", static_cast<long long>(level.bytes / 1024),
                    level.bytesPerUs / 1e3);
    return 0;
}
