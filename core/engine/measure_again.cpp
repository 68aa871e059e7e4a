#include <core/engine/measure_again.h>

#include <charconv>

#include <core/base/files.h>
#include <core/engine/comparison.h>
#include <core/engine/fitted_model.h>
#include <core/engine/model_measurement_torch.h>
#include <core/engine/open_model.h>
#include <core/engine/phase_progress.h>
#include <core/engine/recipe_runner.h>
#include <core/history/figures.h>
#include <core/history/history.h>
#include <core/history/run_document.h>

namespace lathe::engine {

namespace {

using base::ErrorCode;
using base::failure;

struct StoredRun {
    history::RunRow original; ///< its id is empty when the row is gone
    history::RunRow optimized;
};

base::Result<StoredRun> storedRun(const history::History& history, const std::string& id) {
    StoredRun stored;
    auto optimized = history.run(id);
    if (!optimized) return forward(optimized);
    if (optimized->role == history::RunRole::Baseline)
        return failure(ErrorCode::InvalidArgument, {"run.isOriginal", {{"run", optimized->id}}});
    if (optimized->state != history::RunState::Complete || !optimized->comparison)
        return failure(ErrorCode::InvalidArgument, {"run.hasNothingToMeasure", {{"run", optimized->id}}});
    stored.optimized = std::move(*optimized);
    if (stored.optimized.parentId.empty()) return stored;
    auto original = history.run(stored.optimized.parentId);
    if (!original) return forward(original);
    stored.original = std::move(*original);
    return stored;
}

std::string entry(const history::RunRow& row, const char* key, const std::string& otherwise) {
    const auto found = row.environment.find(key);
    return found == row.environment.end() ? otherwise : found->second;
}

/// Takes over what was measured now. False: it is another model than then.
bool takeSpeed(measure::ModelResult& stored, const measure::ModelResult& measured) {
    if (stored.parameters != measured.parameters || stored.layers.size() != measured.layers.size()) return false;
    for (std::size_t i = 0; i < stored.layers.size(); ++i) {
        if (stored.layers[i].name != measured.layers[i].name) return false;
        for (const history::Figure& figure : history::layerFigures()) {
            const auto value = history::valueOf(figure, measured.layers[i]);
            if (figure.group == history::FigureGroup::Speed && value) (void)history::setValue(figure, *value, stored.layers[i]);
        }
    }
    for (const history::Figure& figure : history::figures()) {
        const auto value = history::storedValue(figure, measured, std::nullopt);
        std::optional<measure::Comparison> none;
        if (figure.group == history::FigureGroup::Speed && value) (void)history::setValue(figure, *value, stored, none);
    }
    stored.latency = measured.latency; // and its samples
    stored.whyThroughputNotReliable = measured.whyThroughputNotReliable;
    return true;
}

} // namespace

base::Result<measure::RunDocument> measureAgain(const MeasureAgainRequest& request, const base::Job& job) {
    auto history = history::History::open(request.history);
    if (!history) return forward(history);
    const auto stored = storedRun(*history, request.run);
    if (!stored) return forward(stored);
    const history::RunRow& row = stored->optimized;
    const auto device = runtime::parseDevice(row.device);
    if (!device) return forward(device);
    if (const auto there = runtime::requireDevice(*device); !there) return forward(there);
    const auto recipe = recipe::parse(row.recipeJson);
    if (!recipe) return forward(recipe, {"while.readingRecipeOfRun", {}});
    int threads = 0;
    const std::string threadsText = entry(row, "threads", "0");
    std::from_chars(threadsText.data(), threadsText.data() + threadsText.size(), threads);
    useThreads(threads);

    PhaseProgress progress(job, enabledSteps(*recipe) + 2);
    const std::string data = request.data.empty() ? entry(row, "data_source", row.dataName) : request.data;
    const auto read = openModel({.file = row.modelFile, .data = data, .preprocessing = recipe->preprocessing}, job);
    if (!read) return forward(read);
    if (read->model.sha256 != row.modelSha256) return failure(ErrorCode::Rejected, {"run.modelHasChanged", {{"file", row.modelFile}}});
    const auto fitted = fitToData(read->model.graph, data, recipe->preprocessing);
    if (!fitted) return forward(fitted);
    const graph::Graph& original = fitted->graph;
    const std::shared_ptr<const data::Dataset>& dataset = fitted->dataset;
    if (dataset->sha256() != row.dataSha256) return failure(ErrorCode::Rejected, {"run.dataHasChanged", {{"data", data}}});

    const RunSettings settings = userSettings(dataset, *device, row.seed);
    auto stages = runRecipe(original, *recipe, settings, progress.job());
    if (!stages) return forward(stages);
    progress.advance(enabledSteps(*recipe));
    const base::TemporaryFolder scratch;
    auto baseline = prepare(original, *device, scratch.path());
    if (!baseline) return forward(baseline, {"while.preparingOriginal", {}});
    auto optimized = prepare(stages->empty() ? original : stages->back().graph, *device, scratch.path());
    if (!optimized) return forward(optimized, {"while.preparingOptimized", {}});
    const SpeedOptions speed{.seed = static_cast<std::uint64_t>(row.seed)};
    const auto speedup = measureSpeed(*baseline, *optimized, *device, *dataset, speed, progress.phase("latency"));
    if (!speedup) return forward(speedup);
    progress.phase("layers");
    if (const auto result = measureLayers(*baseline, *device, *dataset, original, {}); !result) return forward(result);
    if (const auto result = measureLayers(*optimized, *device, *dataset, original, *stages); !result) return forward(result);

    measure::RunDocument document = history::documentOf(stored->original, row);
    document.environment = environment(*device, data);
    document.historyFile = request.history.string();
    document.comparison.speedup = *speedup;
    const bool hasOriginal = !stored->original.id.empty();
    if (!hasOriginal) document.baseline = baseline->result;
    if ((hasOriginal && !takeSpeed(document.baseline, baseline->result)) || !takeSpeed(document.optimized, optimized->result))
        return failure(ErrorCode::Rejected, {"run.layersHaveChanged", {}});
    const auto written = history->replaceSpeed(document, row.parentId, row.id);
    if (!written) return forward(written);
    return document;
}

} // namespace lathe::engine
