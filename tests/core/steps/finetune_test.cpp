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
        return TrainingReport{{{0.9, 0.4}, {0.5, 0.5}, {}, {}}, 1};
    };
    const auto outcome = applyStep(support::lenet5(), step, context);
    ASSERT_TRUE(outcome) << outcome.error().text();
    EXPECT_EQ(seen.epochs, 2);
    EXPECT_EQ(seen.learningRate, 0.5);
    EXPECT_EQ(seen.momentum, 0.9);
    EXPECT_EQ(seen.batchSize, 32);
    EXPECT_EQ(seen.maxSamples, 10);
    EXPECT_EQ(outcome->graph.name, "trained");
    EXPECT_EQ(outcome->curve, (TrainingCurve{{0.9, 0.4}, {0.5, 0.5}, {}, {}}));
    EXPECT_EQ(outcome->figures, (std::map<std::string, double>{{"epochs", 2}, {"final_loss", 0.4}}));
    EXPECT_EQ(base::texts(outcome->notes), (std::vector<std::string>{"Continued after epoch 1 of an interrupted run."}));
    EXPECT_TRUE(outcome->warnings.empty());
}

TEST(Finetune, ReadsEverythingThatTrainingHas) {
    support::TestContext context;
    TrainingSettings seen;
    context.onTrain = [&](graph::Graph&, const TrainingSettings& settings) -> base::Result<TrainingReport> {
        seen = settings;
        return TrainingReport{{{0.9, 0.4, 0.5}, {0.5, 0.5, 0.5}, {0.8, 0.7, 0.9}, {0.5, 0.75, 0.6}}, 0, 2};
    };
    const Step rich{"finetune",
                    true,
                    {{"epochs", 5},
                     {"precision", "bfloat16"},
                     {"optimizer", "lamb"},
                     {"nesterov", true},
                     {"schedule", "one_cycle"},
                     {"warm_up", 0.1},
                     {"loss", "dice"},
                     {"label_smoothing", 0.2},
                     {"class_weights", "1, 0.5,2"},
                     {"clip_norm", 3},
                     {"accumulate", 4},
                     {"ema", 0.9},
                     {"batch_norm", "batch"},
                     {"augment", {{"flip", true}, {"shift", 2}, {"noise", 0.1}, {"mixup", 0.2}, {"token_dropout", 0.3}}},
                     {"validation", 0.1},
                     {"patience", 2},
                     {"distill",
                      {{"weight", 0.7},
                       {"temperature", 2},
                       {"outputs", "difference"},
                       {"features", "attention"},
                       {"feature_weight", 5},
                       {"teacher", "big.pt"}}}},
                    {{"fc*", {{"skip", true}}}}};
    const auto outcome = applyStep(support::lenet5(), rich, context);
    ASSERT_TRUE(outcome) << outcome.error().text();
    TrainingSettings expected;
    expected.epochs = 5;
    expected.precision = Precision::BFloat16;
    expected.optimizer = Optimizer::Lamb;
    expected.nesterov = true;
    expected.schedule = Schedule::OneCycle;
    expected.warmUp = 0.1;
    expected.loss = Loss::Dice;
    expected.labelSmoothing = 0.2;
    expected.classWeights = {1, 0.5, 2};
    expected.clipNorm = 3;
    expected.accumulate = 4;
    expected.ema = 0.9;
    expected.batchNorm = BatchNorm::Batch;
    expected.augmentation = {true, 2, 0.1, 0.2, 0.3};
    expected.validation = 0.1;
    expected.patience = 2;
    expected.distillation = {0.7, 2, OutputLoss::Difference, FeatureLoss::Attention, 5, "big.pt"};
    expected.frozen = {"fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias", "fc3.weight", "fc3.bias"};
    EXPECT_EQ(seen.frozen, expected.frozen);
    EXPECT_TRUE(seen == expected);
    EXPECT_EQ(outcome->figures,
              (std::map<std::string, double>{
                  {"epochs", 3}, {"final_loss", 0.5}, {"best_epoch", 2}, {"validation_loss", 0.7}, {"validation_accuracy", 0.75}}));
    EXPECT_EQ(base::texts(outcome->notes),
              (std::vector<std::string>{"Kept the weights of epoch 2, the best on the samples that were set aside.",
                                        "Stopped after 3 of 5 epochs."}));
    EXPECT_EQ(briefText(rich), "distil 5");
    EXPECT_EQ(briefText(step), "ft 2");
}

TEST(Finetune, RefusesClassWeightsThatAreNoNumbers) {
    for (const char* wrong : {"balance", "1;2", "1, x", "-1, 2", "1 nan"}) {
        Step bad = step;
        bad.parameters["class_weights"] = wrong;
        const auto outcome = previewStep(support::lenet5(), bad);
        ASSERT_FALSE(outcome) << wrong;
        EXPECT_NE(outcome.error().message.text().find(wrong), std::string::npos) << outcome.error().message;
    }
}

TEST(Finetune, ForetellsWhatCannotChangeAnything) {
    Step still = step;
    still.parameters["learning_rate"] = 0;
    EXPECT_EQ(base::texts(previewStep(support::lenet5(), still)->warnings),
              (std::vector<std::string>{"Nothing is trained: the learning rate is 0."}));
    EXPECT_TRUE(previewStep(support::lenet5(), step)->warnings.empty());
    Step patient = step;
    patient.parameters["patience"] = 3;
    EXPECT_EQ(base::texts(previewStep(support::lenet5(), patient)->warnings),
              (std::vector<std::string>{"Training never stops early: no samples are set aside to see when it should."}));
    Step frozen = step;
    frozen.layers = {{"*", {{"skip", true}}}};
    EXPECT_EQ(base::texts(previewStep(support::lenet5(), frozen)->warnings),
              (std::vector<std::string>{"The model has no parameters to train."}));
    EXPECT_EQ(base::texts(previewStep(graph::Graph{}, step)->warnings),
              (std::vector<std::string>{"The model has no parameters to train."}));
}

} // namespace
} // namespace lathe::steps
