#include <core/transform/prune/criteria/fisher.h>

#include <cmath>

#include <gtest/gtest.h>

#include "scored_group.h"

namespace lathe::transform {
namespace {

TEST(Fisher, SumsHalfTheSquaresOfGradientTimesWeight) {
    const test::ScoredGroup tried;
    std::vector<double> scores(5, 0), expected(5, 0);
    for (const unsigned sample : {10U, 20U}) {
        const auto gradients = tried.gradients(sample);
        fisher.addGradients(tried.weights, {gradients.begin(), gradients.end()}, scores);
        for (std::size_t i = 0; i < tried.group.weights.size(); ++i) {
            for (std::size_t channel = 0; channel < expected.size(); ++channel) {
                for (const auto& [value, at] : tried.elementsOf(tried.group.weights[i], channel))
                    expected[channel] += std::pow(value * static_cast<double>(gradients[i][at]), 2) / 2;
            }
        }
    }
    for (std::size_t channel = 0; channel < expected.size(); ++channel)
        EXPECT_NEAR(scores[channel], expected[channel], 1e-9) << channel;
}

} // namespace
} // namespace lathe::transform
