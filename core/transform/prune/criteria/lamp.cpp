#include <core/transform/prune/criteria/lamp.h>

#include <algorithm>
#include <numeric>

#include <core/transform/prune/criteria/l2_norm.h>

namespace lathe::transform {

namespace {

std::vector<double> scores(const GroupWeights& weights) {
    const std::vector<double> squares = squaredNorms(weights);
    std::vector<std::size_t> order(squares.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t channel) { return squares[channel]; });
    std::vector<double> shares(squares.size(), 0);
    double sum = 0;
    for (std::size_t first = 0; first < order.size();) { // equal ones count for each other
        std::size_t last = first;
        for (; last < order.size() && squares[order[last]] == squares[order[first]]; ++last)
            sum += squares[order[last]];
        for (; first < last; ++first)
            shares[order[first]] = sum > 0 ? squares[order[first]] / sum : 0;
    }
    return shares;
}

} // namespace

const Criterion lamp{.ofWeights = &scores, .isComparable = true};

} // namespace lathe::transform
