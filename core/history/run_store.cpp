#include <core/history/run_store.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include <core/base/json.h>
#include <core/base/message_json.h>
#include <core/history/figures.h>
#include <core/history/process.h>
#include <core/history/statement.h>

namespace lathe::history {
namespace {

/// The number of a row that is unique by content; inserts it when there is none. `sql` inserts or updates and returns the number.
template<class... Values>
std::int64_t numberOf(SQLite::Database& database, const char* sql, const Values&... values) {
    SQLite::Statement statement(database, sql);
    Binder binder(statement);
    (void)(binder << ... << values);
    statement.executeStep();
    const std::int64_t number = statement.getColumn(0).getInt64();
    statement.executeStep(); // to the end, so that the change is part of the transaction
    return number;
}

// "DO UPDATE" to the same value and not "DO NOTHING", which would return no number.
std::int64_t modelNumber(SQLite::Database& database, const std::string& sha256, const std::string& format, const std::string& file) {
    return numberOf(
        database, "INSERT INTO model(sha256, format, file) VALUES(?, ?, ?) ON CONFLICT DO UPDATE SET file = excluded.file RETURNING number",
        sha256, format, file);
}
std::int64_t datasetNumber(SQLite::Database& database, const std::string& name, const std::string& sha256, std::int64_t samples) {
    return numberOf(database,
                    "INSERT INTO dataset(name, sha256, samples) VALUES(?, ?, ?) "
                    "ON CONFLICT DO UPDATE SET samples = max(samples, excluded.samples) RETURNING number",
                    name, sha256, samples);
}
std::int64_t environmentNumber(SQLite::Database& database, const measure::Environment& environment) {
    base::Json content = base::Json::object();
    for (const auto& [key, value] : environment)
        content[key] = value;
    // Foreign programs put odd bytes into names; they must not stop a run from being kept.
    const std::string text = content.dump(-1, ' ', false, base::Json::error_handler_t::replace);
    return numberOf(
        database, "INSERT INTO environment(content) VALUES(?) ON CONFLICT DO UPDATE SET content = excluded.content RETURNING number", text);
}

std::string defaultName(const RunRow& row, std::int64_t number) {
    const std::string model = std::filesystem::path(row.modelFile).stem().string();
    const std::string what = row.role == RunRole::Baseline ? "baseline" : row.recipeSummary.empty() ? "optimized" : row.recipeSummary;
    return (model.empty() ? "" : model + " · ") + what + " · " + std::to_string(number);
}

/// What a run was made from; each has a column of its name in table run.
constexpr std::array origins = {"model", "dataset", "environment"};

std::string deleteUnused(const std::string& table) {
    return "DELETE FROM " + table + " WHERE NOT EXISTS (SELECT 1 FROM run WHERE run." + table + " = " + table + ".number)";
}

template<class T>
void storeSeries(SQLite::Statement& insert, std::int64_t run, const char* name, std::int64_t rows, const std::vector<T>& values) {
    if (!values.empty()) execute(insert, run, name, rows, std::span<const T>(values));
}

void storeNoise(SQLite::Database& database, std::int64_t run, const measure::ModelResult& result) {
    execute(database, "UPDATE run SET noise = ?, noise_reason = ?, throughput_reason = ? WHERE number = ?", result.latency.noise,
            result.latency.whyNotReliable, result.whyThroughputNotReliable, run);
}

void storeLayers(SQLite::Database& database, std::int64_t run, const std::vector<measure::LayerResult>& layers) {
    std::string columns = "run, position, name, op, kernel, kind, reason, covers, figures", places = "?, ?, ?, ?, ?, ?, ?, ?, ?";
    for (const Figure& figure : layerFigures()) {
        if (!figure.isColumn) continue;
        columns += ", " + std::string(figure.name);
        places += ", ?";
    }
    SQLite::Statement insert(database, "INSERT INTO layer_metric(" + columns + ") VALUES(" + places + ")");
    for (std::size_t position = 0; position < layers.size(); ++position) {
        const measure::LayerResult& layer = layers[position];
        base::Json others = base::Json::object();
        for (const Figure& figure : layerFigures())
            if (const auto value = valueOf(figure, layer); value && !figure.isColumn)
                others[std::string(figure.name)] = base::finiteOrNull(*value);
        insert.reset();
        Binder binder(insert);
        binder << run << position << layer.name << layer.op << layer.kernel << code(layer.kind) << layer.reason
               << base::Json(layer.covers).dump(-1, ' ', false, base::Json::error_handler_t::replace) << others.dump();
        for (const Figure& figure : layerFigures())
            if (figure.isColumn) binder << valueOf(figure, layer);
        insert.exec();
    }
}

/// What is measured again; the rest stays.
void replaceLayerSpeed(SQLite::Database& database, std::int64_t run, const std::vector<measure::LayerResult>& layers) {
    for (const Figure& figure : layerFigures()) {
        if (figure.group != FigureGroup::Speed) continue;
        const std::string name(figure.name);
        SQLite::Statement update(database, "UPDATE layer_metric SET " +
                                               (figure.isColumn ? name + " = ?" : "figures = json_set(figures, '$." + name + "', ?)") +
                                               " WHERE run = ? AND position = ?");
        for (std::size_t position = 0; position < layers.size(); ++position)
            execute(update, valueOf(figure, layers[position]), run, position);
    }
}

} // namespace

bool isRectangular(const std::vector<std::vector<std::int64_t>>& matrix) {
    return std::all_of(matrix.begin(), matrix.end(), [&](const auto& row) { return row.size() == matrix.front().size(); });
}

std::int64_t insertRunning(SQLite::Database& database, const RunRow& row, const std::string& id, std::int64_t parent) {
    const ProcessIdentity owner = thisProcess();
    execute(database,
            "INSERT INTO run(id, parent, role, state, name, note, pinned, created_at, model, dataset, environment, device, recipe, "
            "recipe_summary, seed, "
            "owner_host, owner_boot, owner_process, owner_started) VALUES(?, nullif(?, 0), ?, 'running', ?, ?, 0, "
            "coalesce(nullif(?, ''), strftime('%Y-%m-%dT%H:%M:%SZ', 'now')), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            id, parent, code(row.role), row.name, row.note, row.createdAt,
            modelNumber(database, row.modelSha256, row.modelFormat, row.modelFile),
            datasetNumber(database, row.dataName, row.dataSha256, row.dataSamples), environmentNumber(database, row.environment),
            row.device, row.recipeJson, row.recipeSummary, row.seed, owner.host, owner.bootId, owner.process, owner.startTicks);
    const std::int64_t number = database.getLastInsertRowid();
    if (row.name.empty()) execute(database, "UPDATE run SET name = ? WHERE number = ?", defaultName(row, number), number);
    storeTags(database, number, row.tags);
    return number;
}

void updateOrigin(SQLite::Database& database, std::int64_t run, const measure::RunDocument& document, const std::string& recipeJson) {
    SQLite::Statement origin(database, "SELECT model, dataset, environment FROM run WHERE number = ?");
    origin.bind(1, run);
    origin.executeStep();
    const std::array before = {origin.getColumn(0).getInt64(), origin.getColumn(1).getInt64(), origin.getColumn(2).getInt64()};
    execute(database,
            "UPDATE run SET model = ?, dataset = ?, environment = ?, seed = ?, recipe = coalesce(nullif(?, ''), recipe) WHERE number = ?",
            modelNumber(database, document.modelSha256, document.modelFormat, document.modelFile),
            datasetNumber(database, document.dataName, document.dataSha256, document.dataSamples),
            environmentNumber(database, document.environment), document.seed, recipeJson, run);
    for (std::size_t i = 0; i < origins.size(); ++i)
        execute(database, (deleteUnused(origins[i]) + " AND number = ?").c_str(), before[i]);
}

void storeResult(SQLite::Database& database, std::int64_t run, const measure::ModelResult& result,
                 const std::optional<measure::Comparison>& comparison) {
    storeNoise(database, run, result);

    SQLite::Statement metric(database, "INSERT INTO metric(run, name, value, unit, kind) VALUES(?, ?, ?, ?, ?)");
    for (const Figure& figure : figures()) {
        if (figure.isColumn) continue;
        if (const auto value = storedValue(figure, result, comparison))
            execute(metric, run, std::string(figure.name), *value, figure.unit, code(result.kind));
    }

    SQLite::Statement series(database, "INSERT INTO series(run, name, rows, data) VALUES(?, ?, ?, ?)");
    storeSeries(series, run, "latency_sample", 1, result.latency.samplesMs);
    storeSeries(series, run, "latency_mark", 1, result.latency.marks);
    storeSeries(series, run, "prediction", 1, result.quality.predictions);
    storeSeries(series, run, "class_precision", 1, result.quality.classPrecision);
    storeSeries(series, run, "class_recall", 1, result.quality.classRecall);
    storeSeries(series, run, "class_f1", 1, result.quality.classF1);
    std::vector<std::int64_t> confusion;
    for (const auto& row : result.quality.confusion)
        confusion.insert(confusion.end(), row.begin(), row.end());
    storeSeries(series, run, "confusion", static_cast<std::int64_t>(result.quality.confusion.size()), confusion);

    storeLayers(database, run, result.layers);
}

void replaceSpeed(SQLite::Database& database, std::int64_t run, const measure::ModelResult& result) {
    storeNoise(database, run, result);
    SQLite::Statement remove(database, "DELETE FROM metric WHERE run = ? AND name = ?");
    SQLite::Statement metric(database, "INSERT INTO metric(run, name, value, unit, kind) VALUES(?, ?, ?, ?, ?)");
    for (const Figure& figure : figures()) {
        if (figure.group != FigureGroup::Speed) continue;
        execute(remove, run, std::string(figure.name));
        if (const auto value = storedValue(figure, result, std::nullopt))
            execute(metric, run, std::string(figure.name), *value, figure.unit, code(result.kind));
    }
    execute(database, "DELETE FROM series WHERE run = ? AND name IN ('latency_sample', 'latency_mark')", run);
    SQLite::Statement series(database, "INSERT INTO series(run, name, rows, data) VALUES(?, ?, ?, ?)");
    storeSeries(series, run, "latency_sample", 1, result.latency.samplesMs);
    storeSeries(series, run, "latency_mark", 1, result.latency.marks);
    replaceLayerSpeed(database, run, result.layers);
}

void replaceSpeedup(SQLite::Database& database, std::int64_t run, const measure::Speedup& speedup) {
    execute(database,
            "UPDATE comparison SET speedup = ?, speedup_low = ?, speedup_high = ?, verdict = ?, reason = ?, baseline = ? WHERE run = ?",
            speedup.ratio, speedup.low, speedup.high, code(speedup.verdict), speedup.reason, speedup.baseline, run);
}

std::string codeText(const base::Message& message) {
    return message.code().empty() ? std::string() : base::codeJson(message).dump(-1, ' ', false, base::Json::error_handler_t::replace);
}

void storeSteps(SQLite::Database& database, std::int64_t run, const std::vector<measure::StepResult>& steps) {
    SQLite::Statement insert(database,
                             "INSERT INTO step(run, position, op, seconds, peak_memory_bytes, epoch_losses) VALUES(?, ?, ?, ?, ?, ?)");
    SQLite::Statement figure(database, "INSERT INTO step_figure(run, position, name, value) VALUES(?, ?, ?, ?)");
    SQLite::Statement note(database, "INSERT INTO step_note(run, position, line, note, is_warning, code) VALUES(?, ?, ?, ?, ?, ?)");
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const measure::StepResult& step = steps[i];
        execute(insert, run, i, step.op, step.seconds, step.peakMemoryBytes, std::span<const double>(step.epochLosses));
        for (const auto& [name, value] : step.figures)
            execute(figure, run, i, name, value);
        for (std::size_t line = 0; line < step.notes.size(); ++line)
            execute(note, run, i, line, step.notes[line].text(), 0, codeText(step.notes[line]));
        for (std::size_t line = 0; line < step.warnings.size(); ++line)
            execute(note, run, i, step.notes.size() + line, step.warnings[line].text(), 1, codeText(step.warnings[line]));
    }
}

