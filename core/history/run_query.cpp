#include <core/history/run_query.h>

#include <map>

#include <core/base/json.h>
#include <core/history/figures.h>
#include <core/history/statement.h>

namespace lathe::history {
namespace {

// The order of columns is that in readRow().
constexpr const char* selectRows =
    "SELECT r.number, r.id, coalesce(p.id, ''), r.role, r.state, r.name, r.note, r.pinned, r.created_at, m.file, m.sha256, m.format, "
    "d.name, d.sha256, "
    "d.samples, r.device, r.recipe, r.recipe_summary, r.seed, r.noise, r.noise_reason, r.throughput_reason, r.error, r.environment "
    "FROM run r LEFT JOIN run p ON p.number = r.parent JOIN model m ON m.number = r.model JOIN dataset d ON d.number = r.dataset";

// The order of columns is that in ExportReader::read().
constexpr const char* selectExports =
    "SELECT e.number, e.file, e.format, e.sha256, e.bytes, e.original_bytes, e.created_at, e.model_file, e.model_sha256, e.data_sha256, "
    "e.recipe, e.recipe_summary, e.seed, coalesce(r.id, '') FROM export e LEFT JOIN run r ON r.number = e.run";

/// Reads exports one after another; the statement for their checks is prepared once.
class ExportReader {
public:
    explicit ExportReader(SQLite::Database& database)
        : m_checks(database, "SELECT judge, version, verdict, max_abs_error, max_rel_error, agreement, load_ms, reason FROM export_check "
                             "WHERE export = ? ORDER BY position") {}

    /// All that `exports`, a statement of selectExports, finds.
    std::vector<ExportedFile> read(SQLite::Statement& exports) {
        std::vector<ExportedFile> all;
        while (exports.executeStep()) {
            int column = 0;
            const auto next = [&] { return exports.getColumn(column++); };
            const std::int64_t number = next().getInt64();
            ExportedFile& exported = all.emplace_back();
            exported.file = next().getString();
            exported.format = next().getString();
            exported.sha256 = next().getString();
            exported.bytes = next().getInt64();
            exported.originalBytes = next().getInt64();
            exported.createdAt = next().getString();
            exported.modelFile = next().getString();
            exported.modelSha256 = next().getString();
            exported.dataSha256 = next().getString();
            exported.recipeJson = next().getString();
            exported.recipeSummary = next().getString();
            exported.seed = next().getInt64();
            exported.runId = next().getString();
            readChecks(number, exported);
        }
        return all;
    }

private:
    void readChecks(std::int64_t number, ExportedFile& exported) {
        m_checks.reset();
        m_checks.bind(1, number);
        while (m_checks.executeStep()) {
            exported.checks.push_back({m_checks.getColumn(0).getString(), m_checks.getColumn(1).getString(),
                                       fromCode<ExportVerdict>(m_checks.getColumn(2).getText()), optionalNumber(m_checks.getColumn(3)),
                                       optionalNumber(m_checks.getColumn(4)), optionalNumber(m_checks.getColumn(5)),
                                       optionalNumber(m_checks.getColumn(6)), m_checks.getColumn(7).getString()});
        }
    }

    SQLite::Statement m_checks;
};

/// Reads the small parts of one row after another: statements are prepared once, environments shared by several rows parsed once.
class RowReader {
public:
    explicit RowReader(SQLite::Database& database)
        : m_metrics(database, "SELECT name, value, kind FROM metric WHERE run = ?"),
          m_tags(database, "SELECT name FROM tag WHERE run = ? ORDER BY name"),
          m_comparison(database,
                       "SELECT accuracy_drop, agreement, size_ratio, speedup, speedup_low, speedup_high, verdict, reason, baseline, "
                       "simulated_agreement, simulated_accuracy FROM comparison WHERE run = ?"),
          m_environment(database, "SELECT content FROM environment WHERE number = ?"),
          m_exports(database, std::string(selectExports) + " WHERE e.run = ? ORDER BY e.number DESC"), m_exportReader(database) {}

