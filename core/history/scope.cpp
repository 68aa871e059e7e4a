#include <core/history/scope.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <tuple>

namespace lathe::history {
namespace {

struct PartName {
    ScopePart part;
    const char* name;
};
constexpr std::array<PartName, 7> parts{{{ScopePart::Model, "model"},
                                         {ScopePart::Data, "data"},
                                         {ScopePart::Task, "task"},
                                         {ScopePart::Device, "device"},
                                         {ScopePart::Machine, "machine"},
                                         {ScopePart::Threads, "threads"},
                                         {ScopePart::Batch, "batch"}}};

std::string value(const measure::Environment& environment, const char* key) {
    const auto found = environment.find(key);
    return found == environment.end() ? std::string() : found->second;
}

/// Runs from before the engine said what the task is: figures tell, and without figures there is nothing to compare.
std::string taskOf(const RunRow& run) {
    if (const std::string task = value(run.environment, "task"); !task.empty()) return task;
    return run.state == RunState::Complete && !run.result.quality.accuracy ? "outputs" : "classification";
}

/// What equality goes by, as text.
std::string identity(const Scope& scope, ScopePart part) {
    switch (part) {
    case ScopePart::Model:
        return scope.model;
    case ScopePart::Data:
        return scope.data;
    default:
        return partText(scope, part);
    }
}

} // namespace

bool Scope::operator==(const Scope& other) const {
    const auto all = [](const Scope& scope) {
        return std::tie(scope.model, scope.data, scope.task, scope.device, scope.machine, scope.threads, scope.batch);
    };
    return all(*this) == all(other);
}

Scope scopeOf(const RunRow& run) {
    Scope scope;
    scope.model = run.modelSha256.empty() ? run.modelFile : run.modelSha256;
    scope.data = run.dataSha256.empty() ? run.dataName : run.dataSha256;
    scope.task = taskOf(run);
    scope.device = run.device;
    scope.machine = value(run.environment, "device_name");
    if (scope.machine.empty()) scope.machine = value(run.environment, "cpu");
    const std::string threads = value(run.environment, "threads");
    (void)std::from_chars(threads.data(), threads.data() + threads.size(), scope.threads);
    scope.batch = run.result.latency.batch;
    scope.modelName = std::filesystem::path(run.modelFile).filename().string();
    scope.dataName = run.dataName;
    return scope;
}

std::vector<ScopePart> differences(const Scope& a, const Scope& b) {
    std::vector<ScopePart> different;
    for (const auto& [part, name] : parts)
        if (identity(a, part) != identity(b, part)) different.push_back(part);
    return different;
}

std::string partText(const Scope& scope, ScopePart part) {
    switch (part) {
    case ScopePart::Model:
        return scope.modelName;
    case ScopePart::Data:
        return scope.dataName;
    case ScopePart::Task:
        return scope.task;
    case ScopePart::Device:
        return scope.device;
    case ScopePart::Machine:
        return scope.machine.empty() ? "unknown" : scope.machine;
    case ScopePart::Threads:
        return scope.threads == 0 ? "unknown" : std::to_string(scope.threads);
    case ScopePart::Batch:
        return std::to_string(scope.batch);
    }
    return {};
}

std::string distinctPartText(const Scope& scope, ScopePart part, const Scope& other) {
    const std::string own = partText(scope, part);
    constexpr std::size_t shownDigits = 8;
    if (own != partText(other, part) || identity(scope, part) == identity(other, part)) return own;
    return own + " (" + identity(scope, part).substr(0, shownDigits) + ")";
}

std::string text(const Scope& scope) {
    std::string place = scope.device;
    if (!scope.machine.empty()) place += (place.empty() ? "" : ", ") + scope.machine;
    if (scope.threads > 0)
        place += (place.empty() ? "" : ", ") + std::to_string(scope.threads) + (scope.threads == 1 ? " thread" : " threads");
    place += (place.empty() ? "batch " : ", batch ") + std::to_string(scope.batch);
    std::string all;
    for (const std::string& part : {scope.modelName, scope.dataName, place})
        if (!part.empty()) all += (all.empty() ? "" : " · ") + part;
    return all;
}

std::string whyNotCompared(const Scope& a, const Scope& b) {
    std::string why;
    const std::vector<ScopePart> different = differences(a, b);
    for (const auto& [part, name] : parts) {
        if (std::find(different.begin(), different.end(), part) == different.end()) continue;
        why += (why.empty() ? "" : "; ") + ("different " + std::string(name)) + ": " + distinctPartText(a, part, b) + " and " +
               distinctPartText(b, part, a);
    }
    return why;
}

} // namespace lathe::history
