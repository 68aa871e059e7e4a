#include <core/transform/prune/fast_widths.h>

#include <algorithm>
#include <functional>

#include <gtest/gtest.h>

#include <tests/support/graphs.h>
#include <tests/support/reference_interpreter.h>

namespace lathe::transform {
namespace {

/// conv1 of LeNet-5 (6 channels), fc1 (120) and fc2 (84), ranked by their places.
struct Tried {
    graph::Graph graph = support::lenet5();
    std::vector<DependencyGroup> groups = dependencyGroups(graph);
    std::vector<Candidate> candidates;
    std::vector<GroupChoice> choices;

    void add(std::size_t group, std::size_t kept) {
        std::vector<double> scores(static_cast<std::size_t>(groups[group].channels));
        for (std::size_t channel = 0; channel < scores.size(); ++channel)
            scores[channel] = static_cast<double>(channel);
        candidates.push_back({&groups[group], scores, {}});
        choices.push_back(withoutLowest(candidates.back(), kept));
    }
    [[nodiscard]] std::int64_t kept(std::size_t at) const { return std::ranges::count(choices[at].isRemoved, false); }
    /// With a time for each number of filters of the first layer.
    std::vector<FastWidth> with(const std::function<double(std::int64_t)>& msOf) {
        const auto time = [&](const std::vector<graph::Graph>& graphs) -> base::Result<std::vector<double>> {
            std::vector<double> times;
            for (const graph::Graph& alone : graphs)
                times.push_back(msOf(alone.value(alone.main.nodes.front().operands[1].value()).data.shape()[0]));
            return times;
        };
        const auto found = roundToFastWidths(graph, candidates, choices, time, {});
        EXPECT_TRUE(found);
        return *found;
    }
};

TEST(FastWidths, TheFastestOfTheNextMultiples) {
    Tried tried;
    tried.add(2, 65); // fc1: 65, 68, 72, 80, 96, 120
    std::vector<std::int64_t> widths;
    const auto found = tried.with([&](std::int64_t width) {
        widths.push_back(width);
        return width == 72 ? 1.0 : 2.0;
    });
    EXPECT_EQ(widths, (std::vector<std::int64_t>{65, 68, 72, 80, 96, 120}));
    EXPECT_EQ(tried.kept(0), 72);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].wanted, 65U);
    EXPECT_EQ(found[0].kept, 72U);
    EXPECT_EQ(found[0].wantedMs, 2);
    EXPECT_EQ(found[0].keptMs, 1);
    EXPECT_FALSE(tried.choices[0].isRemoved.back()); // those with the highest scores stay
    EXPECT_TRUE(tried.choices[0].isRemoved.front());
}

TEST(FastWidths, OfThoseThatTakeTheSameTheWidest) {
    Tried tried;
    tried.add(2, 33);
    tried.with([](std::int64_t width) { return width <= 48 ? 1 + 0.0001 * static_cast<double>(width % 7) : 2; });
    EXPECT_EQ(tried.kept(0), 48);
}

TEST(FastWidths, NeverOneThatIsSlowerThanAll) {
    Tried tried;
    tried.add(2, 65);
    const auto found = tried.with([](std::int64_t width) { return width == 120 ? 1.0 : 1.1; });
    EXPECT_EQ(tried.kept(0), 120);
    EXPECT_EQ(found[0].kept, 120U);
    EXPECT_EQ(found[0].wanted, 65U);
}

TEST(FastWidths, AsFastAsAllIsWhatWasAskedForAndFree) {
    Tried tried;
    tried.add(2, 65);
    tried.with([](std::int64_t) { return 1.0; });
    EXPECT_EQ(tried.kept(0), 96); // not 120: something is to go
}

TEST(FastWidths, GroupsThatLoseNothingAreNotTimed) {
    Tried tried;
    tried.add(0, 6);
    EXPECT_TRUE(tried.with([](std::int64_t) { return 1.0; }).empty());
    EXPECT_EQ(tried.kept(0), 6);
}

TEST(FastWidths, OtherGroupsAreAsTheyWereChosen) {
    Tried tried;
    tried.add(2, 60);
    tried.add(3, 40);
    const graph::Graph alone = layersAlone(tried.graph, tried.groups[3], tried.choices);
    ASSERT_EQ(alone.main.nodes.size(), 2U);
    EXPECT_EQ(alone.main.nodes[0].name, "fc2");
    EXPECT_EQ(alone.value(alone.main.nodes[0].operands[1].value()).data.shape(), (tensor::Shape{40, 60}));
    EXPECT_EQ(alone.value(alone.main.nodes[1].operands[1].value()).data.shape(), (tensor::Shape{10, 40}));
    EXPECT_EQ(alone.value(alone.main.inputs[0]).shape, graph::dims({1, 60}));
    EXPECT_TRUE(graph::verify(alone));
}

TEST(FastWidths, WhatCannotBeTimedIsAnError) {
    Tried tried;
    tried.add(2, 60);
    const auto refuses = [](const std::vector<graph::Graph>&) -> base::Result<std::vector<double>> {
        return base::failure(base::ErrorCode::Unsupported, "no clock");
    };
    const auto found = roundToFastWidths(tried.graph, tried.candidates, tried.choices, refuses, {});
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().text(), "no clock (while timing fc1)");
}

} // namespace
} // namespace lathe::transform