    /// `rows` stands on a row of selectRows.
    RunRow read(SQLite::Statement& rows) {
        int column = 0;
        const auto next = [&] { return rows.getColumn(column++); };
        const std::int64_t number = next().getInt64();
        RunRow row;
        row.id = next().getString();
        row.parentId = next().getString();
        row.role = fromCode<RunRole>(next().getText());
        row.state = fromCode<RunState>(next().getText());
        row.name = next().getString();
        row.note = next().getString();
        row.isPinnedBaseline = next().getInt() != 0;
        row.createdAt = next().getString();
        row.modelFile = next().getString();
        row.modelSha256 = next().getString();
        row.modelFormat = next().getString();
        row.dataName = next().getString();
        row.dataSha256 = next().getString();
        row.dataSamples = next().getInt64();
        row.device = next().getString();
        row.recipeJson = next().getString();
        row.recipeSummary = next().getString();
        row.seed = next().getInt64();
        row.result.latency.noise = next().getString();
        row.result.latency.whyNotReliable = next().getString();
        row.result.whyThroughputNotReliable = next().getString();
        row.error = next().getString();
        row.environment = environment(next().getInt64());
        readComparison(number, row);
        readFigures(number, row);
        readTags(number, row);
        m_exports.reset();
        m_exports.bind(1, number);
        row.exports = m_exportReader.read(m_exports);
        return row;
    }

private:
    const measure::Environment& environment(std::int64_t number) {
        const auto [entry, isNew] = m_environments.try_emplace(number);
        if (!isNew) return entry->second;
        m_environment.reset();
        m_environment.bind(1, number);
        if (!m_environment.executeStep()) throw Damaged("an environment is missing");
        const auto content = base::parseJson(m_environment.getColumn(0).getText());
        if (!content || !content->is_object()) throw Damaged("an environment is not readable");
        for (const auto& [key, value] : content->items())
            if (value.is_string()) entry->second[key] = value.get<std::string>();
        return entry->second;
    }

    void readFigures(std::int64_t run, RunRow& row) {
        std::map<std::string, double, std::less<>> values;
        m_metrics.reset();
        m_metrics.bind(1, run);
        while (m_metrics.executeStep()) {
            values.emplace(m_metrics.getColumn(0).getString(), number(m_metrics.getColumn(1)));
            row.result.kind = fromCode<measure::Truth>(m_metrics.getColumn(2).getText());
        }
        for (const Figure& figure : figures()) {
            const auto value = values.find(figure.name);
            if (value != values.end() && !setValue(figure, value->second, row.result, row.comparison))
                throw Damaged("the figure " + std::string(figure.name) + " is not a count");
        }
    }

    void readTags(std::int64_t run, RunRow& row) {
        m_tags.reset();
        m_tags.bind(1, run);
        while (m_tags.executeStep())
            row.tags.push_back(m_tags.getColumn(0).getString());
    }

    void readComparison(std::int64_t run, RunRow& row) {
        m_comparison.reset();
        m_comparison.bind(1, run);
        if (!m_comparison.executeStep()) return;
        measure::Comparison comparison;
        comparison.accuracyDrop = optionalNumber(m_comparison.getColumn(0));
        comparison.agreement = optionalNumber(m_comparison.getColumn(1));
        comparison.sizeRatio = number(m_comparison.getColumn(2));
        comparison.speedup.ratio = number(m_comparison.getColumn(3));
        comparison.speedup.low = number(m_comparison.getColumn(4));
        comparison.speedup.high = number(m_comparison.getColumn(5));
        comparison.speedup.verdict = fromCode<measure::Verdict>(m_comparison.getColumn(6).getText());
        comparison.speedup.reason = m_comparison.getColumn(7).getString();
        comparison.speedup.baseline = m_comparison.getColumn(8).getString();
        comparison.simulatedAgreement = optionalNumber(m_comparison.getColumn(9));
        comparison.simulatedAccuracy = optionalNumber(m_comparison.getColumn(10));
        row.comparison = std::move(comparison);
    }

