#include <core/transform/prune/selection.h>

#include <gtest/gtest.h>

#include <core/graph/layers.h>
#include <core/graph/parameters.h>
#include <tests/support/graphs.h>
#include <tests/support/reference_interpreter.h>

namespace lathe::transform {
namespace {

using Places = std::vector<std::size_t>;

Places removedOf(const GroupChoice& choice) {
    Places places;
    for (std::size_t at = 0; at < choice.isRemoved.size(); ++at) {
        if (choice.isRemoved[at]) places.push_back(at);
    }
    return places;
}

/// LeNet-5 with scores that are given; the groups of conv1 (6 channels), conv2 (16), fc1 (120), fc2 (84).
struct Tried {
    graph::Graph graph = support::lenet5();
    std::vector<DependencyGroup> groups = dependencyGroups(graph);
    std::vector<Candidate> candidates;

    void add(std::size_t group, std::vector<double> scores, std::optional<double> ratio = {}) {
        candidates.push_back({&groups[group], std::move(scores), ratio});
    }
    /// Ascending scores for all four.
    void addAll() {
        for (std::size_t group = 0; group < 4; ++group) {
            std::vector<double> scores;
            for (std::int64_t channel = 0; channel < groups[group].channels; ++channel)
                scores.push_back(static_cast<double>(1 + (channel * 7 + 3) % groups[group].channels));
            add(group, scores);
        }
    }
    [[nodiscard]] Selection with(const SelectionOptions& options) const { return select(graph, candidates, options); }
    [[nodiscard]] graph::Graph after(const Selection& selection) const { return Removal(selection.choices).sizesOf(graph); }
};

TEST(Selection, KeptChannels) {
    EXPECT_EQ(keptChannels(10, 0.3, 1, 1), 7U);
    EXPECT_EQ(keptChannels(10, 0.35, 1, 1), 6U);
    EXPECT_EQ(keptChannels(10, 0.99, 1, 1), 1U);
    EXPECT_EQ(keptChannels(10, 0.99, 4, 1), 4U);
    EXPECT_EQ(keptChannels(10, 0.5, 1, 8), 8U);
    EXPECT_EQ(keptChannels(10, 0.1, 1, 8), 10U); // not 16
    EXPECT_EQ(keptChannels(3, 0.9, 8, 1), 3U);
    EXPECT_EQ(keptChannels(1, 0.9, 1, 1), 1U);
}

TEST(Selection, EachGroupByItself) {
    Tried tried;
    tried.add(0, {5, 1, 4, 2, 3, 6});
    tried.add(1, std::vector<double>(16, 0), 0.25); // a ratio of its own
    const Selection selection = tried.with({.ratio = 0.5});
    EXPECT_EQ(removedOf(selection.choices[0]), (Places{1, 3, 4}));
    EXPECT_EQ(removedOf(selection.choices[1]), (Places{0, 1, 2, 3}));
}

TEST(Selection, TogetherTheLowestOfAll) {
    Tried tried;
    tried.add(0, {10, 11, 12, 13, 14, 15});
    tried.add(1, {1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 18, 19, 20, 21, 22});
    const Selection raw = tried.with({.ratio = 0.5, .isGlobal = true, .isNormalized = false});
    EXPECT_EQ(removedOf(raw.choices[0]), (Places{0, 1}));
    EXPECT_EQ(removedOf(raw.choices[1]), (Places{0, 1, 2, 3, 4, 5, 6, 7, 8}));
    const Selection kept = tried.with({.ratio = 0.5, .isGlobal = true, .isNormalized = false, .minimum = 10});
    EXPECT_EQ(removedOf(kept.choices[0]), Places{});
    EXPECT_EQ(removedOf(kept.choices[1]).size(), 6U);
    const Selection rounded = tried.with({.ratio = 0.5, .isGlobal = true, .isNormalized = false, .multiple = 5});
    EXPECT_EQ(removedOf(rounded.choices[0]), Places{0});                  // 4 would stay
    EXPECT_EQ(removedOf(rounded.choices[1]), (Places{0, 1, 2, 3, 4, 5})); // 7 would
}

TEST(Selection, MeansOfGroupsMakeThemCompare) {
    Tried tried;
    tried.add(0, {100, 100, 100, 100, 100, 700}); // mean 200
    tried.add(1, std::vector<double>(16, 1));
    const Selection selection = tried.with({.ratio = 5.0 / 22, .isGlobal = true});
    EXPECT_EQ(removedOf(selection.choices[0]), (Places{0, 1, 2, 3, 4})); // 0.5 of the mean
    EXPECT_EQ(removedOf(selection.choices[1]), Places{});
}

TEST(Selection, NothingIsLostWhereAllScoresAreZero) {
    Tried tried;
    tried.add(0, std::vector<double>(6, 0));
    tried.add(1, std::vector<double>(16, 1));
    const Selection selection = tried.with({.ratio = 0.9, .isGlobal = true});
    EXPECT_EQ(removedOf(selection.choices[0]).size(), 5U); // one stays
    EXPECT_EQ(removedOf(selection.choices[1]).size(), 13U);
}

/// The slow way: one step less must not be enough.
TEST(Selection, ParametersAndMacsToATarget) {
    for (const ShareOf of : {ShareOf::Parameters, ShareOf::Macs}) {
        for (const bool isGlobal : {false, true}) {
            Tried tried;
            tried.addAll();
            const auto count = [&](const graph::Graph& graph) {
                return static_cast<double>(of == ShareOf::Macs ? graph::macsPerSample(graph).known : graph::parameterCount(graph));
            };
            const Selection selection = tried.with({.ratio = 0.4, .of = of, .isGlobal = isGlobal});
            ASSERT_TRUE(selection.isReached);
            const double share = count(tried.after(selection)) / count(tried.graph);
            EXPECT_LE(share, 0.6);
            EXPECT_DOUBLE_EQ(selection.left, share);
            // What channels would have to go for that, found one by one.
            std::size_t step = 0;
            const std::size_t most = isGlobal ? 226 : 1000;
            for (; step < most; ++step) {
                const Selection other = tried.with({.ratio = static_cast<double>(step) / static_cast<double>(most), .isGlobal = isGlobal});
                if (count(tried.after(other)) <= 0.6 * count(tried.graph)) break;
            }
            const Selection least = tried.with({.ratio = static_cast<double>(step) / static_cast<double>(most), .isGlobal = isGlobal});
            for (std::size_t at = 0; at < 4; ++at)
                EXPECT_EQ(selection.choices[at].isRemoved, least.choices[at].isRemoved);
        }
    }
}

/// Rounded to 16, three layers of 32 lose half of their channels in the same step, which leaves 35 % of the parameters: there is room for
/// one of them, the one whose channels are worth most.
TEST(Selection, RoundedGroupsGetBackWhatATargetHasRoomFor) {
    support::ModelBuilder builder({1, 32});
    auto x = builder.linear("a", builder.input(), 32, 32);
    x = builder.linear("b", builder.relu("relu1", x), 32, 32);
    x = builder.linear("c", builder.relu("relu2", x), 32, 32);
    const graph::Graph graph = builder.finish(builder.linear("out", builder.relu("relu3", x), 32, 4));
    const std::vector<DependencyGroup> groups = dependencyGroups(graph);
    ASSERT_GE(groups.size(), 3U); // the last is that of the outputs, which stay
    const auto scores = [](double low, double high) {
        std::vector<double> all(16, low);
        all.resize(32, high);
        return all;
    };
    const std::vector<Candidate> candidates = {{&groups[0], scores(1, 3)}, {&groups[1], scores(0.9, 1.1)}, {&groups[2], scores(1, 9)}};
    const auto kept = [&](double ratio) {
        const Selection selection = select(graph, candidates, {.ratio = ratio, .of = ShareOf::Parameters, .multiple = 16});
        EXPECT_TRUE(selection.isReached);
        EXPECT_LE(selection.left, 1 - ratio);
        EXPECT_DOUBLE_EQ(selection.left, static_cast<double>(graph::parameterCount(Removal(selection.choices).sizesOf(graph))) / 3300);
        Places counts;
        for (const GroupChoice& choice : selection.choices)
            counts.push_back(32 - removedOf(choice).size());
        return counts;
    };
    EXPECT_EQ(kept(0.1), (Places{32, 32, 16}));
    EXPECT_EQ(kept(0.4), (Places{16, 32, 16}));
    EXPECT_EQ(kept(0.6), (Places{16, 16, 16}));
    EXPECT_EQ(kept(0), (Places{32, 32, 32}));
}

TEST(Selection, SaysWhenATargetIsOutOfReach) {
    Tried tried;
    tried.add(0, {1, 2, 3, 4, 5, 6});
    const Selection selection = tried.with({.ratio = 0.5, .of = ShareOf::Parameters});
    EXPECT_FALSE(selection.isReached);
    EXPECT_EQ(removedOf(selection.choices[0]).size(), 5U);
    EXPECT_GT(selection.left, 0.9);
}

TEST(Selection, OfNoCandidates) {
    const Tried tried;
    EXPECT_TRUE(tried.with({.ratio = 0.5}).choices.empty());
    EXPECT_TRUE(tried.with({.ratio = 0.5, .isGlobal = true}).choices.empty());
    EXPECT_FALSE(tried.with({.ratio = 0.5, .of = ShareOf::Macs, .isGlobal = true}).isReached);
}

} // namespace
} // namespace lathe::transform
