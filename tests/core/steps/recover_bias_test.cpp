#include <core/steps/recover_bias.h>

#include <cmath>

#include <gtest/gtest.h>

#include <core/base/message_json.h>
#include <core/graph/operators/call.h>
#include <core/steps/apply_step.h>
#include <tests/support/reference_interpreter.h>
#include <tests/support/step_context.h>

namespace lathe::steps {
namespace {

using support::Numbers;

/// conv, relu, conv, relu, flatten, linear on images.
graph::Graph model() {
    support::ModelBuilder builder({1, 3, 8, 8});
    auto x = builder.relu("relu1", builder.convolution("conv1", builder.input(), 3, 8));
    x = builder.relu("relu2", builder.convolution("conv2", x, 8, 8));
    return builder.finish(builder.linear("fc", builder.flatten("flat", x), 8 * 16, 5));
}

constexpr std::int64_t samples = 40;
Numbers images() {
    Numbers images = support::randomNumbers({samples, 3, 8, 8}, 7);
    for (double& value : images.values)
        value += 1.5; // not around zero, as images are not: or nothing would shift
    return images;
}

/// Norms compute as in use: where they use their batches does not matter to those that stand alone.
void observeImages(support::TestContext& context) {
    context.onObserve = [](const graph::Graph& graph, const std::vector<graph::ValueId>& values, std::int64_t,
                           const StepContext::Observer& observer) -> base::Result<> {
        graph::Graph still = graph;
        graph::forEachNode(still, [](graph::Node& node) {
            if (node.op == "aten::batch_norm") graph::setOperand(node, "training", graph::Literal(false));
        });
        support::interpret(still, images(), [&](graph::ValueId id, const Numbers& seen) {
            if (std::ranges::find(values, id) == values.end()) return;
            observer(id, tensor::Tensor::of(seen.shape, std::vector<float>(seen.values.begin(), seen.values.end())));
        });
        return {};
    };
}

double meanSquare(const graph::Graph& a, const graph::Graph& b) {
    const Numbers first = support::interpret(a, images()), second = support::interpret(b, images());
    double sum = 0;
    for (std::size_t at = 0; at < first.values.size(); ++at)
        sum += std::pow(first.values[at] - second.values[at], 2) / static_cast<double>(first.values.size());
    return sum;
}

graph::Graph after(const graph::Graph& graph, const std::vector<Step>& steps) {
    graph::Graph result = graph;
    support::TestContext context;
    for (const Step& step : steps)
        result = applyStep(result, step, context).value().graph;
    return result;
}

class RecoverBias : public ::testing::TestWithParam<std::vector<Step>> {};

TEST_P(RecoverBias, BringsOutputsBackToTheOriginal) {
    const graph::Graph original = model();
    const graph::Graph changed = after(original, GetParam());
    support::TestContext context;
    context.model = &original;
    observeImages(context);
    const auto outcome = applyStep(changed, {"recover.bias", true, base::Json::object(), {}}, context);
    ASSERT_TRUE(outcome) << outcome.error().text();
    EXPECT_EQ(outcome->figures.at("changed_nodes"), 3) << base::texts(outcome->notes).size();
    const double before = meanSquare(original, changed), behind = meanSquare(original, outcome->graph);
    // Of whole channels that go, most of what is lost are no means.
    EXPECT_LT(behind, (GetParam().front().op == "prune.structured" ? 0.95 : 0.6) * before);
    // Each output has the mean that it has in the original.
    const Numbers wanted = support::interpret(original, images()), is = support::interpret(outcome->graph, images());
    for (std::size_t output = 0; output < 5; ++output) {
        double difference = 0;
        for (std::size_t sample = 0; sample < samples; ++sample)
            difference += wanted.values[sample * 5 + output] - is.values[sample * 5 + output];
        EXPECT_NEAR(difference / samples, 0, 1e-4);
    }
    EXPECT_GT(outcome->layers.at("conv2").at("bias_shift"), 0);
}
INSTANTIATE_TEST_SUITE_P(All, RecoverBias,
                         ::testing::Values(std::vector<Step>{{"prune.unstructured", true, {{"ratio", 0.6}}, {}}},
                                           std::vector<Step>{{"fuse.conv_relu", true, base::Json::object(), {}},
                                                             {"prune.unstructured", true, {{"ratio", 0.6}}, {}}},
                                           std::vector<Step>{{"prune.structured", true, {{"ratio", 0.4}}, {}}},
                                           std::vector<Step>{{"quantize.weight_only", true, {{"weights", {{"bits", 2}}}}, {}}}));

TEST(RecoverBiasAlone, LeavesTheOriginalAsItIs) {
    const graph::Graph original = model();
    support::TestContext context;
    context.model = &original;
    observeImages(context);
    const auto outcome = applyStep(original, {"recover.bias", true, base::Json::object(), {}}, context);
    ASSERT_TRUE(outcome);
    EXPECT_LT(meanSquare(original, outcome->graph), 1e-12);
}

/// batch norm, relu, convolution: with the statistics that the batch norm really has.
TEST(RecoverBiasAlone, NeedsNoDataBehindABatchNorm) {
    support::ModelBuilder builder({1, 3, 8, 8});
    const auto x = builder.relu("relu", builder.batchNorm("bn", builder.convolution("conv1", builder.input(), 3, 8), 8));
    graph::Graph original = builder.finish(builder.convolution("conv2", x, 8, 6));
    support::TestContext context;
    observeImages(context);
    original = applyStep(original, {"recover.batch_norm", true, base::Json::object(), {}}, context).value().graph;
    const graph::Graph pruned = after(original, {{"prune.unstructured", true, {{"ratio", 0.7}}, {}}});
    support::TestContext without;
    without.model = &original;
    without.kind = StepContext::Data::None;
    const auto outcome = applyStep(pruned, {"recover.bias", true, {{"from", "batch_norm"}}, {}}, without);
    ASSERT_TRUE(outcome) << outcome.error().text();
    EXPECT_EQ(outcome->figures.at("changed_nodes"), 1);
    EXPECT_LT(meanSquare(original, outcome->graph), 0.8 * meanSquare(original, pruned));
    EXPECT_EQ(base::texts(outcome->notes),
              (std::vector<std::string>{"\"conv1\" keeps its bias: no batch norm in front of it tells the mean of its input."}));
}

TEST(RecoverBiasAlone, SaysWhatItCannotDo) {
    const graph::Graph original = model();
    support::TestContext context;
    context.model = &original;
    context.kind = StepContext::Data::None;
    const auto noData = applyStep(original, {"recover.bias", true, base::Json::object(), {}}, context);
    ASSERT_FALSE(noData);
    EXPECT_NE(noData.error().message.text().find("needs data"), std::string::npos);
    EXPECT_FALSE(previewStep(original, {"recover.bias", true, base::Json::object(), {}})->figures.contains("changed_nodes"))
        << "only a run tells";
    // Biases that are all the same do not tell which channels are left.
    graph::Graph even = model();
    graph::Value& bias = even.value(*even.findValue("conv2.bias"));
    bias.data = tensor::Tensor::zeros(tensor::DType::Float32, bias.data.shape());
    const graph::Graph pruned = after(even, {{"prune.structured", true, {{"ratio", 0.4}}, {}}});
    context.kind = StepContext::Data::Real;
    context.model = &even;
    observeImages(context);
    const auto outcome = applyStep(pruned, {"recover.bias", true, base::Json::object(), {}}, context);
    ASSERT_TRUE(outcome);
    EXPECT_EQ(base::texts(outcome->notes),
              (std::vector<std::string>{"\"conv2\" keeps its bias: which of the original's channels it has cannot be told."}));
}

} // namespace
} // namespace lathe::steps
