#include <core/transform/prune/criteria/taylor.h>

#include <cmath>

#include <gtest/gtest.h>

#include "scored_group.h"

namespace lathe::transform {
namespace {

TEST(Taylor, SquaresWhatEachNodeLosesAndSumsOverSamples) {
    const test::ScoredGroup tried;
    std::vector<double> scores(5, 0), expected(5, 0);
    for (const unsigned sample : {10U, 20U}) {
        const auto gradients = tried.gradients(sample);
        taylor.addGradients(tried.weights, {gradients.begin(), gradients.end()}, scores);
        // What makes the channels, norms them and reads them, each by itself: b both makes and reads them.
        for (const std::string node : {"a", "bn1", "b", "bn2", "fc"}) {
            for (const bool isReader : {false, true}) {
                for (std::size_t channel = 0; channel < expected.size(); ++channel) {
                    double change = 0;
                    for (std::size_t i = 0; i < tried.group.weights.size(); ++i) {
                        const WeightSlice& slice = tried.group.weights[i];
                        if (slice.node != node || (slice.role == SliceRole::Input) != isReader) continue;
                        for (const auto& [value, at] : tried.elementsOf(slice, channel))
                            change += value * static_cast<double>(gradients[i][at]);
                    }
                    expected[channel] += change * change;
                }
            }
        }
    }
    for (std::size_t channel = 0; channel < expected.size(); ++channel)
        EXPECT_NEAR(scores[channel], expected[channel], 1e-9) << channel;
}

} // namespace
} // namespace lathe::transform
