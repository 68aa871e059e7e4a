#include <core/transform/prune/latency_target.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include <gtest/gtest.h>

#include <core/graph/operators/operator.h>
#include <tests/support/reference_interpreter.h>

namespace lathe::transform {
namespace {

/// LeNet-5 with a clock of its own: a layer takes what `layerMs` says of its outputs and inputs, everything else one for a thousand
/// numbers, a call ten.
struct Tried {
    using LayerMs = std::function<double(double outputs, double inputs)>;
    graph::Graph graph = support::lenet5();
    std::vector<DependencyGroup> groups = dependencyGroups(graph);
    std::vector<Candidate> candidates;
    LayerMs layerMs = [](double outputs, double inputs) { return outputs * inputs / 100; };
    double together = 1; ///< what the layers of a whole model take of what they take alone
    int measured = 0;

    Tried() {
        for (std::size_t group = 0; group < 4; ++group) {
            std::vector<double> scores;
            for (std::int64_t channel = 0; channel < groups[group].channels; ++channel)
                scores.push_back(static_cast<double>(1 + (channel * 7 + 3) % groups[group].channels));
            candidates.push_back({&groups[group], scores, {}});
        }
    }
    [[nodiscard]] double msOf(const graph::Graph& timed) const {
        double ms = 10, layers = 0;
        graph::forEachNode(timed, [&](const graph::Node& node) {
            if (graph::isWeighted(node.op)) {
                const tensor::Shape& weight = timed.value(node.operands[1].value()).data.shape();
                layers += layerMs(static_cast<double>(weight[0]), static_cast<double>(weight[1]));
            } else {
                double numbers = 1;
                for (const graph::Dim& dim : *timed.value(node.results[0]).shape)
                    numbers *= static_cast<double>(dim.size);
                ms += numbers / 1000;
            }
        });
        return ms + layers * (timed.main.nodes.size() > 1 ? together : 1);
    }
    LatencySelection with(const SelectionOptions& options) {
        const TimeGraphs time = [&](const std::vector<graph::Graph>& graphs) -> base::Result<std::vector<double>> {
            std::vector<double> times;
            for (const graph::Graph& each : graphs) {
                ++measured;
                times.push_back(msOf(each));
            }
            return times;
        };
        auto found = selectToLatency(graph, candidates, options, time, {});
        EXPECT_TRUE(found);
        return *found;
    }
    [[nodiscard]] std::vector<std::int64_t> kept(const std::vector<GroupChoice>& choices) const {
        std::vector<std::int64_t> widths;
        for (const GroupChoice& choice : choices)
            widths.push_back(std::ranges::count(choice.isRemoved, false));
        return widths;
    }
    [[nodiscard]] double msOf(const std::vector<std::size_t>& widths) const {
        std::vector<GroupChoice> choices;
        for (std::size_t at = 0; at < widths.size(); ++at)
            choices.push_back(withoutLowest(candidates[at], widths[at]));
        return msOf(Removal(choices).sizesOf(graph));
    }
};

using Widths = std::vector<std::size_t>;
const Widths all{6, 16, 120, 84};

/// The slow way: each thousandth in turn, rounded to the widths of the groups, until it is enough; then each group gets back what costs
/// nothing, and if it is not enough any more, that much more has to go. By formulas, without graphs.
struct OneByOne {
    const Tried& tried;
    const Widths steps{1, 2, 16, 16};

