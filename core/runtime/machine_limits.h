#pragma once

#include <array>
#include <cstdint>

#include <core/base/result.h>

namespace lathe::runtime {

/// What a multiplication is of.
enum class Products { Float32, Bfloat16, Int8 };

/// What this machine can do at most with so many threads: the ceilings of the roofline model (S. Williams, A. Waterman, D. Patterson:
/// Roofline, CACM 52 (4), 2009).
struct MachineLimits {
    /// Multiply-accumulates a microsecond, of oneDNN's products of large matrices; where the CPU does not multiply bfloat16 those of
    /// float32, which then take their place.
    double float32MacsPerUs = 0, bfloat16MacsPerUs = 0, int8MacsPerUs = 0;
    /// Bytes read and written a microsecond by copies within so many bytes, one thread.
    struct Copying {
        std::int64_t bytes = 0;
        double bytesPerUs = 0;
    };
    std::array<Copying, 4> copying; ///< ascending: about one for each cache, and memory

    /// The least time in microseconds for so many multiply-accumulates and bytes that are read or written once.
    [[nodiscard]] double leastUs(std::int64_t macs, std::int64_t bytes, Products products) const;
};

/// Measures them, `secondsEach` for each of the seven figures, which is the best of what ran in that time: other programs only slow one
/// down. Errors: those of oneDNN.
[[nodiscard]] base::Result<MachineLimits> measureMachineLimits(int threads, double secondsEach);
/// Measured when first asked for, a few tenths of a second, and the same until the program ends.
[[nodiscard]] base::Result<MachineLimits> machineLimits(int threads);

} // namespace lathe::runtime
