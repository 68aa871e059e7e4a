#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

/// What fits into sums of 16 bits, whatever the inputs are (acc16_weights.h). A lane multiplies two weights at a time.
namespace lathe::runtime::acc16 {

inline constexpr int highest = 32767, range = 65535;

/// Of the weights that a lane sums, those of each sign by themselves.
struct Magnitudes {
    int positive = 0, negative = 0;

    void add(std::int8_t weight) { (weight < 0 ? negative : positive) += std::abs(weight); }
    void add(std::int8_t first, std::int8_t second) {
        add(first);
        add(second);
    }
    [[nodiscard]] int total() const { return positive + negative; }
    /// Can a sum of them stay within 16 bits from a start in the right place?
    [[nodiscard]] bool fit(int largestInput) const { return largestInput * total() <= range; }
    /// That start: the least value of the sum is as far above the lowest number of 16 bits as its largest is below the highest.
    [[nodiscard]] std::int16_t start(int largestInput) const {
        const int twice = largestInput * (negative - positive);
        return static_cast<std::int16_t>(twice >= 0 ? twice / 2 : -((1 - twice) / 2));
    }
};

/// Might one product of a pair of inputs with two of `weights`, which follow each other lane by lane, saturate (vpmaddubsw)?
[[nodiscard]] inline bool maySaturate(std::span<const std::int8_t> weights, int largestInput) {
    for (std::size_t at = 0; at < weights.size(); at += 2) {
        Magnitudes both;
        both.add(weights[at], weights[at + 1]);
        if (largestInput * std::max(both.positive, both.negative) > highest) return true;
    }
    return false;
}

/// Takes the halves of weights from them; `halves` becomes them. Neither saturates any more.
inline void halve(std::span<std::int8_t> weights, std::span<std::int8_t> halves) {
    for (std::size_t at = 0; at < weights.size(); ++at) {
        halves[at] = static_cast<std::int8_t>(weights[at] / 2);
        weights[at] = static_cast<std::int8_t>(weights[at] - halves[at]);
    }
}

} // namespace lathe::runtime::acc16
