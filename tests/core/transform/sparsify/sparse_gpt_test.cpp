#include <core/transform/sparsify/sparse_gpt.h>

#include <algorithm>
#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include <core/transform/prune/ranking.h>
#include <core/transform/sparsify/wanda.h>
#include <tests/support/graphs.h>

namespace lathe::transform {
namespace {

using Square = std::vector<std::vector<double>>;

/// By Gauss and Jordan.
Square inverse(Square matrix) {
    const std::size_t size = matrix.size();
    for (std::size_t row = 0; row < size; ++row) {
        matrix[row].resize(2 * size, 0);
        matrix[row][size + row] = 1;
    }
    for (std::size_t pivot = 0; pivot < size; ++pivot) {
        const double by = matrix[pivot][pivot];
        for (double& value : matrix[pivot])
            value /= by;
        for (std::size_t row = 0; row < size; ++row) {
            const double factor = matrix[row][pivot];
            if (row == pivot || factor == 0) continue;
            for (std::size_t column = 0; column < 2 * size; ++column)
                matrix[row][column] -= factor * matrix[pivot][column];
        }
    }
    for (auto& row : matrix)
        row.erase(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(size));
    return matrix;
}

/// Optimal Brain Surgeon as the paper derives it: for each column the inverse of what is left of the Hessian, computed anew, and one output
/// after the other.
std::vector<float> surgeon(std::int64_t outputs, std::int64_t columns, const std::vector<float>& matrix, const std::vector<double>& moment,
                           const SparsityPattern& pattern, double ratio) {
    const auto size = static_cast<std::size_t>(columns);
    Square hessian(size, std::vector<double>(size));
    double trace = 0;
    for (std::size_t i = 0; i < size; ++i)
        trace += moment[i * size + i];
    for (std::size_t a = 0; a < size; ++a) {
        for (std::size_t b = 0; b < size; ++b)
            hessian[a][b] = moment[a * size + b] + (a == b ? trace / static_cast<double>(size) / 100 : 0);
    }
    std::vector<Square> inverses; // of the columns from each on
    for (std::size_t first = 0; first < size; ++first) {
        Square rest;
        for (std::size_t row = first; row < size; ++row)
            rest.emplace_back(hessian[row].begin() + static_cast<std::ptrdiff_t>(first), hessian[row].end());
        inverses.push_back(inverse(rest));
    }
    std::vector<double> weights(matrix.begin(), matrix.end());
    std::set<std::size_t> goes;
    std::size_t seen = 0, taken = 0;
    const std::size_t step = pattern.isNOfM() ? static_cast<std::size_t>(pattern.of) : 128;
    for (std::size_t column = 0; column < size; ++column) {
        if (column % step == 0) {
            const std::size_t end = std::min(column + step, size);
            std::vector<std::pair<double, std::size_t>> all;
            for (std::size_t output = 0; output < static_cast<std::size_t>(outputs); ++output) {
                std::vector<std::pair<double, std::size_t>> own;
                for (std::size_t at = column; at < end; ++at)
                    own.emplace_back(std::pow(weights[output * size + at], 2) / inverses[at][0][0], output * size + at);
                if (pattern.isNOfM() && own.size() == step) {
                    std::ranges::sort(own);
                    for (std::int64_t i = 0; i < pattern.of - pattern.kept; ++i)
                        goes.insert(own[static_cast<std::size_t>(i)].second);
                }
                all.insert(all.end(), own.begin(), own.end());
            }
            if (!pattern.isNOfM()) {
                std::ranges::sort(all);
                seen += all.size();
                for (std::size_t i = 0; taken < shareOf(ratio, seen); ++i, ++taken)
                    goes.insert(all[i].second);
            }
        }
        for (std::size_t output = 0; output < static_cast<std::size_t>(outputs); ++output) {
            if (!goes.contains(output * size + column)) continue;
            const double factor = weights[output * size + column] / inverses[column][0][0];
            for (std::size_t at = column; at < size; ++at)
                weights[output * size + at] -= factor * inverses[column][0][at - column];
            weights[output * size + column] = 0;
        }
    }
    return {weights.begin(), weights.end()};
}

/// Samples of a few hidden numbers, mixed, and a little noise: channels that say nearly the same, of different size.
tensor::Tensor correlated(std::int64_t samples, std::int64_t inputs, unsigned seed) {
    const std::int64_t hidden = std::max<std::int64_t>(inputs / 4, 1);
    const std::vector<float> mix = support::randomTensor({hidden, inputs}, seed).toFloats();
    const std::vector<float> causes = support::randomTensor({samples, hidden}, seed + 1).toFloats();
    std::vector<float> values = support::randomTensor({samples, inputs}, seed + 2).toFloats();
    for (std::int64_t sample = 0; sample < samples; ++sample) {
        for (std::int64_t input = 0; input < inputs; ++input) {
            float& value = values[static_cast<std::size_t>(sample * inputs + input)];
            value *= 0.2F;
            for (std::int64_t cause = 0; cause < hidden; ++cause)
                value += causes[static_cast<std::size_t>(sample * hidden + cause)] * mix[static_cast<std::size_t>(cause * inputs + input)];
            value *= 0.2F + static_cast<float>(input * 7 % 11) / 4;
        }
    }
    return tensor::Tensor::of({samples, inputs}, values);
}

InputMoment momentOf(const WeightRows& rows, const tensor::Tensor& samples) {
    InputMoment moment({rows}, InputMoment::Detail::Moments);
    moment.add(samples);
    return moment;
}

std::vector<float> randomMatrix(const WeightRows& rows, unsigned seed) {
    return support::randomTensor({static_cast<std::int64_t>(rows.size())}, seed).toFloats();
}

SparsityPattern patternOf(const char* text) { return *sparsityPattern(text); }

TEST(SparseGpt, IsOptimalBrainSurgeonColumnByColumn) {
    const WeightRows rows{1, 4, 150};
    const InputMoment moment = momentOf(rows, correlated(400, 150, 1));
    const std::vector<float> matrix = randomMatrix(rows, 4);
    for (const auto& [text, ratio] : {std::pair{"", 0.5}, std::pair{"", 0.83}, std::pair{"2:4", 0.0}, std::pair{"3:7", 0.0}}) {
        const std::vector<float> expected = surgeon(4, 150, matrix, moment.moment(0), patternOf(text), ratio);
        const std::vector<float> found = sparseGpt(rows, matrix, moment, patternOf(text), ratio);
        for (std::size_t i = 0; i < found.size(); ++i) {
            EXPECT_EQ(found[i] == 0, expected[i] == 0) << text << " " << i;
            EXPECT_NEAR(found[i], expected[i], 1e-4) << text << " " << i;
        }
    }
}

/// What the papers promise, where inputs are correlated and of different size.
TEST(SparseGpt, LosesLessThanWandaAndThatLessThanMagnitude) {
    const WeightRows rows{1, 48, 192};
    const InputMoment moment = momentOf(rows, correlated(1000, 192, 11));
    const std::vector<float> matrix = randomMatrix(rows, 14);
    const auto without = [&](const std::vector<std::size_t>& removed) {
        std::vector<float> pruned = matrix;
        for (const std::size_t at : removed)
            pruned[at] = 0;
        return *moment.outputError(matrix, pruned);
    };
    std::vector<double> sizes(matrix.begin(), matrix.end());
    std::ranges::transform(sizes, sizes.begin(), [](double value) { return std::fabs(value); });
    const std::vector<double> wanda = wandaScores(rows, matrix, moment.squares());

    for (const char* text : {"2:4", "4:8", "1:4"}) {
        const double ofMagnitude = without(lowestOfGroups(patternOf(text), rows, sizes));
        const double ofWanda = without(lowestOfGroups(patternOf(text), rows, wanda));
        const double ofSparseGpt = *moment.outputError(matrix, sparseGpt(rows, matrix, moment, patternOf(text), 0));
        EXPECT_LT(ofWanda, 0.8 * ofMagnitude) << text;
        EXPECT_LT(ofSparseGpt, 0.5 * ofWanda) << text;
    }
    std::vector<std::size_t> eachOutput;
    for (std::size_t first = 0; first < wanda.size(); first += 192) {
        for (const std::size_t each : lowest(std::span(wanda).subspan(first, 192), 96))
            eachOutput.push_back(first + each);
    }
    const double ofMagnitude = without(lowest(sizes, sizes.size() / 2)), ofWanda = without(eachOutput);
    EXPECT_LT(ofWanda, 0.8 * ofMagnitude);
    EXPECT_LT(*moment.outputError(matrix, sparseGpt(rows, matrix, moment, {}, 0.5)), 0.5 * ofWanda);
}

/// Exactly the share, in the pattern, in layers with groups, places and odd sizes.
TEST(SparseGpt, RemovesExactlyWhatThePatternSays) {
    for (const WeightRows& rows : {WeightRows{1, 8, 40, 1}, WeightRows{1, 9, 20, 9}, WeightRows{2, 5, 6, 4}, WeightRows{3, 1, 1, 9}}) {
        InputMoment moment({rows, {rows.places}, {1}, {0}, {1}}, InputMoment::Detail::Moments);
        moment.add(support::randomTensor({4, rows.groups * rows.inputs, 40}, 3));
        ASSERT_GT(moment.count(), 0);
        const std::vector<float> matrix = randomMatrix(rows, 5);
        for (const char* text : {"", "1x16", "4x4", "2:4", "1:4"}) {
            const SparsityPattern pattern = patternOf(text);
            const std::vector<float> pruned = sparseGpt(rows, matrix, moment, pattern, 0.7);
            std::vector<double> kept(pruned.size());
            std::ranges::transform(pruned, kept.begin(), [](float value) { return value == 0 ? 0.0 : 1.0; });
            const auto zeros = std::ranges::count(kept, 0.0);
            if (pattern.isNOfM()) {
                const auto inGroups = static_cast<std::int64_t>(rows.size()) - denseWeights(pattern, rows);
                EXPECT_EQ(zeros, inGroups / pattern.of * (pattern.of - pattern.kept)) << text;
                for (const std::size_t at : lowestOfGroups(pattern, rows, kept))
                    EXPECT_EQ(pruned[at], 0) << text;
                continue;
            }
            const std::vector<double> blocks = blockScores(pattern, rows, kept);
            EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(blocks, 0.0)), shareOf(0.7, blocks.size())) << text;
            EXPECT_EQ(zeros, std::ranges::count(blocks, 0.0) * pattern.blockRows * pattern.blockInputs) << text << ": whole blocks";
        }
    }
}

/// Of inputs that are always zero every weight can go, and nothing has to make up for it.
TEST(SparseGpt, TakesWhatReadsNothingFirst) {
    const WeightRows rows{1, 3, 8};
    std::vector<float> samples = correlated(100, 8, 21).toFloats();
    for (std::size_t at = 0; at < samples.size(); ++at) {
        if (at % 2 == 1) samples[at] = 0;
    }
    const InputMoment moment = momentOf(rows, tensor::Tensor::of({100, 8}, samples));
    const std::vector<float> matrix = randomMatrix(rows, 22);
    const std::vector<float> pruned = sparseGpt(rows, matrix, moment, {}, 0.5);
    for (std::size_t at = 0; at < pruned.size(); ++at)
        EXPECT_EQ(pruned[at], at % 2 == 1 ? 0 : matrix[at]);

    const InputMoment nothing = momentOf(rows, tensor::Tensor::zeros(tensor::DType::Float32, {5, 8}));
    const std::vector<float> half = sparseGpt(rows, matrix, nothing, {}, 0.5);
    EXPECT_EQ(std::ranges::count(half, 0.0F), 12);
    EXPECT_EQ(sparseGpt(rows, matrix, moment, {}, 0), matrix);
}

} // namespace
} // namespace lathe::transform
