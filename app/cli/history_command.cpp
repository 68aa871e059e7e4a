#include <iostream>
#include <memory>

#include <app/cli/command.h>
#include <app/cli/output.h>
#include <core/base/files.h>
#include <core/client/protocol.h>
#include <core/engine/measure_again.h>
#include <core/history/history.h>
#include <core/history/standing.h>
#include <core/report/csv.h>
#include <core/report/figure_text.h>
#include <core/report/html_report.h>
#include <core/report/run_json.h>
#include <core/report/run_section.h>

namespace lathe::cli {

namespace {

struct Options {
    std::string file, id, text, search, output, data;
    std::vector<std::string> ids, tags;
    bool isJson = false;
};

base::Result<history::History> open(const Options& options) {
    return history::History::open(options.file.empty() ? history::History::defaultFile() : std::filesystem::path(options.file));
}

base::Json toJson(const history::ExportedFile& exported) {
    base::Json json{{"file", exported.file},
                    {"format", exported.format},
                    {"sha256", exported.sha256},
                    {"bytes", exported.bytes},
                    {"original_bytes", exported.originalBytes},
                    {"created_at", exported.createdAt},
                    {"model", {{"file", exported.modelFile}, {"sha256", exported.modelSha256}}},
                    {"recipe_summary", exported.recipeSummary},
                    {"seed", exported.seed},
                    {"run", exported.runId.empty() ? base::Json() : base::Json(exported.runId)},
                    {"checks", base::Json::array()}};
    for (const history::ExportCheck& check : exported.checks)
        json["checks"].push_back(client::toJson(check));
    return json;
}

base::Json toJson(const std::vector<history::ExportedFile>& exports) {
    base::Json json = base::Json::array();
    for (const history::ExportedFile& exported : exports)
        json.push_back(toJson(exported));
    return json;
}

void printExports(const std::vector<history::ExportedFile>& exports) {
    for (const history::ExportedFile& exported : exports) {
        std::cout << "\n"
                  << exported.file << " (" << exported.format << ", " << exported.createdAt << "): " << byteText(exported.bytes)
                  << ", the original " << byteText(exported.originalBytes) << "\n";
        std::cout << "  " << (exported.runId.empty() ? "of no run" : "of run " + exported.runId.substr(0, 8)) << ", " << exported.modelFile
                  << (exported.recipeSummary.empty() ? "" : " · " + exported.recipeSummary) << "\n";
        for (const history::ExportCheck& check : exported.checks)
            std::cout << "  " << checkText(check) << "\n";
        if (exported.checks.empty()) std::cout << "  not checked\n";
    }
}

/// What figures of runs are compared within; two runs are of one scope when these objects are equal but for the names.
base::Json toJson(const history::Scope& scope) {
    return {{"model", scope.model}, {"model_name", scope.modelName}, {"data", scope.data},       {"data_name", scope.dataName},
            {"task", scope.task},   {"device", scope.device},        {"machine", scope.machine}, {"threads", scope.threads},
            {"batch", scope.batch}};
}

base::Json toJson(const history::RunRow& row) {
    base::Json json{
        {"id", row.id},
        {"parent", row.parentId.empty() ? base::Json() : base::Json(row.parentId)},
        {"role", row.role == history::RunRole::Baseline ? "baseline" : "optimized"},
        {"state", report::name(row.state)},
        {"name", row.name},
        {"note", row.note},
        {"tags", row.tags},
        {"created_at", row.createdAt},
        {"model", {{"file", row.modelFile}, {"sha256", row.modelSha256}, {"format", row.modelFormat}}},
        {"data", {{"name", row.dataName}, {"sha256", row.dataSha256}, {"samples", row.dataSamples}}},
        {"device", row.device},
        {"scope", toJson(history::scopeOf(row))},
        {"seed", row.seed},
        {"recipe", row.recipeJson.empty() ? base::Json() : base::parseJson(row.recipeJson).value_or(base::Json(row.recipeJson))},
        {"result", report::toJson(row.result)}};
    if (row.comparison) json["comparison"] = report::toJson(*row.comparison);
    if (!row.exports.empty()) json["exports"] = toJson(row.exports);
    if (!row.error.empty()) json["error"] = row.error;
    return json;
}

/// "2.26x" of what was measured in turns, "about 1.3x" of medians of different times.
std::string speedupText(const history::Standing& standing) {
    if (!standing.speedup) return "—";
    if (!standing.isSpeedReliable) return "not reliable";
    return (standing.isMeasuredTogether ? "" : "about ") + fixed(*standing.speedup, 2) + "x";
}

/// One table for each scope: figures of different scopes are not set against each other.
void printRows(const std::vector<history::RunRow>& runs) {
    const history::Standings standings = history::standingsOf(runs);
    for (std::size_t scope = 0; scope < standings.scopes.size(); ++scope) {
        std::vector<std::vector<std::string>> rows{
            {"id", "name", "state", "accuracy", "SQNR dB", "p50 ms", "speed-up", "file", "kind", "tags"}};
        for (std::size_t at = 0; at < runs.size(); ++at) {
            if (standings.standing[at].scope != scope) continue;
            const history::RunRow& run = runs[at];
            std::string tags;
            for (const std::string& tag : run.tags)
                tags += (tags.empty() ? "" : " ") + tag;
            const bool isComplete = run.state == history::RunState::Complete;
            rows.push_back({run.id.substr(0, 8), (run.isPinnedBaseline ? "★ " : "") + run.name, report::name(run.state),
                            run.result.quality.accuracy ? fixed(*run.result.quality.accuracy * 100, 2) + " %" : "—",
                            isComplete ? report::sqnrText(run.result.quality) : "—",
                            isComplete ? (measure::isReliable(run.result.latency) ? "" : "≈") + fixed(run.result.latency.p50, 4) : "—",
                            speedupText(standings.standing[at]), isComplete ? byteText(run.result.fileBytes) : "—",
                            isComplete ? report::name(run.result.kind) : "—", tags});
        }
        std::cout << (scope > 0 ? "\n" : "") << history::text(standings.scopes[scope]) << "\n";
        printTable(rows);
    }
}

/// How `run` stands beside `first`: of one scope or why not, and whether the two were measured in turns.
struct Pair {
    std::string whyNotCompared;
    bool isMeasuredTogether = false;
    bool isReliable = true; ///< the speed-up: the machine was not disturbed
    std::optional<double> speedup, accuracyChange;
};

Pair pairOf(const history::RunRow& first, const history::RunRow& run) {
    Pair pair;
    for (const history::RunRow* one : {&first, &run}) {
        if (one->state == history::RunState::Complete) continue;
        pair.whyNotCompared = one->id.substr(0, 8) + " has no results";
        return pair;
    }
    pair.whyNotCompared = history::whyNotCompared(history::scopeOf(first), history::scopeOf(run));
    if (!pair.whyNotCompared.empty()) return pair;
    if (first.result.quality.accuracy && run.result.quality.accuracy)
        pair.accuracyChange = *run.result.quality.accuracy - *first.result.quality.accuracy;
    pair.isMeasuredTogether = run.comparison && run.parentId == first.id;
    pair.isReliable = pair.isMeasuredTogether ? run.comparison->speedup.verdict != measure::Verdict::NotReliable
                                              : measure::isReliable(first.result.latency) && measure::isReliable(run.result.latency);
    if (pair.isMeasuredTogether) {
        pair.speedup = run.comparison->speedup.ratio;
    } else if (!(history::isUnchanged(first) && history::isUnchanged(run)) && first.result.latency.p50 > 0 && run.result.latency.p50 > 0) {
        pair.speedup = first.result.latency.p50 / run.result.latency.p50;
    }
    return pair;
}

/// Of a run and its original, which were measured together, the original comes first.
bool isOriginalSecond(const history::RunRow& first, const history::RunRow& run) { return first.parentId == run.id; }

std::string pairText(const history::RunRow& first, const history::RunRow& run) {
    if (isOriginalSecond(first, run)) return pairText(run, first);
    const Pair pair = pairOf(first, run);
    const std::string names = run.id.substr(0, 8) + " beside " + first.id.substr(0, 8) + ": ";
    if (!pair.whyNotCompared.empty()) return names + "not compared, " + pair.whyNotCompared;
    std::string text = names;
    if (pair.isMeasuredTogether) {
        text += cli::speedupText(run.comparison->speedup, run.comparison->speedup.baseline) + ", measured together";
    } else if (!pair.isReliable) {
        text += "not measured together, and the speed of one is not reliable";
    } else {
        text += "not measured together";
        if (pair.speedup) text += ", about " + fixed(*pair.speedup, 2) + "x by their medians";
    }
    if (pair.accuracyChange) text += ", accuracy " + fixed(*pair.accuracyChange * 100, 2) + " points";
    return text;
}

base::Json pairJson(const history::RunRow& first, const history::RunRow& run) {
    if (isOriginalSecond(first, run)) return pairJson(run, first);
    const Pair pair = pairOf(first, run);
    const auto orNull = [](const std::optional<double>& value) { return value ? base::finiteOrNull(*value) : base::Json(); };
    return {{"a", first.id},
            {"b", run.id},
            {"why_not_compared", pair.whyNotCompared.empty() ? base::Json() : base::Json(pair.whyNotCompared)},
            {"measured_together", pair.isMeasuredTogether},
            {"reliable", pair.isReliable},
            {"speedup", orNull(pair.speedup)},
            {"accuracy_change", orNull(pair.accuracyChange)}};
}

base::Result<> list(const Options& options) {
    const auto store = open(options);
    if (!store) return forward(store);
    const auto runs = store->list(options.search);
    if (!runs) return forward(runs);
    if (!options.isJson) {
        printRows(*runs);
        return {};
    }
    base::Json json{{"schema", "lathe.history/1"}, {"runs", base::Json::array()}};
    for (const history::RunRow& run : *runs)
        json["runs"].push_back(toJson(run));
    printJson(json);
    return {};
}

base::Result<std::vector<history::RunRow>> runsOf(const Options& options) {
    const auto store = open(options);
    if (!store) return forward(store);
    std::vector<history::RunRow> rows;
    for (const std::string& id : options.ids) {
        auto row = store->run(id);
        if (!row) return forward(row);
        rows.push_back(std::move(*row));
    }
    return rows;
}

base::Result<> show(const Options& options) {
    const auto rows = runsOf(options);
    if (!rows) return forward(rows);
    if (options.isJson) {
        base::Json json{{"schema", "lathe.history/1"}, {"runs", base::Json::array()}};
        for (const history::RunRow& row : *rows)
            json["runs"].push_back(toJson(row));
        printJson(json);
    } else {
        printRows(*rows);
        for (const history::RunRow& row : *rows)
            printExports(row.exports);
    }
    return {};
}

base::Result<> compare(const Options& options) {
    const auto rows = runsOf(options);
    if (!rows) return forward(rows);
    if (options.isJson) {
        base::Json json{{"schema", "lathe.history/1"}, {"runs", base::Json::array()}, {"comparisons", base::Json::array()}};
        for (const history::RunRow& row : *rows) {
            json["runs"].push_back(toJson(row));
            if (&row != &rows->front()) json["comparisons"].push_back(pairJson(rows->front(), row));
        }
        printJson(json);
        return {};
    }
    printRows(*rows);
    std::cout << "\n";
    for (const history::RunRow& row : *rows)
        if (&row != &rows->front()) std::cout << pairText(rows->front(), row) << "\n";
    return {};
}

base::Result<> showExports(const Options& options) {
    const auto store = open(options);
    if (!store) return forward(store);
    const auto exports = store->exports();
    if (!exports) return forward(exports);
    if (options.isJson) {
        printJson({{"schema", "lathe.history/1"}, {"exports", toJson(*exports)}});
    } else {
        printExports(*exports);
    }
    return {};
}

base::Result<> exportCsv(const Options& options) {
    const auto store = open(options);
    if (!store) return forward(store);
    const auto runs = store->list(options.search);
    if (!runs) return forward(runs);
    return base::writeFile(options.output, report::runsCsv(*runs));
}

base::Result<> measureOnce(const Options& options, const base::Job& job) {
    const std::filesystem::path file = options.file.empty() ? history::History::defaultFile() : std::filesystem::path(options.file);
    const auto document = engine::measureAgain({file, options.id, options.data}, job);
    if (!document) return forward(document);
    clearProgress();
    if (options.isJson)
        printJson(report::toJson(*document));
    else
        printRun(*document);
    return {};
}

base::Result<> writeHtml(const Options& options) {
    const auto rows = runsOf(options);
    if (!rows) return forward(rows);
    return base::writeFile(options.output, report::htmlReport(*rows));
}

template<class Change>
base::Result<> change(const Options& options, const Change& apply) {
    auto store = open(options);
    if (!store) return forward(store);
    const auto row = store->run(options.id); // an abbreviated id is understood everywhere
    if (!row) return forward(row);
    return apply(*store, row->id);
}

} // namespace

void addHistoryCommand(const Command& app, Action& chosen) {
    const auto options = std::make_shared<Options>();
    const Command command = app.command("history", "The runs of this machine");
    command.needsCommand();
    command.option("--history", options->file, "History file; default: the one of the window");
    const auto add = [&, options](const char* name, const char* description, std::function<base::Result<>(const Options&)> action) {
        const Command sub = command.command(name, description);
        sub.option("--history", options->file, "History file");
        sub.flag("--json", options->isJson, "Print the document lathe.history/1");
        sub.whenChosen(
            [options, action = std::move(action), &chosen] { chosen = [options, action](const base::Job&) { return action(*options); }; });
        return sub;
    };
    add("list", "All runs, newest first", list)
        .option("--search", options->search, "Words that must all occur, tag:x, accuracy>91, p50<2ms, size<1MB, speedup>=2");
    add("show", "One run", show).option("id", options->ids, "Run (the beginning of its id is enough)").required().takes(1);
    add("compare", "Runs side by side, each against the first", compare).option("ids", options->ids, "Runs").required();
    add("exports", "All exported files with what was found out about them, of runs and of none, newest first", showExports);
    const Command tag = add("tag", "Set the tags of a run", [](const Options& o) {
        return change(o, [&](history::History& store, const std::string& id) { return store.setTags(id, o.tags); });
    });
    tag.option("id", options->id, "Run").required();
    tag.option("tags", options->tags, "Tags; none: remove all");
    const Command note = add("note", "Set the note of a run", [](const Options& o) {
        return change(o, [&](history::History& store, const std::string& id) { return store.setNote(id, o.text); });
    });
    note.option("id", options->id, "Run").required();
    note.option("text", options->text, "Note").required();
    const Command measure = command.command("measure", "Measure the speed of a run once more; nothing else of it changes");
    measure.option("id", options->id, "Run").required();
    measure.option("--data", options->data, "Where its data is now; default: where it was");
    measure.option("--history", options->file, "History file");
    measure.flag("--json", options->isJson, "Print the document lathe.run/1");
    measure.whenChosen([options, &chosen] { chosen = [options](const base::Job& job) { return measureOnce(*options, job); }; });
    const Command csv = add("export", "Write all runs as CSV", exportCsv);
    csv.option("-o,--output", options->output, "File to write").required();
    csv.option("--search", options->search, "Words that must all occur, tag:x, accuracy>91, p50<2ms, size<1MB, speedup>=2");
}

void addReportCommand(const Command& app, Action& chosen) {
    const auto options = std::make_shared<Options>();
    const Command command = app.command("report", "One HTML file about one or several runs");
    command.option("runs", options->ids, "Runs (the beginnings of their ids are enough)").required();
    command.option("-o,--output", options->output, "File to write").required();
    command.option("--history", options->file, "History file; default: the one of the window");
    command.whenChosen([options, &chosen] { chosen = [options](const base::Job&) { return writeHtml(*options); }; });
}

} // namespace lathe::cli
