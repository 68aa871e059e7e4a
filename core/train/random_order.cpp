#include <core/train/random_order.h>

#include <numeric>
#include <utility>

namespace lathe::train {

std::mt19937_64 epochRandom(std::int64_t seed, int epoch) {
    const auto bits = static_cast<std::uint64_t>(seed);
    std::seed_seq sequence{static_cast<std::uint32_t>(bits), static_cast<std::uint32_t>(bits >> 32), static_cast<std::uint32_t>(epoch)};
    return std::mt19937_64(sequence);
}

double uniform(std::mt19937_64& random) { return static_cast<double>(random() >> 11) * 0x1p-53; }

std::vector<std::int64_t> randomOrder(std::int64_t count, std::mt19937_64& random) {
    std::vector<std::int64_t> order(static_cast<std::size_t>(count));
    std::iota(order.begin(), order.end(), 0);
    for (std::size_t last = order.size(); last > 1; --last) {
        std::swap(order[last - 1], order[static_cast<std::size_t>(uniform(random) * static_cast<double>(last))]);
    }
    return order;
}

} // namespace lathe::train
