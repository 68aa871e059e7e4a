#include <core/history/run_document.h>

#include <filesystem>

#include <core/recipe/recipe.h>

namespace lathe::history {

namespace {

std::string modelName(const RunRow& run) { return std::filesystem::path(run.modelFile).filename().string(); }

} // namespace

std::vector<RunRow> rowsOf(const measure::RunDocument& document, const std::string& createdAt) {
    RunRow baseline;
    baseline.id = document.historyIds.empty() ? "baseline" : document.historyIds.front();
    baseline.state = RunState::Complete;
    baseline.createdAt = createdAt;
    baseline.modelFile = document.modelFile;
    baseline.modelSha256 = document.modelSha256;
    baseline.modelFormat = document.modelFormat;
    baseline.dataName = document.dataName;
    baseline.dataSha256 = document.dataSha256;
    baseline.dataSamples = document.dataSamples;
    if (const auto device = document.environment.find("device"); device != document.environment.end()) baseline.device = device->second;
    baseline.seed = document.seed;
    baseline.environment = document.environment;
    RunRow optimized = baseline;

    baseline.name = modelName(baseline) + " · original";
    baseline.result = document.baseline;

    optimized.role = RunRole::Optimized;
    optimized.parentId = baseline.id;
    optimized.id = document.historyIds.size() > 1 ? document.historyIds[1] : "optimized";
    optimized.recipeJson = document.recipeJson;
    if (const auto recipe = recipe::parse(document.recipeJson)) optimized.recipeSummary = recipe::summary(*recipe);
    optimized.name = modelName(optimized) + (optimized.recipeSummary.empty() ? " · optimized" : " · " + optimized.recipeSummary);
    optimized.result = document.optimized;
    optimized.comparison = document.comparison;
    optimized.steps = document.steps;
    return {std::move(baseline), std::move(optimized)};
}

measure::RunDocument documentOf(const RunRow& baseline, const RunRow& optimized) {
    measure::RunDocument document;
    document.modelFile = optimized.modelFile;
    document.modelSha256 = optimized.modelSha256;
    document.modelFormat = optimized.modelFormat;
    document.dataName = optimized.dataName;
    document.dataSha256 = optimized.dataSha256;
    document.dataSamples = optimized.dataSamples;
    document.environment = optimized.environment;
    document.seed = optimized.seed;
    document.recipeJson = optimized.recipeJson;
    document.steps = optimized.steps;
    document.baseline = baseline.result;
    document.optimized = optimized.result;
    if (optimized.comparison) document.comparison = *optimized.comparison;
    document.historyIds = {optimized.parentId, optimized.id};
    return document;
}

} // namespace lathe::history
