#include <core/steps/finetune.h>

#include <algorithm>

#include <core/steps/parameters.h>

namespace lathe::steps {

namespace {

constexpr IntegerParameter epochs{"epochs", 10, 1, 1000};
constexpr NumberParameter learningRate{"learning_rate", 0.001, 0, 10};
constexpr NumberParameter momentum{"momentum", 0.9, 0, 0.999};
constexpr NumberParameter weightDecay{"weight_decay", 0, 0, 1};
constexpr IntegerParameter batchSize{"batch_size", 32, 1, 65536};
constexpr IntegerParameter maxSamples{"max_samples", 0, 0, 1'000'000'000};

base::Result<> apply(StepOutcome& outcome, const Step& step, StepContext& context) {
    if (learningRate.of(step) == 0) outcome.warnings.push_back({"train.rateIsZero", {}});
    if (context.isPreview()) {
        const bool hasParameters = std::ranges::any_of(outcome.graph.values, [](const graph::Value& value) { return value.isParameter; });
        if (!hasParameters) outcome.warnings.push_back({"train.noParameters", {}});
        return {};
    }
    TrainingSettings settings;
    settings.epochs = static_cast<int>(epochs.of(step));
    settings.learningRate = learningRate.of(step);
    settings.momentum = momentum.of(step);
    settings.weightDecay = weightDecay.of(step);
    settings.batchSize = batchSize.of(step);
    settings.maxSamples = maxSamples.of(step);
    auto report = context.train(outcome.graph, settings);
    if (!report) return base::forward(report);
    outcome.figures["epochs"] = settings.epochs;
    if (!report->epochLosses.empty()) outcome.figures["final_loss"] = report->epochLosses.back();
    if (report->firstEpoch > 0) outcome.notes.push_back({"train.continued", {{"epoch", report->firstEpoch}}});
    outcome.epochLosses = std::move(report->epochLosses);
    return {};
}

} // namespace

StepDefinition finetune() {
    return {
        .spec = {"finetune",
                 {epochs.spec(), learningRate.spec(), momentum.spec(), weightDecay.spec(), batchSize.spec(), maxSamples.spec()}},
        .apply = &apply,
        .brief = [](const Step& step) { return "ft " + std::to_string(epochs.of(step)); },
        .needsData = [](const Step&) -> std::string { return "Fine-tuning needs data."; },
        .rewritesGraph = false,
    };
}

} // namespace lathe::steps