    SQLite::Statement m_metrics, m_tags, m_comparison, m_environment, m_exports;
    ExportReader m_exportReader;
    std::map<std::int64_t, measure::Environment> m_environments;
};

/// One array of a run; empty when there is none.
template<class T>
std::vector<T> series(SQLite::Database& database, std::int64_t run, const char* name) {
    SQLite::Statement statement(database, "SELECT data FROM series WHERE run = ? AND name = ?");
    (void)(Binder(statement) << run << name);
    if (!statement.executeStep()) return {};
    return array<T>(statement.getColumn(0));
}

std::vector<std::vector<std::int64_t>> confusion(SQLite::Database& database, std::int64_t run) {
    SQLite::Statement statement(database, "SELECT rows, data FROM series WHERE run = ? AND name = 'confusion'");
    statement.bind(1, run);
    if (!statement.executeStep()) return {};
    const std::int64_t rows = statement.getColumn(0).getInt64();
    const auto flat = array<std::int64_t>(statement.getColumn(1));
    const auto count = static_cast<std::int64_t>(flat.size());
    if (rows < 1 || rows > count || count % rows != 0) throw Damaged("a confusion matrix has rows of different length");
    std::vector<std::vector<std::int64_t>> matrix;
    for (auto row = flat.begin(); row != flat.end(); row += count / rows)
        matrix.emplace_back(row, row + count / rows);
    return matrix;
}

/// A JSON list of texts.
std::vector<std::string> names(const char* json) {
    const auto list = base::parseJson(json);
    if (!list || !list->is_array()) throw Damaged("a list of names is not readable");
    std::vector<std::string> all;
    for (const base::Json& name : *list) {
        if (name.is_string()) all.push_back(name.get<std::string>());
    }
    return all;
}

std::vector<measure::LayerResult> layers(SQLite::Database& database, std::int64_t run) {
    SQLite::Statement statement(
        database, "SELECT name, op, kernel, kind, p50_us, loss, sqnr_db, bits, sparsity, parameters, macs, reason, "
                  "loss_pruned, loss_weights, activations_sqnr_db, covers, macs_known FROM layer_metric WHERE run = ? ORDER BY position");
    statement.bind(1, run);
    std::vector<measure::LayerResult> all;
    while (statement.executeStep()) {
        measure::LayerResult& layer = all.emplace_back();
        layer.name = statement.getColumn(0).getString();
        layer.op = statement.getColumn(1).getString();
        layer.kernel = statement.getColumn(2).getString();
        layer.kind = fromCode<measure::Truth>(statement.getColumn(3).getText());
        layer.p50Us = optionalNumber(statement.getColumn(4));
        layer.loss = optionalNumber(statement.getColumn(5));
        layer.sqnrDb = optionalNumber(statement.getColumn(6));
        layer.bits = statement.getColumn(7).getInt();
        layer.sparsity = number(statement.getColumn(8));
        layer.parameters = statement.getColumn(9).getInt64();
        layer.macs = statement.getColumn(10).getInt64();
        layer.reason = statement.getColumn(11).getString();
        layer.lossParts = {optionalNumber(statement.getColumn(12)), optionalNumber(statement.getColumn(13))};
        layer.activationsSqnrDb = optionalNumber(statement.getColumn(14));
        layer.covers = names(statement.getColumn(15).getText());
        if (statement.getColumn(16).getInt() == 0) layer.macs.reset();
    }
    return all;
}

std::vector<measure::StepResult> steps(SQLite::Database& database, std::int64_t run) {
    SQLite::Statement statement(database,
                                "SELECT position, op, seconds, peak_memory_bytes, epoch_losses FROM step WHERE run = ? ORDER BY position");
    SQLite::Statement figures(database, "SELECT name, value FROM step_figure WHERE run = ? AND position = ?");
    SQLite::Statement notes(database, "SELECT note, is_warning FROM step_note WHERE run = ? AND position = ? ORDER BY line");
    statement.bind(1, run);
    std::vector<measure::StepResult> all;
    while (statement.executeStep()) {
        measure::StepResult& step = all.emplace_back();
        const std::int64_t position = statement.getColumn(0).getInt64();
        step.op = statement.getColumn(1).getString();
        step.seconds = number(statement.getColumn(2));
        step.peakMemoryBytes = statement.getColumn(3).getInt64();
        step.epochLosses = array<double>(statement.getColumn(4));
        figures.reset();
        (void)(Binder(figures) << run << position);
        while (figures.executeStep())
            step.figures.emplace(figures.getColumn(0).getString(), number(figures.getColumn(1)));
        notes.reset();
        (void)(Binder(notes) << run << position);
        while (notes.executeStep())
            (notes.getColumn(1).getInt() == 0 ? step.notes : step.warnings).push_back(notes.getColumn(0).getString());
    }
    return all;
}

std::vector<measure::Flip> flips(SQLite::Database& database, std::int64_t run) {
    SQLite::Statement statement(database, "SELECT sample, label, before, after FROM flip WHERE run = ? ORDER BY position");
    statement.bind(1, run);
    std::vector<measure::Flip> all;
    while (statement.executeStep())
        all.push_back({statement.getColumn(0).getInt64(), statement.getColumn(1).getInt(), statement.getColumn(2).getInt(),
                       statement.getColumn(3).getInt()});
    return all;
}

std::string likePattern(const std::string& word) {
    std::string pattern = "%";
    for (const char character : word) {
        if (character == '%' || character == '_' || character == '\\') pattern += '\\';
        pattern += character;
    }
    return pattern + "%";
}

} // namespace

std::vector<RunRow> readRows(SQLite::Database& database, const std::vector<std::string>& words) {
    std::string sql = selectRows;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string parameter = "?" + std::to_string(i + 1);
        sql += i == 0 ? " WHERE " : " AND ";
        sql += "(r.name || char(10) || r.note || char(10) || r.recipe || char(10) || r.recipe_summary || char(10) || m.file LIKE " +
               parameter + " ESCAPE '\\' OR EXISTS (SELECT 1 FROM tag t WHERE t.run = r.number AND t.name LIKE " + parameter +
               " ESCAPE '\\'))";
    }
    SQLite::Statement rows(database, sql + " ORDER BY r.number DESC");
    for (std::size_t i = 0; i < words.size(); ++i)
        rows.bind(static_cast<int>(i) + 1, likePattern(words[i]));
    RowReader reader(database);
    std::vector<RunRow> all;
    while (rows.executeStep())
        all.push_back(reader.read(rows));
    return all;
}

std::vector<ExportedFile> readExports(SQLite::Database& database) {
    SQLite::Statement exports(database, std::string(selectExports) + " ORDER BY e.number DESC");
    return ExportReader(database).read(exports);
}

RunRow readRun(SQLite::Database& database, std::int64_t number) {
    SQLite::Statement rows(database, std::string(selectRows) + " WHERE r.number = ?");
    rows.bind(1, number);
    if (!rows.executeStep()) throw Damaged("a run has no model or data set");
    RunRow row = RowReader(database).read(rows);
    measure::Quality& quality = row.result.quality;
    quality.predictions = series<std::int32_t>(database, number, "prediction");
    quality.classPrecision = series<double>(database, number, "class_precision");
    quality.classRecall = series<double>(database, number, "class_recall");
    quality.classF1 = series<double>(database, number, "class_f1");
    quality.confusion = confusion(database, number);
    row.result.latency.samplesMs = series<double>(database, number, "latency_sample");
    row.result.latency.marks = series<std::uint8_t>(database, number, "latency_mark");
    row.result.layers = layers(database, number);
    row.steps = steps(database, number);
    if (row.comparison) row.comparison->flips = flips(database, number);
    return row;
}

} // namespace lathe::history
