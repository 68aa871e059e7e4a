#include <core/engine/recipe_runner.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include <core/engine/run_context.h>
#include <core/engine/stage_store.h>
#include <core/graph/layers.h>
#include <core/history/step_curve.h>
#include <core/measure/machine.h>
#include <core/runtime/device.h>
#include <core/steps/apply_step.h>
#include <core/steps/step_definition.h>
#include <core/steps/step_table.h>

namespace lathe::engine {

namespace {

base::Message place(std::size_t index, const steps::Step& step) { return {"recipe.stepWithOp", {{"number", index + 1}, {"op", step.op}}}; }

base::Result<Stage> stageOf(base::Result<steps::StepOutcome> outcome) {
    if (!outcome) return forward(outcome);
    Stage stage;
    stage.graph = std::move(outcome->graph);
    stage.layers = std::move(outcome->layers);
    stage.result.figures = std::move(outcome->figures);
    stage.result.notes = std::move(outcome->notes);
    stage.result.warnings = std::move(outcome->warnings);
    history::setCurve(stage.result, outcome->curve);
    stage.layerNotes = std::move(outcome->layerNotes);
    return stage;
}

std::optional<Stage> copyOf(const std::shared_ptr<const Stage>& stage) { return stage ? std::optional(*stage) : std::nullopt; }

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
        return base::failure(
            base::ErrorCode::Rejected,
            {"recipe.isForAnotherModel", {{"wanted", recipe.modelSha256.substr(0, 12)}, {"found", modelSha256.substr(0, 12)}}});
    }
    for (std::size_t index = 0; index < recipe.steps.size(); ++index) {
        const steps::Step& step = recipe.steps[index];
        const steps::StepDefinition* definition = steps::findStepDefinition(step.op);
        if (!step.enabled || definition == nullptr || definition->check == nullptr) continue;
        if (const auto checked = definition->check(step); !checked) return forward(checked, place(index, step));
    }
    return recipe::checkLayers(recipe, graph::layerNames(model));
}

base::Result<std::vector<Stage>> runRecipe(const graph::Graph& original, const recipe::Recipe& unbound, const RunSettings& settings,
                                           const base::Job& job) {
    const recipe::Recipe recipe = recipe::bound(unbound, graph::layerNames(original));
    const StageStore store(settings.stageFolder);
    const std::vector<std::string> keys = stageKeys(original, recipe, settings);
    std::vector<Stage> stages;
    for (std::size_t index = 0; index < recipe.steps.size(); ++index) {
        const steps::Step& step = recipe.steps[index];
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
        auto kept = settings.stages == nullptr ? std::optional<Stage>() : copyOf(settings.stages->find(key));
        if (!kept) kept = store.find(key);
        if (kept) {
            kept->step = static_cast<int>(index);
            kept->result.notes.push_back({"train.takenOver", {}});
            stages.push_back(std::move(*kept));
            continue;
        }
        measure::resetPeakMemory();
        const auto start = std::chrono::steady_clock::now();
        RunContext context(settings, part, recipe.evaluation, &original);
        base::Result<Stage> stage = stageOf(steps::applyStep(before, step, context));
        if (!stage) return forward(stage, place(index, step));
        stage->step = static_cast<int>(index);
        stage->result.op = step.op;
        stage->result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        stage->result.peakMemoryBytes = measure::peakMemoryBytes();
        stage->result.figures["parameters"] = static_cast<double>(graph::parameterCount(stage->graph));
        // A training that was cut short is not what the recipe says.
        if (stage->result.seconds >= StageStore::slowStepSeconds && !job.finish.stop_requested()) {
            store.keep(key, *stage);
            if (settings.stages != nullptr) settings.stages->keep(key, std::make_shared<const Stage>(*stage), before);
        }
        stages.push_back(std::move(*stage));
    }
    return stages;
}

Preview previewRecipe(const graph::Graph& original, const recipe::Recipe& unbound, const base::Job& job, const KnownStages& known) {
    const std::vector<std::string> names = graph::layerNames(original);
    const recipe::Recipe recipe = recipe::bound(unbound, names);
    Preview preview;
    recipe::Recipe soFar;
    for (std::size_t index = 0; index < recipe.steps.size(); ++index) {
        const steps::Step& step = recipe.steps[index];
        if (!step.enabled) continue;
        const graph::Graph& before = preview.stages.empty() ? original : preview.stages.back().graph;
        std::string key;
        if (known.cache != nullptr) {
            soFar.steps.push_back(step);
            key = known.model + "\n" + std::to_string(index) + "\n" + recipe::write(soFar);
            if (auto kept = known.cache->find(key)) {
                preview.stages.push_back(std::move(kept));
                continue;
            }
        }
        base::Result<Stage> stage = Stage{};
        if (const auto checked = steps::checkLayers(step, names); !checked)
            stage = forward(checked);
        else
            stage = stageOf(steps::previewStep(before, step, job, runtime::cpuHasVnni()));
        if (!stage) {
            preview.error = forward(stage, place(index, step)).value();
            break;
        }
        stage->step = static_cast<int>(index);
        stage->result.op = step.op;
        auto made = std::make_shared<const Stage>(std::move(*stage));
        if (known.cache != nullptr) known.cache->keep(key, made, before);
        preview.stages.push_back(std::move(made));
    }
    return preview;
}

int enabledSteps(const recipe::Recipe& recipe) {
    return static_cast<int>(std::ranges::count_if(recipe.steps, [](const steps::Step& step) { return step.enabled; }));
}

} // namespace lathe::engine
