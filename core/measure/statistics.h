#pragma once

#include <cstdint>
#include <random>
#include <span>

namespace lathe::measure {

/// Random numbers that are the same on every machine: the standard fixes what std::mt19937_64 draws, but not what its distributions make of
/// it.
class Random {
public:
    explicit Random(std::uint64_t seed) : m_engine(seed) {}
    /// Uniform in 0..bound-1; bound must not be 0.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound);

private:
    std::mt19937_64 m_engine;
};

/// Linear between the two neighbouring order statistics (type 7 of Hyndman & Fan 1996, the default of numpy and R). `sorted` ascending, not
/// empty; fraction in 0..1.
[[nodiscard]] double percentile(std::span<const double> sorted, double fraction);

/// Median of unsorted values, not empty; changes their order.
[[nodiscard]] double medianInPlace(std::span<double> values);

/// 0 for no values.
[[nodiscard]] double mean(std::span<const double> values);
/// Of a sample (divided by n - 1); 0 for fewer than two values.
[[nodiscard]] double standardDeviation(std::span<const double> values);

struct Interval {
    double low = 0, high = 0;
};

/// 95 % percentile interval of median(a) / median(b) from a moving block bootstrap (Künsch 1989; Efron & Tibshirani 1993, 13.3): whole runs
/// of neighbouring samples are drawn, since latencies of neighbouring calls are alike and single draws would make the interval too narrow.
/// A run is a 64th of the samples, at least their cube root. Values must be positive and both sets not empty. Time: bounded, at most about
/// 2 s for a million samples.
[[nodiscard]] Interval bootstrapRatioOfMedians(std::span<const double> a, std::span<const double> b, std::uint64_t seed);

} // namespace lathe::measure
