#include <core/transform/factorize/low_rank.h>

#include <numeric>

#include <gtest/gtest.h>

#include <tests/support/graphs.h>
#include <tests/support/singular_values.h>

namespace lathe::transform {
namespace {

std::vector<float> random(std::int64_t rows, std::int64_t columns, unsigned seed) {
    return support::randomTensor({rows, columns}, seed).toFloats();
}

std::vector<double> doubles(const std::vector<float>& values) { return {values.begin(), values.end()}; }

/// [rows, inner] · [inner, columns]
std::vector<double> multiplied(const std::vector<double>& a, const std::vector<double>& b, std::size_t rows, std::size_t inner,
                               std::size_t columns) {
    std::vector<double> result(rows * columns, 0);
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t i = 0; i < inner; ++i) {
            for (std::size_t column = 0; column < columns; ++column)
                result[row * columns + column] += a[row * inner + i] * b[i * columns + column];
        }
    }
    return result;
}

double square(const std::vector<double>& values) { return std::inner_product(values.begin(), values.end(), values.begin(), 0.0); }

std::vector<double> minus(std::vector<double> a, const std::vector<double>& b) {
    std::transform(a.begin(), a.end(), b.begin(), a.begin(), std::minus<>());
    return a;
}

double tail(const std::vector<double>& squares, std::int64_t rank) { return std::accumulate(squares.begin() + rank, squares.end(), 0.0); }

/// The theorem of Eckart and Young: what a rank leaves is the sum of the squared singular values above it.
TEST(LowRank, LeavesTheLeastErrorAtEveryRank) {
    for (const auto& [rows, columns] : {std::pair{7, 11}, {11, 7}, {1, 5}, {5, 1}}) {
        const std::vector<float> matrix = random(rows, columns, 3);
        const auto squares =
            support::squaredSingularValues(doubles(matrix), static_cast<std::size_t>(rows), static_cast<std::size_t>(columns));
        const LowRank found = lowRank(matrix, rows, columns);
        ASSERT_EQ(found.size(), std::min(rows, columns));
        for (std::int64_t rank = 1; rank <= found.size(); ++rank) {
            EXPECT_NEAR(found.energies[static_cast<std::size_t>(rank - 1)], squares[static_cast<std::size_t>(rank - 1)], 1e-9);
            EXPECT_NEAR(square(minus(doubles(matrix), doubles(found.product(rank)))), tail(squares, rank), 1e-5);
            const auto product =
                multiplied(doubles(found.leftFactor(rank)), doubles(found.rightFactor(rank)), static_cast<std::size_t>(rows),
                           static_cast<std::size_t>(rank), static_cast<std::size_t>(columns));
            EXPECT_NEAR(square(minus(product, doubles(found.product(rank)))), 0, 1e-10);
        }
    }
}

/// Inputs that vary in few directions. The error of the outputs is that of the best matrix of this rank for W·X itself.
TEST(LowRank, LeavesTheLeastErrorOfTheOutputs) {
    constexpr std::size_t samples = 200;
    for (const auto& [rows, columns] : {std::pair<std::size_t, std::size_t>{6, 9}, {9, 6}}) {
        const auto height = static_cast<std::int64_t>(rows), width = static_cast<std::int64_t>(columns);
        const std::vector<float> matrix = random(height, width, 5);
        std::vector<double> inputs = doubles(random(width, samples, 6));
        for (std::size_t i = 0; i < inputs.size(); ++i)
            inputs[i] *= std::pow(0.5, static_cast<double>(i / samples)); // the later channels hardly vary
        const auto outputs = multiplied(doubles(matrix), inputs, rows, columns, samples);
        const auto momentOf = [&](const std::vector<double>& values, std::size_t channels) {
            std::vector<double> moment(channels * channels, 0);
            for (std::size_t a = 0; a < channels; ++a) {
                for (std::size_t b = 0; b < channels; ++b) {
                    for (std::size_t i = 0; i < samples; ++i)
                        moment[a * channels + b] += values[a * samples + i] * values[b * samples + i] / samples;
                }
            }
            return moment;
        };
        const auto squares = support::squaredSingularValues(outputs, rows, samples);
        const auto errorOf = [&](const LowRank& found, std::int64_t rank) {
            return square(multiplied(minus(doubles(matrix), doubles(found.product(rank))), inputs, rows, columns, samples));
        };
        const LowRank byOutputs = lowRankOfOutputs(matrix, height, width, momentOf(outputs, rows));
        const LowRank byInputs = lowRankForInputs(matrix, height, width, momentOf(inputs, columns));
        const LowRank plain = lowRank(matrix, height, width);
        for (std::int64_t rank = 1; rank < 5; ++rank) {
            const double least = tail(squares, rank);
            EXPECT_NEAR(errorOf(byOutputs, rank), least, 0.02 * least) << rank;
            EXPECT_NEAR(errorOf(byInputs, rank), least, 0.02 * least) << rank;
            EXPECT_GT(errorOf(plain, rank), 1.2 * least) << rank;
        }
        const std::vector<double> vector(rows, 1.0);
        const std::vector<double> whole = byOutputs.projected(vector, static_cast<std::int64_t>(std::min(rows, columns)));
        if (rows <= columns) {
            for (const double value : whole)
                EXPECT_NEAR(value, 1, 1e-9);
        }
    }
}

TEST(LowRank, WhatSaysNothingIsNoError) {
    const LowRank zero = lowRank(std::vector<float>(12, 0.0F), 4, 3);
    EXPECT_GE(zero.size(), 1);
    EXPECT_EQ(square(doubles(zero.product(1))), 0);
    const std::vector<float> matrix = random(4, 3, 8);
    EXPECT_EQ(lowRankOfOutputs(matrix, 4, 3, std::vector<double>(16, 0)).energies, lowRank(matrix, 4, 3).energies);
    EXPECT_EQ(lowRankForInputs(matrix, 4, 3, std::vector<double>(9, 0)).energies, lowRank(matrix, 4, 3).energies);
}

} // namespace
} // namespace lathe::transform
