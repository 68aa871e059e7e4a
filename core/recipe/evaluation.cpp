#include <core/recipe/evaluation.h>

#include <algorithm>
#include <vector>

#include <core/base/json_reader.h>
#include <core/graph/layers.h>

namespace lathe::recipe {

namespace {

constexpr std::pair<std::string_view, Task> tasks[] = {
    {"outputs", Task::Outputs},       {"classification", Task::Classification}, {"binary", Task::Binary}, {"multilabel", Task::MultiLabel},
    {"regression", Task::Regression}, {"segmentation", Task::Segmentation},     {"tokens", Task::Tokens}, {"similarity", Task::Similarity}};

} // namespace

std::string_view name(Task task) { return std::ranges::find(tasks, task, &std::pair<std::string_view, Task>::second)->first; }

std::span<const std::pair<std::string_view, Task>> taskNames() { return tasks; }

base::Result<Evaluation> evaluationFromJson(const base::Json& json) {
    if (!json.is_object()) return base::failure(base::ErrorCode::Rejected, {"recipe.evaluationMustBeObject", {}});
    static const std::vector<std::string> known = {"task", "output", "threshold"};
    for (const auto& [key, value] : json.items()) {
        if (std::ranges::find(known, key) != known.end()) continue;
        const std::string nearest = graph::nearestName(key, known);
        const base::Message kind("recipe.key", {});
        return base::failure(base::ErrorCode::Rejected,
                             {"recipe.at",
                              {{"place", "evaluation"},
                               {"problem", nearest.empty() ? base::Message("recipe.unknown", {{"kind", kind}, {"name", key}})
                                                           : base::Message("recipe.unknownNearest",
                                                                           {{"kind", kind}, {"name", key}, {"nearest", nearest}})}}});
    }
    const base::JsonReader in(json, "the evaluation");
    Evaluation evaluation;
    if (in.has("task")) evaluation.task = in["task"].choice<Task>(tasks);
    if (in.has("output")) evaluation.output = json["output"].is_number_integer() ? json["output"].dump() : in["output"].text();
    if (in.has("threshold")) evaluation.threshold = in["threshold"].number();
    return in.finish(std::move(evaluation));
}

base::Json toJson(const Evaluation& evaluation) {
    base::Json json = base::Json::object();
    if (evaluation.task) json["task"] = name(*evaluation.task);
    if (!evaluation.output.empty()) json["output"] = evaluation.output;
    if (evaluation.threshold) json["threshold"] = *evaluation.threshold;
    return json;
}

} // namespace lathe::recipe
