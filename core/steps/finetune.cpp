#include <core/steps/finetune.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <core/graph/operands.h>
#include <core/steps/parameters.h>

namespace lathe::steps {

namespace {

using namespace std::string_view_literals;

constexpr IntegerParameter epochs{"epochs", 10, 1, 1000};
constexpr NumberParameter learningRate{"learning_rate", 0.001, 0, 10};
constexpr IntegerParameter batchSize{"batch_size", 32, 1, 65536};
constexpr IntegerParameter maxSamples{"max_samples", 0, 0, 1'000'000'000};
constexpr WordChoice precision{"precision",
                               std::array{std::pair{"float32"sv, Precision::Float32}, std::pair{"bfloat16"sv, Precision::BFloat16}}};
constexpr WordChoice optimizer{"optimizer", std::array{std::pair{"sgd"sv, Optimizer::Sgd}, std::pair{"adamw"sv, Optimizer::AdamW},
                                                       std::pair{"lamb"sv, Optimizer::Lamb}}};
constexpr NumberParameter momentum{"momentum", 0.9, 0, 0.999};
constexpr FlagParameter nesterov{"nesterov", false};
constexpr NumberParameter weightDecay{"weight_decay", 0, 0, 1};
constexpr WordChoice schedule{"schedule",
                              std::array{std::pair{"constant"sv, Schedule::Constant}, std::pair{"step"sv, Schedule::Step},
                                         std::pair{"cosine"sv, Schedule::Cosine}, std::pair{"one_cycle"sv, Schedule::OneCycle}}};
constexpr NumberParameter warmUp{"warm_up", 0, 0, 0.9};
constexpr WordChoice loss{"loss",
                          std::array{std::pair{"auto"sv, Loss::Auto}, std::pair{"huber"sv, Loss::Huber}, std::pair{"dice"sv, Loss::Dice}}};
constexpr NumberParameter labelSmoothing{"label_smoothing", 0, 0, 0.9};
constexpr TextParameter classWeights{"class_weights"};
constexpr NumberParameter clipNorm{"clip_norm", 0, 0, 1e6};
constexpr IntegerParameter accumulate{"accumulate", 1, 1, 65536};
constexpr NumberParameter ema{"ema", 0, 0, 0.99999};
constexpr WordChoice batchNorm{"batch_norm", std::array{std::pair{"frozen"sv, BatchNorm::Frozen}, std::pair{"batch"sv, BatchNorm::Batch}}};
constexpr FlagParameter flip{"augment.flip", false};
constexpr IntegerParameter shift{"augment.shift", 0, 0, 1000};
constexpr NumberParameter noise{"augment.noise", 0, 0, 10};
constexpr NumberParameter mixup{"augment.mixup", 0, 0, 1};
constexpr NumberParameter tokenDropout{"augment.token_dropout", 0, 0, 0.9};
constexpr NumberParameter validation{"validation", 0, 0, 0.9};
constexpr IntegerParameter patience{"patience", 0, 0, 1000};
constexpr NumberParameter distillWeight{"distill.weight", 0, 0, 1};
constexpr NumberParameter temperature{"distill.temperature", 4, 0.1, 100};
constexpr WordChoice outputs{"distill.outputs",
                             std::array{std::pair{"auto"sv, OutputLoss::Auto}, std::pair{"divergence"sv, OutputLoss::Divergence},
                                        std::pair{"difference"sv, OutputLoss::Difference}}};
constexpr WordChoice features{
    "distill.features", std::array{std::pair{"none"sv, FeatureLoss::None}, std::pair{"fitnets"sv, FeatureLoss::FitNets},
                                   std::pair{"attention"sv, FeatureLoss::Attention}, std::pair{"similarity"sv, FeatureLoss::Similarity}}};
constexpr NumberParameter featureWeight{"distill.feature_weight", 1, 0, 1e6};
constexpr TextParameter teacher{"distill.teacher"};
constexpr FlagParameter skip{"skip", false, Reach::Layer};

/// "1, 0.5, 2".
base::Result<> readClassWeights(const std::string& text, TrainingSettings& settings) {
    settings.balancesClasses = text == "balanced";
    if (text.empty() || settings.balancesClasses) return {};
    const char *at = text.data(), *end = text.data() + text.size();
    while (at < end) {
        while (at < end && (*at == ' ' || *at == ','))
            ++at;
        if (at == end) break;
        double weight = 0;
        const auto [behind, error] = std::from_chars(at, end, weight);
        if (error != std::errc{} || !std::isfinite(weight) || weight < 0) {
            return base::failure(base::ErrorCode::InvalidArgument, {"train.wrongClassWeights", {{"value", text}}});
        }
        settings.classWeights.push_back(weight);
        at = behind;
    }
    return {};
}

/// The weights of all nodes that the step leaves out, whatever their operator: a batch norm stays with its convolution when the pattern
/// fits both.
std::vector<std::string> frozenWeights(const graph::Graph& graph, const Step& step) {
    std::vector<std::string> frozen;
    if (step.layers.empty() && step.where.empty() && !skip.of(step)) return frozen;
    graph::forEachNode(graph, [&](const graph::Node& node) {
        if (!skip.of(step, node.name)) return;
        for (const graph::Operand& operand : node.operands) {
            graph::forEachValue(operand, [&](graph::ValueId id) {
                if (graph.value(id).kind == graph::ValueKind::Weight) frozen.push_back(graph.value(id).name);
            });
        }
    });
    return frozen;
}

base::Result<TrainingSettings> settingsOf(const Step& step, const graph::Graph& graph) {
    TrainingSettings settings;
    settings.epochs = static_cast<int>(epochs.of(step));
    settings.learningRate = learningRate.of(step);
    settings.momentum = momentum.of(step);
    settings.weightDecay = weightDecay.of(step);
    settings.batchSize = batchSize.of(step);
    settings.maxSamples = maxSamples.of(step);
    settings.precision = precision.of(step);
    settings.optimizer = optimizer.of(step);
    settings.nesterov = nesterov.of(step);
    settings.schedule = schedule.of(step);
    settings.warmUp = warmUp.of(step);
    settings.loss = loss.of(step);
    settings.labelSmoothing = labelSmoothing.of(step);
    settings.clipNorm = clipNorm.of(step);
    settings.accumulate = accumulate.of(step);
    settings.ema = ema.of(step);
    settings.batchNorm = batchNorm.of(step);
    settings.augmentation = {flip.of(step), shift.of(step), noise.of(step), mixup.of(step), tokenDropout.of(step)};
    settings.validation = validation.of(step);
    settings.patience = static_cast<int>(patience.of(step));
    settings.distillation = {distillWeight.of(step), temperature.of(step),   outputs.of(step),
                             features.of(step),      featureWeight.of(step), teacher.of(step)};
    settings.frozen = frozenWeights(graph, step);
    if (const auto read = readClassWeights(classWeights.of(step), settings); !read) return base::forward(read);
    return settings;
}

base::Result<> apply(StepOutcome& outcome, const Step& step, StepContext& context) {
    if (learningRate.of(step) == 0) outcome.warnings.push_back({"train.rateIsZero", {}});
    const auto settings = settingsOf(step, outcome.graph);
    if (!settings) return base::forward(settings);
    if (settings->patience > 0 && settings->validation == 0) outcome.warnings.push_back({"train.patienceNeedsValidation", {}});
    if (context.isPreview()) {
        const bool hasParameters = std::ranges::any_of(outcome.graph.values, [&](const graph::Value& value) {
            return value.isParameter && std::ranges::find(settings->frozen, value.name) == settings->frozen.end();
        });
        if (!hasParameters) outcome.warnings.push_back({"train.noParameters", {}});
        return {};
    }
    auto report = context.train(outcome.graph, *settings);
    if (!report) return base::forward(report);
    const TrainingCurve& curve = report->curve;
    outcome.figures["epochs"] = static_cast<double>(curve.losses.size());
    if (!curve.losses.empty()) outcome.figures["final_loss"] = curve.losses.back();
    if (report->bestEpoch > 0) {
        outcome.figures["best_epoch"] = report->bestEpoch;
        const std::size_t best = static_cast<std::size_t>(report->bestEpoch) - 1;
        outcome.figures["validation_loss"] = curve.validationLosses[best];
        if (best < curve.validationAccuracies.size()) outcome.figures["validation_accuracy"] = curve.validationAccuracies[best];
        outcome.notes.push_back({"train.keptBest", {{"epoch", report->bestEpoch}}});
    }
    if (const auto ran = static_cast<int>(curve.losses.size()); ran < settings->epochs)
        outcome.notes.push_back({"train.stoppedEarly", {{"epoch", ran}, {"epochs", settings->epochs}}});
    if (report->firstEpoch > 0) outcome.notes.push_back({"train.continued", {{"epoch", report->firstEpoch}}});
    outcome.curve = std::move(report->curve);
    return {};
}

std::string brief(const Step& step) {
    const bool learns = distillWeight.of(step) > 0 || features.of(step) != FeatureLoss::None;
    return (learns ? "distil " : "ft ") + std::to_string(epochs.of(step));
}

} // namespace

StepDefinition finetune() {
    return {
        .spec = {"finetune", {epochs.spec(),        learningRate.spec(),  batchSize.spec(),      maxSamples.spec(),   precision.spec(),
                              optimizer.spec(),     momentum.spec(),      nesterov.spec(),       weightDecay.spec(),  schedule.spec(),
                              warmUp.spec(),        loss.spec(),          labelSmoothing.spec(), classWeights.spec(), clipNorm.spec(),
                              accumulate.spec(),    ema.spec(),           batchNorm.spec(),      validation.spec(),   patience.spec(),
                              skip.spec(),          distillWeight.spec(), temperature.spec(),    outputs.spec(),      features.spec(),
                              featureWeight.spec(), teacher.spec(),       flip.spec(),           shift.spec(),        noise.spec(),
                              mixup.spec(),         tokenDropout.spec()}},
        .apply = &apply,
        .brief = &brief,
        .needsData = [](const Step&) -> base::Message {
            return {"train.needsData", {}};
        },
        .rewritesGraph = false,
    };
}

} // namespace lathe::steps
