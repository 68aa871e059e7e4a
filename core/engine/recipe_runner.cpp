#include <core/engine/recipe_runner.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <system_error>

#include <core/base/files.h>
#include <core/engine/stage_store.h>
#include <core/engine/step_services.h>
#include <core/graph/layers.h>
#include <core/measure/machine.h>
#include <core/train/finetune.h>
#include <core/transform/apply_step.h>

namespace lathe::engine {

namespace {

std::string place(std::size_t index, const recipe::Step& step) { return "step " + std::to_string(index + 1) + " (" + step.op + ")"; }

/// A name for the state of this very fine-tuning: same model so far, same data, seed and parameters.
std::filesystem::path checkpointFile(const graph::Graph& graph, const recipe::Step& step, const RunSettings& settings) {
    if (settings.checkpointFolder.empty()) return {};
    const std::string key = graph::text(graph) + step.parameters.dump() + settings.dataset->sha256() + std::to_string(settings.seed);
    return settings.checkpointFolder / (base::sha256(key).substr(0, 32) + ".checkpoint");
}

/// Why fine-tuning with these settings changes nothing.
std::vector<std::string> finetuneWarnings(const recipe::Step& step) {
    if (step.parameter("learning_rate").get<double>() == 0) return {"Nothing is trained: the learning rate is 0."};
    return {};
}

/// Fine-tuning before it runs: nothing that it changes can be foretold, but that it cannot change anything can.
Stage previewFinetune(const graph::Graph& graph, const recipe::Step& step) {
    Stage stage;
    stage.graph = graph;
    stage.result.warnings = finetuneWarnings(step);
    const bool hasParameters = std::ranges::any_of(graph.values, [](const graph::Value& value) { return value.isParameter; });
    if (!hasParameters) stage.result.warnings.emplace_back("The model has no parameters to train.");
    return stage;
}

base::Result<Stage> finetune(const graph::Graph& graph, const recipe::Step& step, const RunSettings& settings, const base::Job& job) {
    if (!settings.dataset) return base::failure(base::ErrorCode::InvalidArgument, "Fine-tuning needs data.");
    train::FinetuneOptions options;
    options.epochs = step.parameter("epochs").get<int>();
    options.learningRate = step.parameter("learning_rate").get<double>();
    options.momentum = step.parameter("momentum").get<double>();
    options.weightDecay = step.parameter("weight_decay").get<double>();
    options.batchSize = step.parameter("batch_size").get<std::int64_t>();
    options.maxSamples = step.parameter("max_samples").get<std::int64_t>();
    options.seed = settings.seed;
    options.device = settings.device;
    options.checkpoint = checkpointFile(graph, step, settings);
    if (!options.checkpoint.empty()) {
        std::error_code error; // without the folder fine-tuning only cannot be resumed; the trainer says so
        std::filesystem::create_directories(settings.checkpointFolder, error);
        if (error) options.checkpoint.clear();
    }

    Stage stage;
    stage.graph = graph;
    stage.result.warnings = finetuneWarnings(step);
    const auto report = train::finetune(stage.graph, *settings.dataset, options, job);
    if (!report) return forward(report);
    stage.result.epochLosses = report->epochLosses;
    stage.result.figures["epochs"] = options.epochs;
    if (!report->epochLosses.empty()) stage.result.figures["final_loss"] = report->epochLosses.back();
    if (report->firstEpoch > 0)
        stage.result.notes.push_back("Continued after epoch " + std::to_string(report->firstEpoch) + " of an interrupted run.");
    return stage;
}

base::Result<Stage> transformed(base::Result<transform::StepOutcome> outcome) {
    if (!outcome) return forward(outcome);
    Stage stage;
    stage.graph = std::move(outcome->graph);
    stage.layers = std::move(outcome->layers);
    stage.result.figures = std::move(outcome->figures);
    stage.result.notes = std::move(outcome->notes);
    stage.result.warnings = std::move(outcome->warnings);
    stage.layerNotes = std::move(outcome->layerNotes);
    return stage;
}

/// $XDG_STATE_HOME/lathe/checkpoints.
std::filesystem::path checkpointFolder() {
    namespace fs = std::filesystem;
    // The XDG specification: relative values are to be ignored.
    if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && fs::path(state).is_absolute())
        return fs::path(state) / "lathe" / "checkpoints";
    const char* home = std::getenv("HOME");
    return home != nullptr ? fs::path(home) / ".local" / "state" / "lathe" / "checkpoints" : fs::path();
}

} // namespace