void storeComparison(SQLite::Database& database, std::int64_t run, const measure::Comparison& comparison) {
    execute(database, "INSERT INTO comparison VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", run, comparison.accuracyDrop,
            comparison.agreement, comparison.sizeRatio, comparison.speedup.ratio, comparison.speedup.low, comparison.speedup.high,
            code(comparison.speedup.verdict), comparison.speedup.reason, comparison.speedup.baseline, comparison.simulatedAgreement,
            comparison.simulatedAccuracy);
    SQLite::Statement insert(database, "INSERT INTO flip(run, position, sample, label, before, after) VALUES(?, ?, ?, ?, ?, ?)");
    for (std::size_t i = 0; i < comparison.flips.size(); ++i) {
        const measure::Flip& flip = comparison.flips[i];
        execute(insert, run, i, flip.sample, flip.label, flip.before, flip.after);
    }
}

void storeTags(SQLite::Database& database, std::int64_t run, const std::vector<std::string>& tags) {
    execute(database, "DELETE FROM tag WHERE run = ?", run);
    SQLite::Statement insert(database, "INSERT OR IGNORE INTO tag(run, name) VALUES(?, ?)");
    for (const std::string& tag : tags)
        if (!tag.empty()) execute(insert, run, tag);
}

void storeExport(SQLite::Database& database, std::int64_t run, const ExportedFile& exported) {
    execute(database, "DELETE FROM export WHERE file = ?", exported.file);
    execute(
        database,
        "INSERT INTO export(run, file, format, sha256, bytes, original_bytes, created_at, model_file, model_sha256, data_sha256, recipe, "
        "recipe_summary, seed) VALUES(nullif(?, 0), ?, ?, ?, ?, ?, coalesce(nullif(?, ''), strftime('%Y-%m-%dT%H:%M:%SZ', 'now')), ?, "
        "?, ?, ?, ?, ?)",
        run, exported.file, exported.format, exported.sha256, exported.bytes, exported.originalBytes, exported.createdAt,
        exported.modelFile, exported.modelSha256, exported.dataSha256, exported.recipeJson, exported.recipeSummary, exported.seed);
    const std::int64_t number = database.getLastInsertRowid();
    SQLite::Statement insert(database, "INSERT INTO export_check(export, position, judge, version, verdict, max_abs_error, max_rel_error, "
                                       "agreement, load_ms, reason) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    for (std::size_t i = 0; i < exported.checks.size(); ++i) {
        const ExportCheck& check = exported.checks[i];
        execute(insert, number, i, check.judge, check.version, code(check.verdict), check.maxAbsError, check.maxRelError, check.agreement,
                check.loadMs, check.reason);
    }
}

void removeUnused(SQLite::Database& database) {
    for (const char* table : origins)
        database.exec(deleteUnused(table));
}

} // namespace lathe::history
