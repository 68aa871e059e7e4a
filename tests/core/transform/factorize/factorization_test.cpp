#include <core/transform/factorize/factorization.h>

#include <numeric>

#include <gtest/gtest.h>

#include <core/transform/factorize/rank.h>
#include <core/transform/quantize/weight_error.h>
#include <tests/support/graphs.h>
#include <tests/support/singular_values.h>

namespace lathe::transform {
namespace {

Filters filters(std::int64_t groups) { return filtersOf(support::randomTensor({groups * 6, 4, 3, 3}, 7), groups, false); }

constexpr std::array methods{FactorizationMethod::Channel, FactorizationMethod::ChannelInFront, FactorizationMethod::Spatial,
                             FactorizationMethod::Tucker};

TEST(Factorization, OfFullRankIsTheLayerAndTheErrorFallsWithTheRank) {
    for (const FactorizationMethod method : methods) {
        for (const std::int64_t groups : {1, 3}) {
            const Filters layer = filters(groups);
            const auto factorization = factorize(layer, method);
            double before = std::numeric_limits<double>::infinity();
            for (std::int64_t rank = 1; rank <= factorization->largestRank(); ++rank) {
                const double noise = weightError(layer.values, factorization->approximation(rank)).noise;
                EXPECT_LE(noise, before + 1e-6);
                before = noise;
                const auto sizes = factorization->sizes(rank), factors = factorization->factors(rank);
                ASSERT_EQ(sizes.size(), factors.size());
                for (std::size_t i = 0; i < sizes.size(); ++i)
                    EXPECT_EQ(std::ssize(factors[i].filters.values), sizes[i].filters.parameters());
            }
            EXPECT_NEAR(before, 0, 1e-8) << static_cast<int>(method);
        }
    }
}

/// A slow reference: the filters as a matrix in the order of the method, its singular values by Jacobi's rotations.
TEST(Factorization, LosesWhatTheSingularValuesSay) {
    const Filters layer = filters(1); // [6, 4, 3, 3]
    const auto matrix = [&](FactorizationMethod method) {
        std::vector<double> values;
        const auto at = [&](std::size_t o, std::size_t i, std::size_t h, std::size_t w) {
            return static_cast<double>(layer.values[((o * 4 + i) * 3 + h) * 3 + w]);
        };
        for (std::size_t o = 0; o < 6; ++o) {
            for (std::size_t a = 0; a < (method == FactorizationMethod::Channel   ? 1U
                                         : method == FactorizationMethod::Spatial ? 3U
                                                                                  : 9U);
                 ++a) {
                for (std::size_t i = 0; i < 4; ++i) {
                    if (method == FactorizationMethod::ChannelInFront) values.push_back(at(o, i, a / 3, a % 3));
                    if (method == FactorizationMethod::Spatial) {
                        for (std::size_t h = 0; h < 3; ++h)
                            values.push_back(at(o, i, h, a));
                    }
                    for (std::size_t k = 0; method == FactorizationMethod::Channel && k < 9; ++k)
                        values.push_back(at(o, i, k / 3, k % 3));
                }
            }
        }
        return values;
    };
    const std::vector<std::pair<FactorizationMethod, std::size_t>> cases{
        {FactorizationMethod::Channel, 36}, {FactorizationMethod::ChannelInFront, 4}, {FactorizationMethod::Spatial, 12}};
    for (const auto& [method, columns] : cases) {
        const auto squares = support::squaredSingularValues(matrix(method), 216 / columns, columns);
        const auto factorization = factorize(layer, method);
        ASSERT_EQ(factorization->energies().size(), squares.size());
        for (const std::int64_t rank : {1, 2, 3}) {
            const double tail = std::accumulate(squares.begin() + rank, squares.end(), 0.0);
            EXPECT_NEAR(weightError(layer.values, factorization->approximation(rank)).noise, tail, 1e-4);
            EXPECT_NEAR(lostEnergy(*factorization, rank), tail / std::accumulate(squares.begin(), squares.end(), 0.0), 1e-6);
        }
    }
}

/// The outputs keep their mean, and vary as much as the rank allows.
TEST(Factorization, TheBiasKeepsTheMeanOfTheOutputs) {
    const Filters layer = filtersOf(support::randomTensor({5, 8}, 3), 1, false);
    const std::vector<float> bias{1, 2, 3, 4, 5};
    std::vector<float> inputs = support::randomTensor({300, 8}, 4).toFloats(), outputs;
    for (float& value : inputs)
        value += 2;
    const auto compute = [&](const std::vector<float>& weight, const std::vector<float>& added) {
        std::vector<float> result;
        for (std::size_t sample = 0; sample < 300; ++sample) {
            for (std::size_t row = 0; row < 5; ++row) {
                double sum = static_cast<double>(added[row]);
                for (std::size_t i = 0; i < 8; ++i)
                    sum += static_cast<double>(weight[row * 8 + i]) * static_cast<double>(inputs[sample * 8 + i]);
                result.push_back(static_cast<float>(sum));
            }
        }
        return result;
    };
    outputs = compute(layer.values, bias);
    SecondMoment ofOutputs, ofInputs;
    ofOutputs.add(tensor::Tensor::of({300, 5}, outputs), 1);
    ofInputs.add(tensor::Tensor::of({300, 8}, inputs), 1);
    const auto plain = factorize(layer, FactorizationMethod::Channel);
    EXPECT_FALSE(plain->bias(2));
    for (const LayerMoments& moments : {LayerMoments{&ofOutputs, nullptr, bias}, LayerMoments{nullptr, &ofInputs, bias}}) {
        const auto factorization = factorize(layer, FactorizationMethod::Channel, moments);
        const auto made = compute(factorization->approximation(2), factorization->bias(2).value());
        for (std::size_t row = 0; row < 5; ++row) {
            double difference = 0;
            for (std::size_t sample = 0; sample < 300; ++sample)
                difference += static_cast<double>(made[sample * 5 + row]) - static_cast<double>(outputs[sample * 5 + row]);
            EXPECT_NEAR(difference / 300, 0, 1e-4);
        }
        EXPECT_LT(weightError(outputs, made).noise, 0.8 * weightError(outputs, compute(plain->approximation(2), bias)).noise);
    }
}

TEST(Factorization, SeparatesKernelsWithTwoSides) {
    EXPECT_TRUE(applies(FactorizationMethod::Spatial, filters(1)));
    EXPECT_FALSE(applies(FactorizationMethod::Spatial, filtersOf(support::randomTensor({6, 4, 1, 3}, 1), 1, false)));
    EXPECT_FALSE(applies(FactorizationMethod::Spatial, filtersOf(support::randomTensor({6, 4, 3}, 1), 1, false)));
    EXPECT_TRUE(applies(FactorizationMethod::Tucker, filtersOf(support::randomTensor({6, 4, 3}, 1), 1, false)));
}

} // namespace
} // namespace lathe::transform