RunSettings userSettings(std::shared_ptr<const data::Dataset> dataset, runtime::Device device, std::int64_t seed) {
    return {std::move(dataset), device, seed, checkpointFolder(), defaultStageFolder()};
}

base::Result<> checkRecipe(const recipe::Recipe& recipe, const graph::Graph& model, const std::string& modelSha256) {
    if (!recipe.modelSha256.empty() && recipe.modelSha256 != modelSha256) {
        return base::failure(base::ErrorCode::Rejected, "The recipe is bound to another model (SHA-256 " +
                                                            recipe.modelSha256.substr(0, 12) + "…, not " + modelSha256.substr(0, 12) +
                                                            "…); without its \"model\" entry it is for any.");
    }
    return recipe::checkLayers(recipe, graph::layerNames(model));
}

base::Result<std::vector<Stage>> runRecipe(const graph::Graph& original, const recipe::Recipe& unbound, const RunSettings& settings,
                                           const base::Job& job) {
    const recipe::Recipe recipe = recipe::bound(unbound, graph::layerNames(original));
    const transform::StepServices services = stepServices(settings.dataset, settings.device);
    const StageStore store(settings.stageFolder);
    const std::vector<std::string> keys = stageKeys(original, recipe, settings);
    std::vector<Stage> stages;
    for (std::size_t index = 0; index < recipe.steps.size(); ++index) {
        const recipe::Step& step = recipe.steps[index];
        if (!step.enabled) continue;
        if (job.isCancelled()) return base::Job::cancelled();

        const graph::Graph& before = stages.empty() ? original : stages.back().graph;
        const int phase = static_cast<int>(stages.size()) + 1;
        base::Job part = job;
        part.progress = [&, phase](const base::Progress& update) {
            base::Progress whole = update;
            whole.phase = step.op;
            whole.step = phase;
            job.report(whole);
        };
        part.report({});

        const std::string& key = keys[stages.size()];
        if (auto kept = store.find(key)) {
            kept->step = static_cast<int>(index);
            kept->result.notes.push_back("Taken over from an earlier run of the same step.");
            stages.push_back(std::move(*kept));
            continue;
        }
        measure::resetPeakMemory();
        const auto start = std::chrono::steady_clock::now();
        base::Result<Stage> stage = step.op == "finetune" ? finetune(before, step, settings, part)
                                                          : transformed(transform::applyStep(before, step, services, part));
        if (!stage) return forward(stage, place(index, step));
        if (step.op == "quantize.static" && step.parameter("targets") != "weights" && settings.dataset && settings.dataset->isRandom()) {
            stage->result.notes.emplace_back("The ranges of activations were found with random input: they mean nothing for real data.");
        }
        stage->step = static_cast<int>(index);
        stage->result.op = step.op;
        stage->result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        stage->result.peakMemoryBytes = measure::peakMemoryBytes();
        stage->result.figures["parameters"] = static_cast<double>(graph::parameterCount(stage->graph));
        if (stage->result.seconds >= StageStore::slowStepSeconds) store.keep(key, *stage);
        stages.push_back(std::move(*stage));
    }
    return stages;
}

Preview previewRecipe(const graph::Graph& original, const recipe::Recipe& unbound, const base::Job& job) {
    const std::vector<std::string> names = graph::layerNames(original);
    const recipe::Recipe recipe = recipe::bound(unbound, names);
    Preview preview;
    for (std::size_t index = 0; index < recipe.steps.size(); ++index) {
        const recipe::Step& step = recipe.steps[index];
        if (!step.enabled) continue;
        const graph::Graph& before = preview.stages.empty() ? original : preview.stages.back().graph;
        base::Result<Stage> stage = Stage{};
        if (const auto checked = recipe::checkLayers(step, names); !checked)
            stage = forward(checked);
        else
            stage = step.op == "finetune" ? previewFinetune(before, step) : transformed(transform::previewStep(before, step, job));
        if (!stage) {
            preview.error = forward(stage, place(index, step)).value();
            break;
        }
        stage->step = static_cast<int>(index);
        stage->result.op = step.op;
        preview.stages.push_back(std::move(*stage));
    }
    return preview;
}

int enabledSteps(const recipe::Recipe& recipe) {
    return static_cast<int>(std::ranges::count_if(recipe.steps, [](const recipe::Step& step) { return step.enabled; }));
}

} // namespace lathe::engine
