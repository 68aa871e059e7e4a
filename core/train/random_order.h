#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace lathe::train {

/// The random numbers of one epoch. They depend on seed and epoch only, so that a resumed training goes on as if it had never stopped.
[[nodiscard]] std::mt19937_64 epochRandom(std::int64_t seed, int epoch);

/// A number in 0 ≤ x < 1 with 53 random bits. Unlike the distributions of <random>, the same with every standard library.
[[nodiscard]] double uniform(std::mt19937_64& random);

/// 0 … count − 1 in random order (Fisher-Yates).
[[nodiscard]] std::vector<std::int64_t> randomOrder(std::int64_t count, std::mt19937_64& random);

} // namespace lathe::train
