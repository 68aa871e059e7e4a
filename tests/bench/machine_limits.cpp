// What this machine can do at most: multiply-accumulates a second in float32 and int8 (products of large matrices by oneDNN), and bytes a
// second in memory and in each size of cache (copies):
//     machine_limits [THREADS]
// Each figure is the best of many short runs, since other programs only ever slow one down.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <core/runtime/cpu.h>
#include <core/runtime/device.h>
#include <core/runtime/onednn/packed_layer.h>

namespace {

using namespace lathe;

constexpr int runs = 40;

/// The shortest run, in seconds.
template<class Call>
double shortest(const Call& call) {
    double best = std::numeric_limits<double>::infinity();
    for (int run = 0; run < runs; ++run) {
        const auto begin = std::chrono::steady_clock::now();
        call();
        best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    }
    return best;
}

/// Billions of multiply-accumulates a second.
double product(bool isInt8, int threads) {
    constexpr std::int64_t rows = 1024, inputs = 1024, outputs = 1024;
    const std::size_t element = isInt8 ? 1 : sizeof(float);
    std::vector<std::uint8_t> weights(inputs * outputs * element), input(rows * inputs * element), result(rows * outputs * element);
    runtime::PackedLayerForm form;
    form.weightSizes = {outputs, inputs};
    form.isInt8 = form.givesBytes = isInt8;
    if (isInt8) form.scales = {0.01F};
    runtime::PackedLayer layer(form, weights.data(), {});
    const double seconds = shortest([&] {
        if (const auto done = layer.run(std::vector<std::int64_t>{rows, inputs}, input.data(), result.data(), threads); !done) {
            std::fprintf(stderr, "machine_limits: %s\n", done.error().message.c_str());
            std::exit(1);
        }
    });
    return 1e-9 * rows * inputs * outputs / seconds;
}

/// Billions of bytes read and written a second, by a copy of half of so many bytes to the other half.
double copying(std::size_t bytes) {
    std::vector<std::uint8_t> buffer(bytes);
    const std::size_t repeats = std::max<std::size_t>(1, (std::size_t{4} << 20) / bytes);
    const double seconds = shortest([&] {
        for (std::size_t repeat = 0; repeat < repeats; ++repeat) {
            std::memcpy(buffer.data() + bytes / 2, buffer.data(), bytes / 2);
            buffer[0] = buffer[bytes - 1]; // so that no copy is left out
        }
    });
    return 1e-9 * static_cast<double>(bytes * repeats) / seconds;
}

} // namespace

int main(int argc, char** argv) {
    const int threads = argc > 1 ? std::atoi(argv[1]) : 1;
    runtime::setThreads(threads);
    std::printf("%s, %s, %d thread(s)\n", runtime::cpuName().c_str(), runtime::cpuDetail().c_str(), threads);
    std::printf("float32 %8.0f GMAC/s\n", product(false, threads));
    std::printf("int8    %8.0f GMAC/s\n", product(true, threads));
    for (const std::size_t kibibytes : {32, 512, 8 * 1024, 256 * 1024})
        std::printf("copying within %6zu KiB %6.0f GB/s, one thread\n", kibibytes, copying(kibibytes * 1024));
    return 0;
}
