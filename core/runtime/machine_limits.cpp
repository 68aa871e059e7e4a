#include <core/runtime/machine_limits.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <limits>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include <core/runtime/cpu.h>
#include <core/runtime/onednn/packed_layer.h>

namespace lathe::runtime {

namespace {

using Clock = std::chrono::steady_clock;

/// The shortest run in microseconds, of those that fit into the time, but a few at least.
template<class Call>
double shortestUs(double seconds, const Call& call) {
    constexpr int fewest = 3;
    const Clock::time_point end = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    double best = std::numeric_limits<double>::infinity();
    for (int run = 0; run < fewest || Clock::now() < end; ++run) {
        const Clock::time_point begin = Clock::now();
        call();
        best = std::min(best, std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
    }
    return best;
}

base::Result<double> macsPerUs(Products products, int threads, double seconds) {
    const bool isInt8 = products == Products::Int8;
    constexpr std::int64_t rows = 1024, inputs = 1024, outputs = 1024;
    const std::size_t element = isInt8 ? 1 : sizeof(float);
    std::vector<std::uint8_t> weights(inputs * outputs * element), input(rows * inputs * element), result(rows * outputs * element);
    PackedLayerForm form;
    form.weightSizes = {outputs, inputs};
    form.isInt8 = form.givesBytes = isInt8;
    form.isBfloat16 = form.givesBfloat16 = products == Products::Bfloat16;
    if (isInt8) form.scales = {0.01F};
    PackedLayer layer(form, weights.data(), {});
    base::Result<> done;
    const double us = shortestUs(seconds, [&] {
        if (done) done = layer.run(std::vector<std::int64_t>{rows, inputs}, input.data(), result.data(), threads);
    });
    if (!done) return base::forward(done);
    return static_cast<double>(rows * inputs * outputs) / us;
}

/// Of a copy of half of so many bytes to the other half.
double copiedBytesPerUs(std::int64_t bytes, double seconds) {
    const auto half = static_cast<std::size_t>(bytes / 2);
    std::vector<std::uint8_t> buffer(2 * half);
    // Short ones several times, so that the clock's own time does not count.
    const std::size_t repeats = std::max<std::size_t>(1, (std::size_t{4} << 20) / buffer.size());
    const double us = shortestUs(seconds, [&] {
        for (std::size_t repeat = 0; repeat < repeats; ++repeat) {
            std::memcpy(buffer.data() + half, buffer.data(), half);
            buffer.front() = buffer.back(); // so that no copy is left out
        }
    });
    return static_cast<double>(buffer.size() * repeats) / us;
}

} // namespace

double MachineLimits::leastUs(std::int64_t macs, std::int64_t bytes, Products products) const {
    const auto fitting = std::ranges::find_if(copying, [&](const Copying& level) { return bytes <= level.bytes; });
    const double bytesPerUs = (fitting == copying.end() ? copying.back() : *fitting).bytesPerUs;
    const double macsPerUs = products == Products::Int8       ? int8MacsPerUs
                             : products == Products::Bfloat16 ? bfloat16MacsPerUs
                                                              : float32MacsPerUs;
    return std::max(static_cast<double>(macs) / macsPerUs, static_cast<double>(bytes) / bytesPerUs);
}

base::Result<MachineLimits> measureMachineLimits(int threads, double secondsEach) {
    MachineLimits limits;
    const std::pair<Products, double*> figures[] = {{Products::Float32, &limits.float32MacsPerUs},
                                                    {cpuHasBfloat16() ? Products::Bfloat16 : Products::Float32, &limits.bfloat16MacsPerUs},
                                                    {Products::Int8, &limits.int8MacsPerUs}};
    for (const auto& [products, figure] : figures) {
        const auto measured = macsPerUs(products, threads, secondsEach);
        if (!measured) return base::forward(measured);
        *figure = *measured;
    }
    constexpr std::array<std::int64_t, 4> kibibytes = {32, 512, 8 * 1024, 128 * 1024};
    for (std::size_t level = 0; level < kibibytes.size(); ++level) {
        const std::int64_t bytes = kibibytes[level] * 1024;
        limits.copying[level] = {bytes, copiedBytesPerUs(bytes, secondsEach)};
    }
    return limits;
}

base::Result<MachineLimits> machineLimits(int threads) {
    static std::mutex mutex;
    static std::map<int, MachineLimits> known;
    const std::lock_guard lock(mutex);
    if (const auto found = known.find(threads); found != known.end()) return found->second;
    constexpr double secondsEach = 0.03;
    const auto measured = measureMachineLimits(threads, secondsEach);
    if (measured) known[threads] = *measured;
    return measured;
}

} // namespace lathe::runtime
