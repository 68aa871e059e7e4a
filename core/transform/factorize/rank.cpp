#include <core/transform/factorize/rank.h>

#include <numeric>

namespace lathe::transform {

std::int64_t parameters(const std::vector<Factor>& factors) {
    return std::accumulate(factors.begin(), factors.end(), std::int64_t{0},
                           [](std::int64_t sum, const Factor& factor) { return sum + factor.filters.parameters(); });
}

std::int64_t macs(const std::vector<Factor>& factors, const std::vector<std::int64_t>& inputs, const std::vector<std::int64_t>& outputs,
                  bool isTransposed) {
    // Every place that is written sums over one filter; of a transposed convolution every place that is read is spread over one.
    std::vector<std::int64_t> places = inputs;
    std::int64_t sum = 0;
    for (const Factor& factor : factors) {
        const std::int64_t before = tensor::elementCount(places);
        if (factor.kernel == Factor::Kernel::Whole) places = outputs;
        if (factor.kernel == Factor::Kernel::Rows) places[0] = outputs[0];
        if (factor.kernel == Factor::Kernel::Columns) places[1] = outputs[1];
        const bool countsReads = isTransposed && factor.kernel != Factor::Kernel::Point;
        sum += factor.filters.parameters() * (countsReads ? before : tensor::elementCount(places));
    }
    return sum;
}

std::int64_t rankForCost(const Factorization& factorization, const FactorCost& cost, double most) {
    std::int64_t low = 1, high = factorization.largestRank(); // the cost rises with the rank
    while (low < high) {
        const std::int64_t middle = low + (high - low + 1) / 2;
        if (static_cast<double>(cost(factorization.sizes(middle))) <= most) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

std::int64_t rankForEnergy(const Factorization& factorization, double share) {
    const std::vector<double>& energies = factorization.energies();
    const double mayGo = (1 - share) * std::accumulate(energies.begin(), energies.end(), 0.0);
    double lost = 0;
    std::int64_t rank = factorization.largestRank();
    while (rank > 1) {
        lost += energies[static_cast<std::size_t>(rank - 1)];
        if (lost > mayGo) break;
        --rank;
    }
    return rank;
}

double lostEnergy(const Factorization& factorization, std::int64_t rank) {
    const std::vector<double>& energies = factorization.energies();
    const double all = std::accumulate(energies.begin(), energies.end(), 0.0);
    return all > 0 ? std::accumulate(energies.begin() + rank, energies.end(), 0.0) / all : 0;
}

} // namespace lathe::transform
