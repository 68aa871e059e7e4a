#include <core/transform/factorize/tucker.h>

#include <gtest/gtest.h>

#include <core/transform/quantize/weight_error.h>
#include <tests/support/graphs.h>

namespace lathe::transform {
namespace {

/// What the factors compute one behind the other: Σ last[o, r] · core[r, s, k] · first[s, i].
std::vector<float> composed(const std::vector<Factor>& factors) {
    const Filters &first = factors[0].filters, &core = factors[1].filters, &last = factors[2].filters;
    std::vector<float> values;
    const std::int64_t kernel = core.kernelSize();
    for (std::int64_t o = 0; o < last.outputs; ++o) {
        for (std::int64_t i = 0; i < first.inputs; ++i) {
            for (std::int64_t k = 0; k < kernel; ++k) {
                double sum = 0;
                for (std::int64_t r = 0; r < core.outputs; ++r) {
                    for (std::int64_t s = 0; s < core.inputs; ++s) {
                        const auto at = [](const Filters& filters, std::int64_t index) {
                            return static_cast<double>(filters.values[static_cast<std::size_t>(index)]);
                        };
                        sum +=
                            at(last, o * core.outputs + r) * at(core, (r * core.inputs + s) * kernel + k) * at(first, s * first.inputs + i);
                    }
                }
                values.push_back(static_cast<float>(sum));
            }
        }
    }
    return values;
}

TEST(Tucker, FactorsMakeTheApproximationAndRoundsMakeItBetter) {
    const Filters layer = filtersOf(support::randomTensor({8, 6, 3, 3}, 9), 1, false);
    const auto guess = makeTucker(layer, 0), improved = makeTucker(layer, 4);
    for (const std::int64_t rank : {1, 3, 5}) {
        EXPECT_LT(weightError(guess->approximation(rank), composed(guess->factors(rank))).noise, 1e-8);
        const double before = weightError(layer.values, guess->approximation(rank)).noise;
        const double after = weightError(layer.values, improved->approximation(rank)).noise;
        EXPECT_LT(after, before) << rank;
    }
}

TEST(Tucker, FindsFewInputsByTheirEnergy) {
    // Six inputs of which only two say something, five outputs that are sums of two.
    Filters layer{1, 5, 6, {3}, std::vector<float>(90, 0)};
    for (std::size_t o = 0; o < 5; ++o) {
        for (std::size_t k = 0; k < 3; ++k) {
            layer.values[(o * 6 + 1) * 3 + k] = static_cast<float>((o + 1) * (k + 1));
            layer.values[(o * 6 + 4) * 3 + k] = static_cast<float>(o * o * k + 1);
        }
    }
    const auto found = makeTucker(layer, 1);
    EXPECT_EQ(found->sizes(5)[0].filters.outputs, 2);
    EXPECT_LT(weightError(layer.values, found->approximation(3)).noise, 1e-6);
}

} // namespace
} // namespace lathe::transform
