#include <core/history/run_query.h>

#include <algorithm>
#include <limits>
#include <map>
#include <unordered_map>
#include <utility>

#include <core/base/json.h>
#include <core/base/message_json.h>
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

/// The figures of one run by their place in figures(), so that none is looked for by its name in each run.
class FigureReader {
public:
    FigureReader() {
        for (const Figure& figure : figures())
            m_places.emplace(figure.name, m_places.size());
        m_values.resize(m_places.size());
    }
    void take(std::string_view name, double value) {
        if (const auto place = m_places.find(name); place != m_places.end()) m_values[place->second] = value;
    }
    void store(RunRow& row) {
        for (std::size_t place = 0; place < m_values.size(); ++place) {
            const std::optional<double> value = std::exchange(m_values[place], std::nullopt);
            const Figure& figure = figures()[place];
            if (value && !setValue(figure, *value, row.result, row.comparison))
                throw Damaged("the figure " + std::string(figure.name) + " is not a count");
        }
    }

private:
    std::map<std::string_view, std::size_t> m_places;
    std::vector<std::optional<double>> m_values;
};

/// Reads rows with their small parts: one query for each kind of part, however many rows there are.
class PageReader {
public:
    explicit PageReader(SQLite::Database& database) : m_database(database) {}

    /// All that `rows`, a statement of selectRows, finds.
    std::vector<RunRow> read(SQLite::Statement& rows) {
        while (rows.executeStep())
            readRow(rows);
        if (m_rows.empty()) return {};
        m_page = "[";
        for (std::size_t at = 0; at < m_numbers.size(); ++at) {
            m_page += (at == 0 ? "" : ",") + std::to_string(m_numbers[at]);
            m_positions.emplace(m_numbers[at], at);
        }
        m_page += "]";
        readComparisons(); // some figures have their place there
        readFigures();
        readTags();
        readExports();
        return std::move(m_rows);
    }

private:
    void readRow(SQLite::Statement& rows) {
        int column = 0;
        const auto next = [&] { return rows.getColumn(column++); };
        m_numbers.push_back(next().getInt64());
        RunRow& row = m_rows.emplace_back();
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
    }

    const measure::Environment& environment(std::int64_t number) {
        const auto [entry, isNew] = m_environments.try_emplace(number);
        if (!isNew) return entry->second;
        SQLite::Statement statement(m_database, "SELECT content FROM environment WHERE number = ?");
        statement.bind(1, number);
        if (!statement.executeStep()) throw Damaged("an environment is missing");
        const auto content = base::parseJson(statement.getColumn(0).getText());
        if (!content || !content->is_object()) throw Damaged("an environment is not readable");
        for (const auto& [key, value] : content->items())
            if (value.is_string()) entry->second[key] = value.get<std::string>();
        return entry->second;
    }

    /// Rows of `table`, called `part`, that belong to the page: their run as the first column, then `columns`. All of a run come together.
    SQLite::Statement ofPage(const char* columns, const char* table, const char* order = "") {
        // CROSS: the page is walked, and the parts of each of its runs are found by their key.
        SQLite::Statement statement(m_database, std::string("SELECT part.run, ") + columns + " FROM json_each(?) page CROSS JOIN " + table +
                                                    " part ON part.run = page.value" + order);
        statement.bind(1, m_page);
        return statement;
    }
    RunRow& rowOf(SQLite::Statement& part) { return m_rows[m_positions.at(part.getColumn(0).getInt64())]; }

    void readFigures() {
        SQLite::Statement metrics = ofPage("part.name, part.value, part.kind", "metric");
        FigureReader reader;
        RunRow* row = nullptr;
        std::int64_t current = -1;
        while (metrics.executeStep()) {
            if (const std::int64_t run = metrics.getColumn(0).getInt64(); run != current) {
                if (row != nullptr) reader.store(*row);
                row = &rowOf(metrics);
                row->result.kind = fromCode<measure::Truth>(metrics.getColumn(3).getText());
                current = run;
            }
            reader.take(metrics.getColumn(1).getText(), number(metrics.getColumn(2)));
        }
        if (row != nullptr) reader.store(*row);
    }

    void readTags() {
        SQLite::Statement tags = ofPage("part.name", "tag", " ORDER BY page.key, part.name");
        while (tags.executeStep())
            rowOf(tags).tags.push_back(tags.getColumn(1).getString());
    }

    void readComparisons() {
        SQLite::Statement statement =
            ofPage("accuracy_drop, agreement, size_ratio, speedup, speedup_low, speedup_high, verdict, reason, baseline, "
                   "simulated_agreement, simulated_accuracy",
                   "comparison");
        while (statement.executeStep()) {
            int column = 1;
            const auto next = [&] { return statement.getColumn(column++); };
            measure::Comparison& comparison = rowOf(statement).comparison.emplace();
            comparison.accuracyDrop = optionalNumber(next());
            comparison.agreement = optionalNumber(next());
            comparison.sizeRatio = number(next());
            comparison.speedup.ratio = number(next());
            comparison.speedup.low = number(next());
            comparison.speedup.high = number(next());
            comparison.speedup.verdict = fromCode<measure::Verdict>(next().getText());
            comparison.speedup.reason = next().getString();
            comparison.speedup.baseline = next().getString();
            comparison.simulatedAgreement = optionalNumber(next());
            comparison.simulatedAccuracy = optionalNumber(next());
        }
    }

