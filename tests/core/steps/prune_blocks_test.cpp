#include <core/steps/prune_blocks.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>

#include <gtest/gtest.h>

#include <core/base/message_json.h>
#include <core/steps/apply_step.h>
#include <tests/support/graphs.h>
#include <tests/support/reference_interpreter.h>
#include <tests/support/step_context.h>

namespace lathe::steps {
namespace {

using support::ModelBuilder;

/// Three residual blocks; the branch of the second gives a thousandth of what the others give.
graph::Graph model() {
    ModelBuilder model({2, 2, 6, 6});
    auto x = model.convolution("stem", model.input(), 2, 4, {.padding = 1});
    for (const std::string block : {"one", "two", "three"})
        x = model.add(block + ".add", x, model.convolution(block + ".conv", x, 4, 4, {.padding = 1}));
    graph::Graph graph = model.finish(model.convolution("last", x, 4, 2));
    for (graph::Node& node : graph.main.nodes)
        node.scope = node.name.substr(0, node.name.find('.'));
    for (const char* weight : {"two.conv.weight", "two.conv.bias"}) {
        tensor::Tensor& data = graph.value(*graph.findValue(weight)).data;
        std::vector<float> numbers = data.toFloats();
        for (float& number : numbers)
            number /= 1000;
        data = tensor::Tensor::of<float>(data.shape(), numbers);
    }
    return graph;
}

/// Runs the graph with the reference interpreter, twice.
class Interpreted {
public:
    Interpreted() {
        context.onObserve = [](const graph::Graph& graph, const std::vector<graph::ValueId>& values, std::int64_t samples,
                               const StepContext::Observer& observer) -> base::Result<> {
            EXPECT_EQ(samples, 256);
            for (const unsigned seed : {1U, 2U}) {
                support::interpret(
                    graph, support::randomNumbers({2, 2, 6, 6}, seed), [&](graph::ValueId id, const support::Numbers& numbers) {
                        if (std::ranges::find(values, id) == values.end()) return;
                        observer(
                            id, tensor::Tensor::of<float>(numbers.shape, std::vector<float>(numbers.values.begin(), numbers.values.end())));
                    });
            }
            return {};
        };
    }
    support::TestContext context;
};

Step stepWith(base::Json parameters) { return {"prune.blocks", true, std::move(parameters), {}}; }

TEST(PruneBlocks, DropsTheBlockThatChangesLeast) {
    Interpreted run;
    const graph::Graph before = model();
    const auto outcome = applyStep(before, stepWith({{"ratio", 0.34}}), run.context);
    ASSERT_TRUE(outcome) << outcome.error().text();
    EXPECT_EQ(outcome->graph.findNode("two.conv"), nullptr);
    EXPECT_NE(outcome->graph.findNode("one.conv"), nullptr);
    EXPECT_EQ(outcome->figures.at("changed_nodes"), 1);
    const auto x = support::randomNumbers({2, 2, 6, 6}, 5);
    const auto all = support::interpret(before, x);
    double largest = 0;
    for (const double value : all.values)
        largest = std::max(largest, std::abs(value));
    EXPECT_LT(support::maxDifference(support::interpret(outcome->graph, x), all), 0.05 * largest);
}

TEST(PruneBlocks, InfluenceIsOneMinusTheMeanCosine) {
    Interpreted run;
    const graph::Graph before = model();
    double sum = 0;
    for (const unsigned seed : {1U, 2U}) {
        std::map<std::string, support::Numbers> seen;
        support::interpret(before, support::randomNumbers({2, 2, 6, 6}, seed),
                           [&](graph::ValueId id, const support::Numbers& numbers) { seen[before.value(id).name] = numbers; });
        const auto &x = seen.at("stem_out").values, &y = seen.at("one.add_out").values;
        for (std::size_t sample = 0; sample < 2; ++sample) {
            double xx = 0, xy = 0, yy = 0;
            for (std::size_t at = sample * 144; at < sample * 144 + 144; ++at) {
                xx += x[at] * x[at];
                xy += x[at] * y[at];
                yy += y[at] * y[at];
            }
            sum += xy / std::sqrt(xx) / std::sqrt(yy);
        }
    }
    const auto outcome = applyStep(before, stepWith({{"ratio", 0.34}}), run.context);
    ASSERT_TRUE(outcome);
    std::array<char, 32> expected{};
    std::snprintf(expected.data(), expected.size(), "%.3g", 1 - sum / 4);
    EXPECT_EQ(base::texts(outcome->notes).front(),
              "The block \"one\" stays: it changes what it gets by " + std::string(expected.data()) + " (1 is all of it).");
}

TEST(PruneBlocks, LeavesABlockOfWhichALayerIsSkipped) {
    Interpreted run;
    Step step = stepWith({{"ratio", 0.5}});
    step.layers = {{"two.*", {{"skip", true}}}};
    const auto outcome = applyStep(model(), step, run.context);
    ASSERT_TRUE(outcome);
    EXPECT_NE(outcome->graph.findNode("two.conv"), nullptr);
    EXPECT_EQ(base::texts(outcome->notes).front(), "The block \"two\" stays: a layer of it is skipped.");
    EXPECT_EQ(outcome->figures.at("changed_nodes"), 1); // one of the two that are left
}

TEST(PruneBlocks, SaysWhenThereIsNone) {
    support::TestContext context;
    const auto outcome = applyStep(support::lenet5(), stepWith({}), context);
    ASSERT_TRUE(outcome);
    ASSERT_EQ(outcome->warnings.size(), 1U);
    EXPECT_EQ(outcome->warnings.front().text(),
              "No block was dropped: the model has too few sums of a tensor and a branch of the same shape.");
}

TEST(PruneBlocks, APreviewTellsHowMany) {
    const auto preview = previewStep(model(), stepWith({{"ratio", 0.7}}), {});
    ASSERT_TRUE(preview);
    EXPECT_EQ(base::texts(preview->notes), std::vector<std::string>{"2 of 3 blocks go; which is found with data when the recipe runs."});
    EXPECT_FALSE(preview->figures.contains("changed_nodes"));
    EXPECT_TRUE(preview->warnings.empty());
}

} // namespace
} // namespace lathe::steps
