#include <core/transform/factorize/canonical_polyadic.h>

#include <cmath>

#include <gtest/gtest.h>

#include <core/transform/factorize/rank.h>
#include <core/transform/quantize/weight_error.h>
#include <tests/support/graphs.h>

namespace lathe::transform {
namespace {

float at(const Filters& filters, std::int64_t index) { return filters.values[static_cast<std::size_t>(index)]; }

/// What the factors compute one behind the other: Σ last[o, r] · kernel[r, k] · first[r, i], in each group.
std::vector<float> composed(const std::vector<Factor>& factors) {
    const Filters &first = factors[0].filters, &kernel = factors[1].filters, &last = factors[2].filters;
    std::vector<float> values;
    for (std::int64_t group = 0; group < last.groups; ++group) {
        for (std::int64_t o = 0; o < last.outputs; ++o) {
            for (std::int64_t i = 0; i < first.inputs; ++i) {
                for (std::int64_t k = 0; k < kernel.kernelSize(); ++k) {
                    double sum = 0;
                    for (std::int64_t r = 0; r < first.outputs; ++r) {
                        const std::int64_t term = group * first.outputs + r;
                        sum += static_cast<double>(at(last, (group * last.outputs + o) * first.outputs + r)) *
                               static_cast<double>(at(kernel, term * kernel.kernelSize() + k)) *
                               static_cast<double>(at(first, term * first.inputs + i));
                    }
                    values.push_back(static_cast<float>(sum));
                }
            }
        }
    }
    return values;
}

double energyOf(const Filters& filters) {
    double sum = 0;
    for (const float value : filters.values)
        sum += static_cast<double>(value) * static_cast<double>(value);
    return sum;
}

TEST(CanonicalPolyadic, FactorsMakeTheApproximationAndLoseAtMostWhatTheEnergiesSay) {
    for (const std::int64_t groups : {1, 2}) {
        const Filters layer = filtersOf(support::randomTensor({8, 6 / groups, 3, 3}, 9), groups, false);
        const auto found = makeCanonicalPolyadic(layer);
        const double all = energyOf(layer);
        double sum = 0;
        for (const double energy : found->energies())
            sum += energy;
        EXPECT_NEAR(sum, all, 1e-4 * all);
        double before = all;
        for (const std::int64_t rank : {std::int64_t{1}, std::int64_t{3}, std::int64_t{8}, found->largestRank()}) {
            EXPECT_LT(weightError(found->approximation(rank), composed(found->factors(rank))).noise, 1e-8 * all) << rank;
            const double lost = weightError(layer.values, found->approximation(rank)).noise;
            EXPECT_LE(lost, lostEnergy(*found, rank) * all + 1e-6 * all) << rank;
            EXPECT_LT(lost, before) << rank;
            before = lost;
        }
        EXPECT_LT(before, 1e-6 * all) << "all terms are the filters";
    }
}

/// Sums of terms that are not at right angles: the first guess needs more terms than there are, least squares find them.
TEST(CanonicalPolyadic, FindsTheTermsThatFiltersAreMadeOf) {
    constexpr std::int64_t rank = 3, outputs = 10, inputs = 7, kernel = 9;
    const auto a = support::randomTensor({outputs, rank}, 1).toFloats(), b = support::randomTensor({inputs, rank}, 2).toFloats(),
               c = support::randomTensor({kernel, rank}, 3).toFloats();
    Filters layer{1, outputs, inputs, {3, 3}, {}};
    for (std::size_t o = 0; o < outputs; ++o) {
        for (std::size_t i = 0; i < inputs; ++i) {
            for (std::size_t k = 0; k < kernel; ++k) {
                float sum = 0;
                for (std::size_t r = 0; r < rank; ++r)
                    sum += a[o * rank + r] * b[i * rank + r] * c[k * rank + r];
                layer.values.push_back(sum);
            }
        }
    }
    const auto found = makeCanonicalPolyadic(layer);
    const double lost = weightError(layer.values, found->approximation(rank)).noise, all = energyOf(layer);
    EXPECT_LT(lost, 1e-3 * all);
    EXPECT_LT(lost, 0.1 * lostEnergy(*found, rank) * all);
}

TEST(CanonicalPolyadic, OfFiltersThatAreZero) {
    const auto found = makeCanonicalPolyadic({1, 4, 3, {3}, std::vector<float>(36, 0)});
    for (const float value : found->approximation(2))
        EXPECT_EQ(value, 0);
}

TEST(CanonicalPolyadic, SizesAreThoseOfADepthwiseConvolutionBetweenTwoOfOnePlace) {
    const auto found = makeCanonicalPolyadic(filtersOf(support::randomTensor({8, 6, 3, 3}, 9), 1, false));
    const std::vector<Factor> sizes = found->sizes(5);
    EXPECT_EQ(sizes[0].filters.parameters(), 6 * 5);
    EXPECT_EQ(sizes[1].filters.groups, 5);
    EXPECT_EQ(sizes[1].filters.parameters(), 5 * 9);
    EXPECT_EQ(sizes[2].filters.parameters(), 5 * 8);
}

} // namespace
} // namespace lathe::transform
