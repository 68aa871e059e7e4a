#include <core/steps/recover_batch_norm.h>

#include <cmath>

#include <gtest/gtest.h>

#include <core/base/message_json.h>
#include <core/graph/operators/normalization.h>
#include <core/steps/apply_step.h>
#include <tests/support/reference_interpreter.h>
#include <tests/support/step_context.h>

namespace lathe::steps {
namespace {

graph::Graph model() {
    support::ModelBuilder builder({1, 3, 6, 6});
    return builder.finish(builder.batchNorm("bn", builder.convolution("conv", builder.input(), 3, 4), 4));
}

/// Answers with what the graph computes for two batches of five and three samples.
void observeBatches(support::TestContext& context, bool* usedTraining = nullptr) {
    context.onObserve = [usedTraining](const graph::Graph& graph, const std::vector<graph::ValueId>& values, std::int64_t,
                                       const StepContext::Observer& observer) -> base::Result<> {
        graph::Graph still = graph;
        graph::forEachNode(still, [&](graph::Node& node) {
            if (node.op != "aten::batch_norm") return;
            if (usedTraining != nullptr) *usedTraining = graph::BatchNorm(node).training() == true;
            graph::setOperand(node, "training", graph::Literal(false));
        });
        for (const std::int64_t count : {5, 3}) {
            support::interpret(still, support::randomNumbers({count, 3, 6, 6}, static_cast<unsigned>(count)),
                               [&](graph::ValueId id, const support::Numbers& seen) {
                                   if (std::ranges::find(values, id) == values.end()) return;
                                   observer(id, tensor::Tensor::of(seen.shape, std::vector<float>(seen.values.begin(), seen.values.end())));
                               });
        }
        return {};
    };
}

TEST(RecoverBatchNorm, StoresTheMomentsOfWhatArrives) {
    const graph::Graph before = model();
    support::TestContext context;
    bool usedTraining = false;
    observeBatches(context, &usedTraining);
    const auto outcome = applyStep(before, {"recover.batch_norm", true, base::Json::object(), {}}, context);
    ASSERT_TRUE(outcome) << outcome.error().text();
    EXPECT_TRUE(usedTraining) << "norms in front of others normalize by their batches";
    EXPECT_EQ(outcome->figures.at("changed_nodes"), 1);
    EXPECT_EQ(graph::BatchNorm(*outcome->graph.findNode("bn")).training(), false);

    // The output of the norm now has mean β and deviation γ over these samples.
    std::vector<double> sums(4, 0), squares(4, 0);
    double count = 0;
    const graph::BatchNorm norm(*outcome->graph.findNode("bn"));
    for (const std::int64_t samples : {5, 3}) {
        const support::Numbers output =
            support::interpret(outcome->graph, support::randomNumbers({samples, 3, 6, 6}, static_cast<unsigned>(samples)));
        const std::size_t plane = output.values.size() / static_cast<std::size_t>(samples * 4);
        for (std::size_t at = 0; at < output.values.size(); ++at) {
            const double value = output.values[at];
            sums[at / plane % 4] += value;
            squares[at / plane % 4] += value * value;
        }
        count += static_cast<double>(plane) * static_cast<double>(samples);
    }
    const auto gamma = outcome->graph.value(norm.weight().value()).data.toFloats(),
               beta = outcome->graph.value(norm.bias().value()).data.toFloats();
    for (std::size_t channel = 0; channel < 4; ++channel) {
        const double mean = sums[channel] / count, variance = squares[channel] / count - mean * mean;
        EXPECT_NEAR(mean, static_cast<double>(beta[channel]), 1e-5);
        EXPECT_NEAR(std::sqrt(variance), std::fabs(static_cast<double>(gamma[channel])), 5e-3);
    }
}

TEST(RecoverBatchNorm, SaysWhatItCannotDo) {
    support::TestContext context;
    EXPECT_EQ(base::texts(applyStep(support::lenet5(), {"recover.batch_norm", true, base::Json::object(), {}}, context)->warnings),
              (std::vector<std::string>{"Nothing to re-estimate: the model has no batch normalization."}));
    EXPECT_FALSE(previewStep(model(), {"recover.batch_norm", true, base::Json::object(), {}})->figures.contains("changed_nodes"))
        << "only a run tells";
    context.kind = StepContext::Data::Random;
    observeBatches(context);
    EXPECT_EQ(base::texts(applyStep(model(), {"recover.batch_norm", true, base::Json::object(), {}}, context)->notes),
              (std::vector<std::string>{"The means were taken from random input: they mean nothing for real data."}));
}

} // namespace
} // namespace lathe::steps
