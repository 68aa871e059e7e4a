#include <core/engine/comparison.h>

#include <algorithm>

#include <ATen/ops/cat.h>

#include <core/base/files.h>
#include <core/data/npz.h>
#include <core/engine/fitted_model.h>
#include <core/engine/model_measurement_torch.h>
#include <core/engine/phase_progress.h>
#include <core/engine/recipe_runner.h>
#include <core/graph/model_outputs.h>
#include <core/graph/operators/conversion.h>
#include <core/graph/operators/operator.h>
#include <core/history/history.h>
#include <core/measure/evaluate_torch.h>
#include <core/measure/quality.h>
#include <core/runtime/call_torch.h>

namespace lathe::engine {

namespace {

/// The two rows as they are registered before the work begins.
std::pair<history::RunRow, history::RunRow> rowsToBegin(const measure::RunDocument& document, const ComparisonRequest& request) {
    history::RunRow row;
    row.modelFile = document.modelFile;
    row.modelSha256 = document.modelSha256;
    row.modelFormat = document.modelFormat;
    row.dataName = document.dataName;
    row.dataSha256 = document.dataSha256;
    row.dataSamples = document.dataSamples;
    row.device = runtime::text(request.device);
    row.seed = request.seed;
    row.tags = request.tags;
    row.environment = document.environment;
    history::RunRow optimized = row;
    optimized.role = history::RunRole::Optimized;
    optimized.recipeJson = document.recipeJson;
    optimized.recipeSummary = recipe::summary(request.recipe);
    optimized.name = request.name;
    return {row, optimized};
}

std::vector<std::int64_t> testLabels(const data::Dataset& dataset) {
    if (!dataset.hasClasses()) return {};
    const tensor::Tensor labels = dataset.labels(data::Split::Test, 0, dataset.size(data::Split::Test));
    const auto values = labels.values<std::int64_t>();
    return {values.begin(), values.end()};
}

/// Integers or halves.
bool hasQuantization(const graph::Graph& graph) {
    bool found = false;
    graph::forEachNode(graph, [&](const graph::Node& node) {
        found = found || graph::isOfFamily(node.op, graph::Family::Quantization) || graph::widensWeight(graph, node);
    });
    return found;
}

/// How far simulation and integer kernels agree on the optimized model: a number that is simulated elsewhere can be trusted this much.
base::Result<> compareWithSimulation(runtime::Plan& simulated, const Subject& optimized, runtime::Device device,
                                     const data::Dataset& dataset, const measure::TaskChoice& task, measure::Comparison& comparison,
                                     const base::Job& job) {
    const auto quality = measure::evaluate(simulated, device, dataset, qualityBatchSize, job, task);
    if (!quality) return forward(quality, {"while.simulatingOptimized", {}});
    comparison.simulatedAgreement = measure::agreement(*quality, optimized.result.quality);
    comparison.simulatedAccuracy = quality->accuracy;
    return {};
}

base::Result<> writeOutputs(Subject& subject, runtime::Device device, const data::Dataset& dataset, const std::filesystem::path& file) {
    const std::int64_t all = dataset.size(data::Split::Test), inCall = dataset.callSize(qualityBatchSize);
    std::vector<at::Tensor> outputs;
    for (std::int64_t begin = 0; begin < all; begin += inCall) {
        const std::int64_t count = std::min(inCall, all - begin);
        const auto output = subject.plan.runTensor(runtime::toInputs(dataset.call(data::Split::Test, begin, count), device));
        if (!output) return forward(output);
        outputs.push_back(runtime::outputOfSamples(*output, 0, {count, inCall, dataset.callShape()}).to(at::kCPU));
    }
    if (outputs.empty()) return base::failure(base::ErrorCode::Rejected, {"data.noTestSamplesToWrite", {}});
    return data::writeNpz(file, {{"output", runtime::fromAten(at::cat(outputs))}});
}

/// Figures over outputs that are not numbers would mean nothing. `simulated`: the model's plan without fused kernels, which may hide that
/// numbers are none: a relu by max(x, 0) makes 0 of NaN. Where it does not give numbers for the first samples its outputs count. `code`:
/// what to say of which model.
base::Result<> requireFinite(const measure::Quality& measured, runtime::Plan& simulated, const char* code, runtime::Device device,
                             const data::Dataset& dataset, const measure::TaskChoice& task, const base::Job& job) {
    measure::Quality quality = measured;
    if (quality.nonFinite == 0) {
        const auto outputs = simulated.run(testCall(dataset, device, qualityBatchSize));
        if (!outputs) return forward(outputs, {"while.lookingForNumbers", {}});
        const bool areNumbers = std::ranges::all_of(runtime::tensorsOf(*outputs), [](const at::Tensor& tensor) {
            return !tensor.is_floating_point() || tensor.isfinite().all().item<bool>();
        });
        if (areNumbers) return {};
        auto ofAll = measure::evaluate(simulated, device, dataset, qualityBatchSize, job, task);
        if (!ofAll) return forward(ofAll, {"while.lookingForNumbers", {}});
        quality = std::move(*ofAll);
    }
    if (quality.nonFinite == 0) return {};
    return base::failure(base::ErrorCode::Rejected, base::Message(code, {{"samples", quality.nonFinite}, {"all", quality.samples}}));
}

measure::Comparison compared(const Subject& baseline, const Subject& optimized, const data::Dataset& dataset) {
    const measure::Quality& before = baseline.result.quality;
    const measure::Quality& after = optimized.result.quality;
    measure::Comparison comparison;
    if (before.accuracy && after.accuracy) comparison.accuracyDrop = *before.accuracy - *after.accuracy;
    comparison.agreement = measure::agreement(before, after);
    comparison.flips = measure::flips(before, after, testLabels(dataset));
    comparison.sizeRatio =
        static_cast<double>(baseline.result.fileBytes) / static_cast<double>(std::max<std::int64_t>(optimized.result.fileBytes, 1));
    return comparison;
}

base::Result<measure::TaskChoice> chooseTask(const graph::Graph& original, const ComparisonRequest& request, const data::Dataset& dataset) {
    auto plan = runtime::Plan::compile(original, {.device = request.device});
    if (!plan) return forward(plan, {"while.preparingOriginal", {}});
    return measure::chooseTask(*plan, request.device, dataset, request.recipe.evaluation, graph::outputNames(original));
}

/// Everything between registering the run and storing it.
base::Result<> measureBoth(const ComparisonRequest& request, const graph::Graph& original, std::shared_ptr<const data::Dataset> dataset,
                           const measure::TaskChoice& task, measure::RunDocument& document, PhaseProgress& progress) {
    RunSettings settings = userSettings(dataset, request.device, request.seed);
    settings.stages = request.stages;
    auto stages = runRecipe(original, request.recipe, settings, progress.job());
    if (!stages) return forward(stages);
    progress.advance(enabledSteps(request.recipe));
    for (const Stage& stage : *stages)
        document.steps.push_back(stage.result);

    const base::TemporaryFolder scratch;
    auto baseline = prepare(original, request.device, scratch.path());
    if (!baseline) return forward(baseline, {"while.preparingOriginal", {}});
    auto optimized = prepare(stages->empty() ? original : stages->back().graph, request.device, scratch.path());
    if (!optimized) return forward(optimized, {"while.preparingOptimized", {}});

    const auto notCompared = measureQuality(*baseline, *optimized, request.device, *dataset, task, progress.phase("quality"));
    if (!notCompared) return forward(notCompared);
    // Only a step can have brought other shapes about: the warning is the last one's.
    if (*notCompared && !document.steps.empty()) document.steps.back().warnings.push_back(**notCompared);
    const runtime::PlanOptions withoutKernels{.device = request.device, .quantization = runtime::QuantizationMode::Simulated};
    {
        auto simulatedOriginal = runtime::Plan::compile(original, withoutKernels);
        if (!simulatedOriginal) return forward(simulatedOriginal, {"while.simulatingOriginal", {}});
        if (auto result = requireFinite(baseline->result.quality, *simulatedOriginal, "quality.originalIsNotFinite", request.device,
                                        *dataset, task, progress.job());
            !result)
            return result;
    }
    auto simulated = runtime::Plan::compile(optimized->graph, withoutKernels);
    if (!simulated) return forward(simulated, {"while.simulatingOptimized", {}});
    if (auto result = requireFinite(optimized->result.quality, *simulated, "quality.optimizedIsNotFinite", request.device, *dataset, task,
                                    progress.job());
        !result)
        return result;
    document.comparison = compared(*baseline, *optimized, *dataset);
    const base::Job simulation = progress.phase("simulate");
    const bool isQuantized = hasQuantization(optimized->graph);
    if (isQuantized) {
        if (auto result = compareWithSimulation(*simulated, *optimized, request.device, *dataset, task, document.comparison, simulation);
            !result)
            return result;
    }
    const SpeedOptions speed{.seed = static_cast<std::uint64_t>(request.seed)};
    auto speedup = measureSpeed(*baseline, *optimized, request.device, *dataset, speed, progress.phase("latency"));
    if (!speedup) return forward(speedup);
    document.comparison.speedup = *speedup;

    progress.phase("layers");
    if (auto result = measureLayers(*baseline, request.device, *dataset, original, {}); !result) return result;
    if (auto result = measureLayers(*optimized, request.device, *dataset, original, *stages); !result) return result;
    if (isQuantized) {
        if (auto result = measureActivations(*optimized, *simulated, request.device, *dataset); !result) return result;
    }
    if (request.outputFile) {
        if (auto result = writeOutputs(*optimized, request.device, *dataset, *request.outputFile); !result) return result;
    }
    document.baseline = std::move(baseline->result);
    document.optimized = std::move(optimized->result);
    return {};
}

} // namespace

base::Result<measure::RunDocument> runComparison(const ComparisonRequest& request, const formats::OpenedModel& model,
                                                 const base::Job& job) {
    if (const auto device = runtime::requireDevice(request.device); !device) return forward(device);
    useThreads(request.threads);
    if (const auto checked = checkRecipe(request.recipe, model.graph, model.sha256); !checked) return forward(checked);
    const auto fitted = fitToData(model.graph, request.data, request.recipe.preprocessing);
    if (!fitted) return forward(fitted);
    const graph::Graph& original = fitted->graph;
    const std::shared_ptr<const data::Dataset>& dataset = fitted->dataset;
    const auto task = chooseTask(original, request, *dataset);
    if (!task) return forward(task);

    measure::RunDocument document;
    document.modelFile = request.modelFile.string();
    document.modelSha256 = model.sha256;
    document.modelFormat = model.report.format;
    document.dataName = dataset->name();
    document.dataSha256 = dataset->sha256();
    document.dataSamples = dataset->size(data::Split::Test);
    document.environment = environment(request.device, request.data);
    // Part of what runs must share to be compared (history/scope.h).
    document.environment["task"] = recipe::name(task->task);
    document.seed = request.seed;
    document.recipeJson = recipe::write(request.recipe);

    PhaseProgress progress(job, enabledSteps(request.recipe) + 4);
    if (!request.history) {
        if (const auto result = measureBoth(request, original, dataset, *task, document, progress); !result) return forward(result);
        return document;
    }

    auto history = history::History::open(*request.history);
    if (!history) return forward(history);
    const auto [baselineRow, optimizedRow] = rowsToBegin(document, request);
    const auto ids = history->begin(baselineRow, optimizedRow);
    if (!ids) return forward(ids);
    document.historyFile = request.history->string();
    document.historyIds = {ids->first, ids->second};

    base::Result<> result = measureBoth(request, original, dataset, *task, document, progress);
    if (result) result = history->complete(document, ids->first, ids->second);
    if (!result) {
        const bool isCancelled = result.error().code == base::ErrorCode::Cancelled;
        const auto state = isCancelled ? history::RunState::Cancelled : history::RunState::Failed;
        // Should this fail as well, the rows stay "running" and become "interrupted" at the next opening.
        if (const auto abandoned = history->abandon(document.historyIds, state, result.error().text()); !abandoned) {
            return forward(result, abandoned.error().message);
        }
        return forward(result);
    }
    return document;
}

} // namespace lathe::engine
