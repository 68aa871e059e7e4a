#include <core/steps/finetune.h>

#include <gtest/gtest.h>

#include <core/base/message_json.h>
#include <core/steps/apply_step.h>
#include <tests/support/reference_interpreter.h>
#include <tests/support/step_context.h>

namespace lathe::steps {
namespace {

const Step step{"finetune", true, {{"epochs", 2}, {"learning_rate", 0.5}, {"max_samples", 10}}, {}};

TEST(Finetune, TrainsWithItsSettingsAndReportsLosses) {
    support::TestContext context;
    TrainingSettings seen;
    context.onTrain = [&](graph::Graph& graph, const TrainingSettings& settings) -> base::Result<TrainingReport> {
        seen = settings;
        graph.name = "trained";
        return TrainingReport{{0.9, 0.4}, 1};
    };
    const auto outcome = applyStep(support::lenet5(), step, context);
    ASSERT_TRUE(outcome) << outcome.error().text();
    EXPECT_EQ(seen.epochs, 2);
    EXPECT_EQ(seen.learningRate, 0.5);
    EXPECT_EQ(seen.momentum, 0.9);
    EXPECT_EQ(seen.batchSize, 32);
    EXPECT_EQ(seen.maxSamples, 10);
    EXPECT_EQ(outcome->graph.name, "trained");
    EXPECT_EQ(outcome->epochLosses, (std::vector<double>{0.9, 0.4}));
    EXPECT_EQ(outcome->figures, (std::map<std::string, double>{{"epochs", 2}, {"final_loss", 0.4}}));
    EXPECT_EQ(base::texts(outcome->notes), (std::vector<std::string>{"Continued after epoch 1 of an interrupted run."}));
    EXPECT_TRUE(outcome->warnings.empty());
}

TEST(Finetune, ForetellsWhatCannotChangeAnything) {
    Step still = step;
    still.parameters["learning_rate"] = 0;
    EXPECT_EQ(base::texts(previewStep(support::lenet5(), still)->warnings),
              (std::vector<std::string>{"Nothing is trained: the learning rate is 0."}));
    EXPECT_TRUE(previewStep(support::lenet5(), step)->warnings.empty());
    EXPECT_EQ(base::texts(previewStep(graph::Graph{}, step)->warnings),
              (std::vector<std::string>{"The model has no parameters to train."}));
}

} // namespace
} // namespace lathe::steps
