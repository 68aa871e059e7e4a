#include <core/engine/export_model.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/mean.h>

#include <core/base/files.h>
#include <core/base/log.h>
#include <core/data/model_fit.h>
#include <core/engine/batch_symbol.h>
#include <core/engine/comparison.h>
#include <core/engine/export_judges.h>
#include <core/engine/export_notes.h>
#include <core/engine/model_measurement_torch.h>
#include <core/engine/phase_progress.h>
#include <core/engine/recipe_runner.h>
#include <core/formats/format_table.h>
#include <core/history/history.h>

namespace lathe::engine {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t checkedSamples = 512;
constexpr double pythonLimitSeconds = 120;

/// For this machine, as "auto" is for activations.
formats::ProductWeights productWeights() {
    return runtime::cpuHasVnni() ? formats::ProductWeights::Signed : formats::ProductWeights::Unsigned;
}

/// Root of the mean square of the difference; 0 where the original cannot be run or gives something else.
double recipeChange(const graph::Graph& original, std::span<const c10::IValue> inputs, const at::Tensor& expected) {
    auto plan = runtime::Plan::compile(original, {});
    if (!plan) return 0;
    const auto before = plan->runTensor(inputs);
    if (!before || before->sizes() != expected.sizes()) return 0;
    return (before->to(at::kDouble) - expected.to(at::kDouble)).square().mean().sqrt().item<double>();
}

/// `original` is null when the recipe changed nothing.
base::Result<std::vector<history::ExportCheck>> verify(const ModelExportRequest& request, const graph::Graph* original,
                                                       const graph::Graph& graph, const data::Dataset& dataset, const base::Job& job) {
    const std::vector<c10::IValue> inputs = testBatch(dataset, {}, checkedSamples);
    auto plan = runtime::Plan::compile(graph, {});
    if (!plan) return forward(plan);
    const auto expected = plan->runTensor(inputs);
    if (!expected) return forward(expected);
    ExportTrial trial;
    trial.file = request.file;
    trial.format = request.to;
    trial.expected = runtime::fromAten(*expected);
    if (original) trial.recipeChange = recipeChange(*original, inputs, *expected);
    for (const c10::IValue& input : inputs)
        trial.inputs.push_back(runtime::fromAten(input.toTensor()));
    trial.mayJudgesSaturate = mayOtherKernelsSaturate(graph, request.to, runtime::cpuHasVnni());
    std::vector<history::ExportCheck> checks;
    auto own = judgeByLathe(trial, job);
    if (!own) return forward(own);
    checks.push_back(std::move(*own));
    if (request.python.empty()) return checks;
    auto second = judgeByPython(trial, request.python, pythonLimitSeconds, job);
    if (!second) return forward(second);
    checks.push_back(std::move(*second));
    return checks;
}

/// Puts the export into the history; returns the run that it belongs to, or "".
base::Result<std::string> record(const ModelExportRequest& request, const formats::OpenedModel& model, const data::Dataset* dataset,
                                 const client::ExportReply& reply) {
    const auto sha256 = base::sha256OfFile(request.file);
    if (!sha256) return forward(sha256);
    history::ExportedFile exported;
    exported.file = fs::absolute(request.file).string();
    exported.format = request.to;
    exported.sha256 = *sha256;
    exported.bytes = reply.bytes;
    exported.originalBytes = model.fileBytes;
    exported.modelFile = request.modelFile.string();
    exported.modelSha256 = model.sha256;
    if (dataset != nullptr) exported.dataSha256 = dataset->sha256();
    exported.recipeJson = recipe::write(request.recipe);
    exported.recipeSummary = recipe::summary(request.recipe);
    exported.seed = request.seed;
    exported.checks = reply.checks;
    auto history = history::History::open(*request.history);
    if (!history) return forward(history);
    return history->addExport(exported);
}

} // namespace

base::Result<client::ExportReply> exportModel(const ModelExportRequest& request, const formats::OpenedModel& model, const base::Job& job) {
    if (const auto device = runtime::requireDevice(request.device); !device) return forward(device);
    if (const auto checked = checkRecipe(request.recipe, model.graph, model.sha256); !checked) return forward(checked);

    graph::Graph original = model.graph;
    std::shared_ptr<const data::Dataset> dataset;
    if (!request.data.empty()) {
        auto opened = data::openFor(model.graph, request.data, request.recipe.preprocessing);
        if (!opened) return forward(opened);
        dataset = std::move(*opened);
        if (const auto shapes = annotate(original, *dataset); !shapes) return forward(shapes);
    }
    const bool isVerified = request.verification == Verification::Run && dataset;
    PhaseProgress progress(job, enabledSteps(request.recipe) + (isVerified ? 2 : 1));
    RunSettings settings = userSettings(dataset, request.device, request.seed);
    settings.stages = request.stages;
    const auto stages = runRecipe(original, request.recipe, settings, progress.job());
    if (!stages) return forward(stages);
    progress.advance(enabledSteps(request.recipe));
    graph::Graph result = stages->empty() ? original : stages->back().graph;

    progress.phase("export");
    const formats::FormatSpec& format = formats::formatSpec(request.to);
    if (format.writesShapes && dataset) {
        if (const auto shapes = annotateWithBatchSymbol(result, *dataset); !shapes) return forward(shapes);
    }
    const auto bytes = format.write(result, request.file, {.productWeights = productWeights()});
    if (!bytes) return forward(bytes);
    client::ExportReply reply;
    reply.file = request.file.string();
    reply.bytes = *bytes;
    reply.originalBytes = model.fileBytes;
    reply.notes = exportNotes(result, request.to);
    if (isVerified) {
        auto checks = verify(request, stages->empty() ? nullptr : &original, result, *dataset, progress.phase("verify"));
        if (!checks) return forward(checks);
        reply.checks = std::move(*checks);
    }
    if (request.history) {
        // The file is there and good: a history that cannot take the record is no reason to call the export failed.
        auto run = record(request, model, dataset.get(), reply);
        if (run) {
            reply.runId = std::move(*run);
        } else {
            base::log(base::LogLevel::Warning, "The export is not in the history: " + run.error().text());
        }
    }
    return reply;
}

} // namespace lathe::engine
