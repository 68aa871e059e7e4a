#include <core/engine/export_model.h>

#include <algorithm>
#include <cmath>

#include <ATen/TensorOperators.h>
#include <ATen/ops/sum.h>

#include <core/base/files.h>
#include <core/base/log.h>
#include <core/base/message.h>
#include <core/engine/export_judges.h>
#include <core/engine/export_notes.h>
#include <core/engine/fitted_model.h>
#include <core/engine/model_measurement_torch.h>
#include <core/engine/phase_progress.h>
#include <core/engine/recipe_runner.h>
#include <core/engine/symbolic_shapes.h>
#include <core/formats/format_table.h>
#include <core/history/history.h>
#include <core/measure/detection_match.h>
#include <core/runtime/call_torch.h>

namespace lathe::engine {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t checkedSamples = 512;
/// At most, where the model takes any number: all at once can be more than fits into memory.
constexpr std::int64_t checkedInCall = 32;
constexpr double pythonLimitSeconds = 120;

base::Result<std::int64_t> write(const ModelExportRequest& request, const graph::Graph& graph) {
    // For this machine, as "auto" is for activations.
    const auto productWeights = runtime::cpuHasVnni() ? formats::ProductWeights::Signed : formats::ProductWeights::Unsigned;
    return formats::formatSpec(request.to).write(graph, request.file, {.productWeights = productWeights});
}

/// With the sizes that the file of the model leaves free. Where the writer needs to know some, all but the number of samples are fixed.
base::Result<std::int64_t> writeWithSizes(const ModelExportRequest& request, const graph::Graph& declared, const data::Dataset& dataset,
                                          graph::Graph& graph, std::vector<FixedSize>& fixedSizes) {
    const formats::WrittenShapes shapes = formats::formatSpec(request.to).shapes;
    const bool hasShapes = shapes != formats::WrittenShapes::None;
    const FreeSizes wanted = shapes == formats::WrittenShapes::All ? FreeSizes::Told : FreeSizes::All;
    for (const FreeSizes free : {wanted, FreeSizes::Batch}) {
        if (hasShapes) {
            auto fixed = annotateWithSymbols(graph, declared, dataset, free);
            if (!fixed) return forward(fixed);
            fixedSizes = std::move(*fixed);
        }
        auto bytes = write(request, graph);
        const bool mayHelp = hasShapes && !bytes && bytes.error().code == base::ErrorCode::Unsupported && free == wanted;
        if (!mayHelp) return bytes;
    }
    return base::failure(base::ErrorCode::Unsupported, {"export.cannotBeWritten", {}}); // not reached: the second try returns
}

base::Message sizeNote(const FixedSize& fixed) {
    return {"export.sizeIsFixed", {{"axis", fixed.axis}, {"input", fixed.input}, {"size", fixed.size}}};
}

/// The samples that an export is judged with.
struct JudgedSamples {
    std::vector<at::Tensor> inputs; ///< [N, …] each
    std::int64_t inCall = 0;        ///< see ExportTrial
    std::vector<data::BatchAxis> axes = {};
};

/// Some of the first again, where the last call is not full.
JudgedSamples judgedSamples(const data::Dataset& dataset) {
    const data::Split split = dataset.size(data::Split::Test) > 0 ? data::Split::Test : data::Split::Train;
    const std::int64_t size = dataset.size(split), wanted = std::min(checkedSamples, size);
    const auto callsOf = [wanted](std::int64_t each) { return (wanted + each - 1) / each; };
    const std::int64_t inCall = dataset.callSize((wanted + callsOf(checkedInCall) - 1) / callsOf(checkedInCall));
    std::vector<std::int64_t> positions;
    for (std::int64_t at = 0; at < inCall * callsOf(inCall); ++at)
        positions.push_back(at % size);
    JudgedSamples samples{{}, dataset.callShape().hasBatch ? inCall : 0, dataset.callShape().inputAxes};
    for (std::size_t index = 0, inputs = dataset.inputs().size(); index < inputs; ++index)
        samples.inputs.push_back(runtime::toAten(dataset.gatherInput(index, split, positions)));
    return samples;
}

/// All outputs for all samples.
base::Result<std::vector<at::Tensor>> outputsOf(const graph::Graph& graph, const JudgedSamples& samples) {
    auto plan = runtime::Plan::compile(graph, {});
    if (!plan) return forward(plan);
    std::vector<std::vector<at::Tensor>> outputs;
    for (const std::vector<c10::IValue>& arguments : runtime::callsOf(samples.inputs, samples.inCall, samples.axes)) {
        const auto output = plan->run(arguments);
        if (!output) return forward(output);
        outputs.push_back(runtime::tensorsOf(*output));
    }
    return runtime::joinedOutputs(outputs, samples.inCall);
}

std::vector<tensor::Tensor> tensorsOf(const std::vector<at::Tensor>& outputs) {
    std::vector<tensor::Tensor> tensors;
    for (const at::Tensor& output : outputs)
        tensors.push_back(runtime::fromAten(output));
    return tensors;
}

/// Root of the mean square of the difference; 0 where the original gives something else.
double recipeChange(const std::vector<at::Tensor>& before, const std::vector<at::Tensor>& expected) {
    if (before.size() != expected.size()) return 0;
    double squares = 0, numbers = 0;
    for (std::size_t at = 0; at < expected.size(); ++at) {
        if (before[at].sizes() != expected[at].sizes()) return 0;
        squares += (before[at].to(at::kDouble) - expected[at].to(at::kDouble)).square().sum().item<double>();
        numbers += static_cast<double>(expected[at].numel());
    }
    return numbers > 0 ? std::sqrt(squares / numbers) : 0;
}

/// What the recipe changed, as far as the original can be run.
void describeRecipe(ExportTrial& trial, const graph::Graph& original, const JudgedSamples& samples,
                    const std::vector<at::Tensor>& expected) {
    const auto before = outputsOf(original, samples);
    if (!before) return;
    trial.recipeChange = recipeChange(*before, expected);
    const auto detections = measure::detectionsOf(tensorsOf(*before)), found = measure::detectionsOf(trial.expected);
    if (detections && found) trial.recipeMatch = measure::matchedShare(*found, *detections);
}

/// `original` is null when the recipe changed nothing.
base::Result<std::vector<history::ExportCheck>> verify(const ModelExportRequest& request, const graph::Graph* original,
                                                       const graph::Graph& graph, const data::Dataset& dataset, const base::Job& job) {
    const JudgedSamples samples = judgedSamples(dataset);
    const auto expected = outputsOf(graph, samples);
    if (!expected) return forward(expected);
    ExportTrial trial;
    trial.file = request.file;
    trial.format = request.to;
    trial.samplesInCall = samples.inCall;
    trial.batchAxes = samples.axes;
    trial.expected = tensorsOf(*expected);
    if (original) describeRecipe(trial, *original, samples, *expected);
    for (const at::Tensor& input : samples.inputs)
        trial.inputs.push_back(runtime::fromAten(input));
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
    if (const auto sayable = formats::checkControlFlow(model.graph, request.to); !sayable) return forward(sayable);

    graph::Graph original = model.graph;
    std::shared_ptr<const data::Dataset> dataset;
    if (!request.data.empty()) {
        auto fitted = fitToData(model.graph, request.data, request.recipe.preprocessing);
        if (!fitted) return forward(fitted);
        dataset = std::move(fitted->dataset);
        original = std::move(fitted->graph);
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
    std::vector<FixedSize> fixedSizes;
    auto bytes = dataset ? writeWithSizes(request, model.graph, *dataset, result, fixedSizes) : write(request, result);
    if (!bytes) return forward(bytes);
    client::ExportReply reply;
    reply.file = request.file.string();
    reply.bytes = *bytes;
    reply.originalBytes = model.fileBytes;
    reply.notes = exportNotes(result, request.to);
    for (const FixedSize& fixed : fixedSizes)
        reply.notes.push_back(sizeNote(fixed));
    if (model.report.keepsState) reply.notes.push_back({"export.losesState", {}});
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
