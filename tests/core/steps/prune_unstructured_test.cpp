#include <core/steps/prune_unstructured.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <core/graph/layers.h>
#include <tests/support/reference_interpreter.h>
#include <tests/support/step_context.h>

namespace lathe::steps {
namespace {

Step stepWith(base::Json parameters) { return {"prune.unstructured", true, std::move(parameters), {}}; }

std::vector<float> weightsOf(const graph::Graph& graph, const std::string& layer) {
    return graph.value(*graph.findValue(layer + ".weight")).data.toFloats();
}

std::size_t zerosOf(const graph::Graph& graph, const std::string& layer) {
    return static_cast<std::size_t>(std::ranges::count(weightsOf(graph, layer), 0.0F));
}

const std::vector<std::string> layers{"conv1", "conv2", "fc1", "fc2", "fc3"};

TEST(Unstructured, PrunesTheSmallestOfEachLayer) {
    const graph::Graph before = support::lenet5();
    StepOutcome outcome{before, {}, {}, {}};
    ASSERT_TRUE(support::work(outcome, stepWith({{"ratio", 0.3}, {"scope", "layer"}})));
    for (const std::string& layer : layers) {
        const auto old = weightsOf(before, layer), now = weightsOf(outcome.graph, layer);
        const auto expected = static_cast<std::size_t>(std::floor(0.3 * static_cast<double>(old.size()) + 1e-9));
        float largestRemoved = 0, smallestKept = std::numeric_limits<float>::infinity();
        double removedSquares = 0;
        std::size_t removed = 0;
        for (std::size_t i = 0; i < old.size(); ++i) {
            if (now[i] == 0 && old[i] != 0) {
                ++removed;
                largestRemoved = std::max(largestRemoved, std::fabs(old[i]));
                removedSquares += static_cast<double>(old[i]) * static_cast<double>(old[i]);
            } else {
                EXPECT_EQ(now[i], old[i]);
                if (old[i] != 0) smallestKept = std::min(smallestKept, std::fabs(old[i]));
            }
        }
        EXPECT_LE(largestRemoved, smallestKept) << layer;
        EXPECT_EQ(removed + static_cast<std::size_t>(std::ranges::count(old, 0.0F)), expected) << layer;
        EXPECT_NEAR(outcome.layers.at(layer).at("loss"), removedSquares / 2, 1e-6);
        EXPECT_NEAR(outcome.layers.at(layer).at("sparsity"), static_cast<double>(expected) / static_cast<double>(old.size()), 1e-12);
    }
}

TEST(Unstructured, GlobalScopeRemovesTheExactShareOfAllWeights) {
    StepOutcome outcome{support::lenet5(), {}, {}, {}};
    ASSERT_TRUE(support::work(outcome, stepWith({{"ratio", 0.9}})));
    std::size_t all = 0, zeros = 0;
    float largestZeroed = 0, smallestKept = 1;
    const graph::Graph before = support::lenet5();
    for (const std::string& layer : layers) {
        const auto old = weightsOf(before, layer), now = weightsOf(outcome.graph, layer);
        all += now.size();
        zeros += zerosOf(outcome.graph, layer);
        for (std::size_t i = 0; i < old.size(); ++i)
            (now[i] == 0 ? largestZeroed : smallestKept) =
                now[i] == 0 ? std::max(largestZeroed, std::fabs(old[i])) : std::min(smallestKept, std::fabs(old[i]));
    }
    EXPECT_EQ(zeros, static_cast<std::size_t>(std::floor(0.9 * static_cast<double>(all) + 1e-9)));
    EXPECT_LE(largestZeroed, smallestKept);
}

TEST(Unstructured, LayersWithARatioOfTheirOwnAreRankedAlone) {
    Step step = stepWith({{"ratio", 0.5}});
    step.layers = {{"fc*", {{"ratio", 0.25}}}, {"fc3", {{"skip", true}}}};
    const graph::Graph before = support::lenet5();
    StepOutcome outcome{before, {}, {}, {}};
    ASSERT_TRUE(support::work(outcome, step));
    EXPECT_EQ(zerosOf(outcome.graph, "fc1"), 12000U);
    EXPECT_EQ(zerosOf(outcome.graph, "fc2"), 2520U);
    EXPECT_EQ(zerosOf(outcome.graph, "conv1") + zerosOf(outcome.graph, "conv2"), (150U + 2400U) / 2);
    EXPECT_EQ(weightsOf(outcome.graph, "fc3"), weightsOf(before, "fc3"));
    ASSERT_EQ(outcome.notes.size(), 1U);
}

TEST(Unstructured, RandomIsRepeatableAndNotByMagnitude) {
    StepOutcome first{support::lenet5(), {}, {}, {}}, second = first, magnitude = first;
    ASSERT_TRUE(support::work(first, stepWith({{"criterion", "random"}})));
    ASSERT_TRUE(support::work(second, stepWith({{"criterion", "random"}})));
    ASSERT_TRUE(support::work(magnitude, stepWith({})));
    EXPECT_TRUE(graph::structurallyEqual(first.graph, second.graph));
    EXPECT_GT(first.layers["fc1"]["loss"], magnitude.layers["fc1"]["loss"]);
}

TEST(Unstructured, RatioZeroChangesNothing) {
    const graph::Graph before = support::lenet5();
    StepOutcome outcome{before, {}, {}, {}};
    ASSERT_TRUE(support::work(outcome, stepWith({{"ratio", 0}})));
    EXPECT_TRUE(graph::structurallyEqual(outcome.graph, before));
    EXPECT_TRUE(std::isinf(outcome.layers["fc1"]["sqnr_db"]));
}

TEST(Unstructured, RefusesNaN) {
    graph::Graph graph = support::lenet5();
    std::vector<float> values = weightsOf(graph, "fc2");
    values[17] = std::numeric_limits<float>::quiet_NaN();
    graph.value(*graph.findValue("fc2.weight")).data = tensor::Tensor::of<float>({84, 120}, values);
    StepOutcome outcome{graph, {}, {}, {}};
    const auto result = support::work(outcome, stepWith({}));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message, "\"fc2.weight\" holds NaN or infinity (first at element 17).");
}

} // namespace
} // namespace lathe::steps
