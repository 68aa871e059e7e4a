#include <core/transform/prune/removal.h>

#include <gtest/gtest.h>

#include <core/graph/layers.h>
#include <core/graph/parameters.h>
#include <tests/support/graphs.h>
#include <tests/support/reference_interpreter.h>

namespace lathe::transform {
namespace {

std::vector<GroupChoice> withoutFirst(const std::vector<DependencyGroup>& groups) {
    std::vector<GroupChoice> choices;
    for (const DependencyGroup& group : groups) {
        std::vector<bool> isRemoved(static_cast<std::size_t>(group.channels), false);
        if (group.obstacle.empty() && isRemoved.size() > 1) isRemoved.front() = true;
        choices.push_back({&group, isRemoved});
    }
    return choices;
}

TEST(Removal, OfTheFirstChannels) {
    const graph::Graph before = support::lenet5();
    const auto groups = dependencyGroups(before);
    graph::Graph after = before;
    const auto lost = Removal(withoutFirst(groups)).applyTo(after);
    EXPECT_TRUE(graph::verify(after));
    const auto weightOf = [](const graph::Graph& graph, const std::string& name) { return graph.value(*graph.findValue(name)).data; };
    EXPECT_EQ(weightOf(after, "conv2.weight").shape(), (tensor::Shape{15, 5, 5, 5}));
    EXPECT_EQ(weightOf(after, "fc1.weight").shape(), (tensor::Shape{119, 375}));
    EXPECT_EQ(weightOf(after, "fc3.weight").shape(), (tensor::Shape{10, 83}));
    // The slow way: everything of conv2 but its first filter and the first image that it reads.
    const std::vector<float> whole = weightOf(before, "conv2.weight").toFloats();
    std::vector<float> kept;
    double squares = 0, all = 0;
    for (std::size_t at = 0; at < whole.size(); ++at) {
        const double square = static_cast<double>(whole[at]) * static_cast<double>(whole[at]);
        const bool goes = at / 150 == 0 || at / 25 % 6 == 0;
        if (!goes) kept.push_back(whole[at]);
        squares += goes ? square : 0;
        all += square;
    }
    EXPECT_EQ(weightOf(after, "conv2.weight").toFloats(), kept);
    EXPECT_NEAR(lost.at("conv2").noise, squares, 1e-9);
    EXPECT_NEAR(lost.at("conv2").signal, all, 1e-9);
}

TEST(Removal, SizesAreThoseThatItLeaves) {
    for (const graph::Graph& before : {support::lenet5(), support::smallConvNet(2)}) {
        const auto groups = dependencyGroups(before);
        const Removal removal(withoutFirst(groups));
        const graph::Graph sized = removal.sizesOf(before);
        graph::Graph after = before;
        removal.applyTo(after);
        EXPECT_LT(graph::parameterCount(after), graph::parameterCount(before));
        EXPECT_EQ(graph::parameterCount(sized), graph::parameterCount(after));
        EXPECT_EQ(graph::macsPerSample(sized), graph::macsPerSample(after));
        for (std::size_t i = 0; i < after.values.size(); ++i) {
            EXPECT_EQ(sized.values[i].shape, after.values[i].shape);
            EXPECT_EQ(sized.values[i].data.shape(), after.values[i].data.shape());
        }
    }
}

TEST(Removal, OfNothingTouchesNothing) {
    const graph::Graph before = support::lenet5();
    const auto groups = dependencyGroups(before);
    graph::Graph after = before;
    EXPECT_TRUE(Removal(std::vector<GroupChoice>{{&groups.front(), std::vector<bool>(6, false)}}).applyTo(after).empty());
    EXPECT_TRUE(graph::structurallyEqual(before, after));
    EXPECT_EQ(after.value(*after.findValue("conv1.weight")).data.storage(), before.value(*before.findValue("conv1.weight")).data.storage());
}

} // namespace
} // namespace lathe::transform