    [[nodiscard]] std::size_t up(std::size_t at, std::size_t kept, std::size_t multiple) const {
        const std::size_t step = steps[at] * multiple;
        return std::min((kept + step - 1) / step * step, all[at]);
    }
    /// The layer that makes the channels, and the one that reads them.
    [[nodiscard]] double groupMs(const Widths& widths, std::size_t at) const {
        const std::vector<double> w(widths.begin(), widths.end());
        const std::vector<double> layers{tried.layerMs(w[0], 1), tried.layerMs(w[1], w[0]), tried.layerMs(w[2], 25 * w[1]),
                                         tried.layerMs(w[3], w[2]), tried.layerMs(10, w[3])};
        return layers[at] + layers[at + 1];
    }
    [[nodiscard]] Widths enough(double share) const {
        Widths widths = all;
        for (int thousandths = 0; thousandths <= 1000 && tried.msOf(widths) > tried.msOf(all) * share; ++thousandths) {
            for (std::size_t at = 0; at < 4; ++at)
                widths[at] = up(at, keptChannels(all[at], thousandths / 1000.0, 1, 1), 1);
        }
        return widths;
    }
    [[nodiscard]] Widths givenBack(Widths widths) const {
        for (std::size_t at = 0; at < 4; ++at) {
            Widths other = widths;
            const Widths tries{widths[at], up(at, widths[at] + 1, 1), up(at, widths[at] + 1, 2), all[at]};
            double fastest = groupMs(widths, at);
            for (const std::size_t width : tries) {
                other[at] = width;
                fastest = std::min(fastest, groupMs(other, at));
            }
            for (const std::size_t width : tries) {
                other[at] = width;
                if (groupMs(other, at) <= std::max(1.03 * fastest, fastest + 0.03 / 4 * tried.msOf(all)))
                    widths[at] = std::max(widths[at], width);
            }
        }
        return widths;
    }
    [[nodiscard]] Widths of(double ratio) const {
        const Widths widths = givenBack(enough(1 - ratio));
        const double left = tried.msOf(widths) / tried.msOf(all);
        return left <= 1 - ratio ? widths : givenBack(enough(2 * (1 - ratio) - left));
    }
};

TEST(LatencyTarget, IsTheFirstStepThatIsEnough) {
    for (const double ratio : {0.2, 0.35, 0.5, 0.7}) {
        Tried tried;
        const LatencySelection found = tried.with({.ratio = ratio, .of = ShareOf::Latency});
        EXPECT_TRUE(found.isReached);
        EXPECT_FALSE(found.isAll);
        EXPECT_NEAR(found.predicted, found.measured, 1e-9); // the model is its parts
        EXPECT_LE(found.measured, (1 - ratio) * 1.03);
        const auto kept = tried.kept(found.choices);
        const double wanted = tried.msOf(OneByOne{tried}.of(ratio)), is = tried.msOf(Widths(kept.begin(), kept.end()));
        EXPECT_GE(is, wanted * 0.99) << ratio; // of the last step, some groups may have got theirs back
        EXPECT_LE(is, wanted * 1.12) << ratio;
        EXPECT_NEAR(is / tried.msOf(all), found.measured, 1e-9);
        EXPECT_EQ(kept, tried.kept(tried.with({.ratio = ratio, .of = ShareOf::Latency}).choices)) << "the same times, the same choice";
    }
}

TEST(LatencyTarget, NothingIsTakenFromWhatGetsNoFaster) {
    Tried tried;
    tried.layerMs = [](double outputs, double) { return outputs == 16 || outputs > 84 ? outputs * 10 : 500; };
    // Of fc1 (120) and conv2 (16) alone it matters how wide they are; the time of the others is that of their call.
    const LatencySelection found = tried.with({.ratio = 0.1, .of = ShareOf::Latency});
    EXPECT_TRUE(found.isReached);
    const auto kept = tried.kept(found.choices);
    EXPECT_EQ(kept[3], 84);
}

TEST(LatencyTarget, AWidthThatIsSlowerThanAWiderOneIsNeverChosen) {
    Tried tried;
    tried.layerMs = [](double outputs, double inputs) {
        const double blocks = std::ceil(outputs / 32) * 32 * inputs;
        return (static_cast<int>(outputs) % 32 == 0 || outputs < 32 ? blocks : blocks * 1.5) / 100; // what fills no block is slow
    };
    for (const double ratio : {0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6}) {
        const LatencySelection found = tried.with({.ratio = ratio, .of = ShareOf::Latency});
        EXPECT_TRUE(found.isReached);
        const std::int64_t fc1 = tried.kept(found.choices)[2];
        EXPECT_TRUE(fc1 % 32 == 0 || fc1 == 120) << ratio << ": " << fc1;
    }
}

TEST(LatencyTarget, TakesTheLowestOfACommonRanking) {
    Tried tried;
    tried.candidates[2].scores.assign(120, 0.001); // fc1 matters least
    const LatencySelection found = tried.with({.ratio = 0.2, .of = ShareOf::Latency, .isGlobal = true, .isNormalized = false});
    EXPECT_TRUE(found.isReached);
    const auto kept = tried.kept(found.choices);
    EXPECT_EQ(kept[0], 6);
    EXPECT_EQ(kept[1], 16);
    EXPECT_LT(kept[2], 120);
    EXPECT_EQ(kept[3], 84);
}

TEST(LatencyTarget, WhatLayersTakeTogetherIsMeasuredAndPutRight) {
    for (const double ratio : {0.3, 0.5}) {
        Tried tried;
        tried.together = 3; // more than alone, as if it were something between them that takes the time
        const LatencySelection found = tried.with({.ratio = ratio, .of = ShareOf::Latency});
        EXPECT_TRUE(found.isReached);
        EXPECT_LE(found.measured, (1 - ratio) * 1.03);
        EXPECT_GE(found.measured, (1 - ratio) * 0.85); // not much more than was asked for
        EXPECT_GT(std::abs(found.predicted - found.measured), 0.01);
    }
}

TEST(LatencyTarget, OutOfReachEverythingGoesAndItIsSaid) {
    Tried tried;
    tried.layerMs = [](double, double) { return 100.0; }; // whatever its width
    const LatencySelection found = tried.with({.ratio = 0.5, .of = ShareOf::Latency});
    EXPECT_FALSE(found.isReached);
    EXPECT_TRUE(found.isAll);
    EXPECT_GT(found.measured, 0.5);
    EXPECT_NEAR(found.leftMs / found.denseMs, found.measured, 1e-12);
}

TEST(LatencyTarget, WhereEveryBitCountsNothingIsGivenAway) {
    Tried tried;
    const double least = tried.msOf(Widths{1, 2, 16, 16}) / tried.msOf(all);
    const LatencySelection found = tried.with({.ratio = 1 - least - 1e-6, .of = ShareOf::Latency});
    EXPECT_TRUE(found.isReached);
    EXPECT_EQ(tried.kept(found.choices), (std::vector<std::int64_t>{1, 2, 16, 16}));
}

TEST(LatencyTarget, RatiosOfGroupsStayAsTheyAre) {
    Tried tried;
    tried.candidates[2].ratio = 0.125; // 105 of 120, no multiple of 8
    tried.candidates[3].ratio = 0;
    const LatencySelection found = tried.with({.ratio = 0.3, .of = ShareOf::Latency});
    EXPECT_EQ(tried.kept(found.choices)[2], 105);
    EXPECT_EQ(tried.kept(found.choices)[3], 84);
}

TEST(LatencyTarget, MultiplesAndTheMinimumAreKept) {
    Tried tried;
    const LatencySelection found = tried.with({.ratio = 0.6, .of = ShareOf::Latency, .minimum = 4, .multiple = 12});
    const auto kept = tried.kept(found.choices);
    EXPECT_GE(kept[0], 4);
    EXPECT_EQ(kept[2] % 12, 0);
    EXPECT_EQ(kept[3] % 12, 0);
}

TEST(LatencyTarget, LayersOfTheSameSizesAreMeasuredOnce) {
    Tried tried;
    static_cast<void>(tried.with({.ratio = 0.5, .of = ShareOf::Latency}));
    EXPECT_LT(tried.measured, 100); // ten steps of five layers, and four widths of each group, up to four times, would be some 400
}

TEST(LatencyTarget, WhatCannotBeTimedIsAnError) {
    Tried tried;
    tried.graph.name = "lenet5";
    const auto refuses = [](const std::vector<graph::Graph>&) -> base::Result<std::vector<double>> {
        return base::failure(base::ErrorCode::Unsupported, "no clock");
    };
    const auto found = selectToLatency(tried.graph, tried.candidates, {.of = ShareOf::Latency}, refuses, {});
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().text(), "no clock (while timing lenet5)");
}

} // namespace
} // namespace lathe::transform