    void readExports() {
        SQLite::Statement exports(m_database, std::string(selectExports) + " WHERE e.run IN (SELECT value FROM json_each(?)) "
                                                                           "ORDER BY e.number DESC");
        exports.bind(1, m_page);
        std::map<std::string, std::vector<ExportedFile>> ofRun;
        for (ExportedFile& exported : ExportReader(m_database).read(exports))
            ofRun[exported.runId].push_back(std::move(exported));
        if (ofRun.empty()) return;
        for (RunRow& row : m_rows)
            if (const auto own = ofRun.find(row.id); own != ofRun.end()) row.exports = std::move(own->second);
    }

    SQLite::Database& m_database;
    std::vector<RunRow> m_rows;
    std::vector<std::int64_t> m_numbers; ///< of m_rows
    std::unordered_map<std::int64_t, std::size_t> m_positions;
    std::string m_page; ///< m_numbers as JSON
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
    std::string columns = "name, op, kernel, kind, reason, covers, figures";
    for (const Figure& figure : layerFigures())
        if (figure.isColumn) columns += ", " + std::string(figure.name);
    SQLite::Statement statement(database, "SELECT " + columns + " FROM layer_metric WHERE run = ? ORDER BY position");
    statement.bind(1, run);
    std::vector<measure::LayerResult> all;
    while (statement.executeStep()) {
        measure::LayerResult& layer = all.emplace_back();
        layer.name = statement.getColumn(0).getString();
        layer.op = statement.getColumn(1).getString();
        layer.kernel = statement.getColumn(2).getString();
        layer.kind = fromCode<measure::Truth>(statement.getColumn(3).getText());
        layer.reason = statement.getColumn(4).getString();
        layer.covers = names(statement.getColumn(5).getText());
        const auto others = base::parseJson(statement.getColumn(6).getText());
        if (!others || !others->is_object()) throw Damaged("the figures of a layer are not readable");
        int column = 7;
        for (const Figure& figure : layerFigures()) {
            std::optional<double> value;
            if (figure.isColumn) {
                value = optionalNumber(statement.getColumn(column++));
            } else if (const auto found = others->find(figure.name); found != others->end() && found->is_number()) {
                value = found->get<double>();
            }
            if (value && !setValue(figure, *value, layer)) throw Damaged("a figure of a layer is no number of its kind");
        }
    }
    return all;
}

/// A code that cannot be read leaves the sentence.
base::Message message(const std::string& sentence, const std::string& code) {
    if (code.empty()) return sentence;
    const auto json = base::parseJson(code);
    if (!json) return sentence;
    const base::JsonReader in(*json, "The code");
    base::Message read = base::messageFromJson(sentence, in);
    return in.isGood() ? std::move(read) : base::Message(sentence);
}

std::vector<measure::StepResult> steps(SQLite::Database& database, std::int64_t run) {
    SQLite::Statement statement(database,
                                "SELECT position, op, seconds, peak_memory_bytes, epoch_losses FROM step WHERE run = ? ORDER BY position");
    SQLite::Statement figures(database, "SELECT name, value FROM step_figure WHERE run = ? AND position = ?");
    SQLite::Statement notes(database, "SELECT note, is_warning, code FROM step_note WHERE run = ? AND position = ? ORDER BY line");
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
            (notes.getColumn(1).getInt() == 0 ? step.notes : step.warnings)
                .push_back(message(notes.getColumn(0).getString(), notes.getColumn(2).getString()));
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

/// For LIKE: a text that begins with `word`.
std::string likeBeginning(const std::string& word) {
    std::string pattern;
    for (const char character : word) {
        if (character == '%' || character == '_' || character == '\\') pattern += '\\';
        pattern += character;
    }
    return pattern + "%";
}

} // namespace

std::vector<RunRow> readRows(SQLite::Database& database, const RunFilter& filter, Page page) {
    std::string sql = selectRows;
    std::vector<std::string> patterns;
    const auto add = [&](const std::string& pattern, const char* before, const char* after) {
        sql += patterns.empty() ? " WHERE " : " AND ";
        patterns.push_back(pattern);
        sql += before + ("?" + std::to_string(patterns.size())) + after;
    };
    // The tag has the same pattern: one number for both.
    for (const std::string& word : filter.words) {
        const std::string same = "?" + std::to_string(patterns.size() + 1);
        add("%" + likeBeginning(word),
            "(r.name || char(10) || r.note || char(10) || r.recipe || char(10) || r.recipe_summary || char(10) || m.file LIKE ",
            (" ESCAPE '\\' OR EXISTS (SELECT 1 FROM tag t WHERE t.run = r.number AND t.name LIKE " + same + " ESCAPE '\\'))").c_str());
    }
    for (const std::string& tag : filter.tags)
        add(likeBeginning(tag), "EXISTS (SELECT 1 FROM tag t WHERE t.run = r.number AND t.name LIKE ", " ESCAPE '\\')");
    const std::string count = std::to_string(std::min<std::size_t>(page.count, std::numeric_limits<std::int64_t>::max()));
    SQLite::Statement rows(database, sql + " ORDER BY r.number DESC LIMIT " + count + " OFFSET " + std::to_string(page.first));
    for (std::size_t i = 0; i < patterns.size(); ++i)
        rows.bind(static_cast<int>(i) + 1, patterns[i]);
    return PageReader(database).read(rows);
}

std::vector<ExportedFile> readExports(SQLite::Database& database) {
    SQLite::Statement exports(database, std::string(selectExports) + " ORDER BY e.number DESC");
    return ExportReader(database).read(exports);
}

RunRow readRun(SQLite::Database& database, std::int64_t number) {
    SQLite::Statement rows(database, std::string(selectRows) + " WHERE r.number = ?");
    rows.bind(1, number);
    std::vector<RunRow> found = PageReader(database).read(rows);
    if (found.empty()) throw Damaged("a run has no model or data set");
    RunRow row = std::move(found.front());
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
