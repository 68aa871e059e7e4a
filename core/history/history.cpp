#include <core/history/history.h>

#include <algorithm>
#include <cstdlib>
#include <unordered_set>

#include <SQLiteCpp/Transaction.h>
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>

#include <core/history/database.h>
#include <core/history/process.h>
#include <core/history/run_filter.h>
#include <core/history/run_query.h>
#include <core/history/run_store.h>
#include <core/history/scope.h>
#include <core/history/standing.h>
#include <core/history/statement.h>

namespace lathe::history {
namespace fs = std::filesystem;
using base::ErrorCode;
using base::failure;
using base::Result;

namespace {

std::string newId() { return to_string(boost::uuids::random_generator()()); }

struct RunKey {
    std::int64_t number = 0;
    std::string id;
    RunState state = RunState::Running;
};

Result<RunKey> findRun(SQLite::Database& database, const std::string& beginning) {
    SQLite::Statement statement(database,
                                "SELECT number, id, state FROM run WHERE substr(id, 1, length(?1)) = lower(?1) AND ?1 <> '' LIMIT 2");
    statement.bind(1, beginning);
    if (!statement.executeStep()) return failure(ErrorCode::NotFound, {"run.isNotThere", {{"run", beginning}}});
    RunKey key{statement.getColumn(0).getInt64(), statement.getColumn(1).getString(), fromCode<RunState>(statement.getColumn(2).getText())};
    if (statement.executeStep())
        return failure(ErrorCode::InvalidArgument,
                       {"run.severalBeginSo", {{"one", key.id}, {"other", statement.getColumn(1).getString()}, {"beginning", beginning}}});
    return key;
}

ProcessIdentity ownerOf(SQLite::Database& database, std::int64_t run) {
    SQLite::Statement statement(database, "SELECT owner_host, owner_boot, owner_process, owner_started FROM run WHERE number = ?");
    statement.bind(1, run);
    if (!statement.executeStep()) return {};
    return {statement.getColumn(0).getString(), statement.getColumn(1).getString(), statement.getColumn(2).getInt64(),
            statement.getColumn(3).getInt64()};
}

bool isAtWorkHere(SQLite::Database& database, std::int64_t run) {
    const ProcessIdentity owner = ownerOf(database, run);
    return owner.host == thisProcess().host && !hasEnded(owner);
}

void end(SQLite::Database& database, std::int64_t run, RunState state, const std::string& error) {
    execute(database, "UPDATE run SET state = ?, error = ? WHERE number = ?", code(state), error, run);
}

} // namespace

struct History::Impl {
    fs::path file;
    std::unique_ptr<SQLite::Database> database;

    /// body(database) -> Result<…> in one transaction, which is kept only when it succeeds.
    template<class Body>
    auto transact(SQLite::TransactionBehavior behavior, Body&& body) -> std::invoke_result_t<Body, SQLite::Database&> {
        return guarded(file, database.get(), [&]() -> std::invoke_result_t<Body, SQLite::Database&> {
            SQLite::Transaction transaction(*database, behavior);
            auto result = body(*database);
            if (result) transaction.commit();
            return result;
        });
    }
    template<class Body>
    auto write(Body&& body) {
        // Immediate: waits for other writers at its beginning, where waiting is possible, and not in its middle.
        return transact(SQLite::TransactionBehavior::IMMEDIATE, body);
    }
    template<class Body>
    auto read(Body&& body) {
        return transact(SQLite::TransactionBehavior::DEFERRED, body);
    }
    /// UPDATE of one run; `sql` has the value first, then the number.
    Result<> update(const std::string& id, const char* sql, const std::string& value) {
        return write([&](SQLite::Database& db) -> Result<> {
            const auto key = findRun(db, id);
            if (!key) return base::forward(key);
            execute(db, sql, value, key->number);
            return {};
        });
    }
};

History::History(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
History::History(History&&) noexcept = default;
History& History::operator=(History&&) noexcept = default;
History::~History() = default;

Result<History> History::open(const fs::path& file) {
    auto database = openDatabase(file);
    if (!database) return base::forward(database);
    History history(std::make_unique<Impl>(Impl{fs::absolute(file), std::move(*database)}));
    if (const auto marked = history.markInterrupted(); !marked) return base::forward(marked);
    return history;
}

fs::path History::defaultFile() {
    const auto variable = [](const char* name) {
        const char* value = std::getenv(name);
        return std::string(value != nullptr ? value : "");
    };
    if (const std::string file = variable("LATHE_HISTORY"); !file.empty()) return file;
    // XDG Base Directory Specification 0.8: a relative path there is to be ignored.
    if (const fs::path data = variable("XDG_DATA_HOME"); data.is_absolute()) return data / "lathe" / "history.sqlite";
    return fs::path(variable("HOME")) / ".local" / "share" / "lathe" / "history.sqlite";
}

Result<std::pair<std::string, std::string>> History::begin(const RunRow& baseline, const RunRow& optimized) {
    return m_impl->write([&](SQLite::Database& db) -> Result<std::pair<std::string, std::string>> {
        const std::pair ids(newId(), newId());
        RunRow first = baseline, second = optimized;
        first.role = RunRole::Baseline;
        second.role = RunRole::Optimized;
        const std::int64_t parent = insertRunning(db, first, ids.first, 0);
        (void)insertRunning(db, second, ids.second, parent);
        return ids;
    });
}

Result<> History::complete(const measure::RunDocument& document, const std::string& baselineId, const std::string& optimizedId) {
    for (const measure::ModelResult* result : {&document.baseline, &document.optimized})
        if (!isRectangular(result->quality.confusion))
            return failure(ErrorCode::InvalidArgument, "A confusion matrix with rows of different length cannot be stored.");
    return m_impl->write([&](SQLite::Database& db) -> Result<> {
        const auto start = [&](const std::string& id) -> Result<std::int64_t> {
            const auto key = findRun(db, id);
            if (!key) return base::forward(key);
            // Interrupted: somebody took this process for dead, and was wrong.
            if (key->state != RunState::Running && key->state != RunState::Interrupted)
                return failure(ErrorCode::InvalidArgument, {"run.hasEnded", {{"run", key->id}, {"state", code(key->state)}}});
            return key->number;
        };
        const auto baseline = start(baselineId);
        if (!baseline) return base::forward(baseline);
        const auto optimized = start(optimizedId);
        if (!optimized) return base::forward(optimized);
        updateOrigin(db, *baseline, document, {});
        updateOrigin(db, *optimized, document, document.recipeJson);
        storeResult(db, *baseline, document.baseline, std::nullopt);
        storeResult(db, *optimized, document.optimized, document.comparison);
        storeSteps(db, *optimized, document.steps);
        storeComparison(db, *optimized, document.comparison);
        end(db, *baseline, RunState::Complete, {});
        end(db, *optimized, RunState::Complete, {});
        return {};
    });
}

Result<> History::replaceSpeed(const measure::RunDocument& document, const std::string& baselineId, const std::string& optimizedId) {
    return m_impl->write([&](SQLite::Database& db) -> Result<> {
        const auto replace = [&](const std::string& id, const measure::ModelResult& result) -> Result<std::int64_t> {
            const auto key = findRun(db, id);
            if (!key) return base::forward(key);
            if (key->state != RunState::Complete)
                return failure(ErrorCode::InvalidArgument, {"run.hasNoResults", {{"run", key->id}, {"state", code(key->state)}}});
            SQLite::Statement layers(db, "SELECT count(*) FROM layer_metric WHERE run = ?");
            layers.bind(1, key->number);
            layers.executeStep();
            if (layers.getColumn(0).getInt64() != static_cast<std::int64_t>(result.layers.size()))
                return failure(ErrorCode::InvalidArgument, {"run.hasOtherLayers", {{"run", key->id}}});
            history::replaceSpeed(db, key->number, result);
            updateOrigin(db, key->number, document, {});
            return key->number;
        };
        if (!baselineId.empty()) {
            if (const auto baseline = replace(baselineId, document.baseline); !baseline) return base::forward(baseline);
        }
        const auto optimized = replace(optimizedId, document.optimized);
        if (!optimized) return base::forward(optimized);
        replaceSpeedup(db, *optimized, document.comparison.speedup);
        return {};
    });
}

Result<> History::abandon(const std::vector<std::string>& ids, RunState state, const std::string& error) {
    if (state == RunState::Running || state == RunState::Complete)
        return failure(ErrorCode::InvalidArgument, "A run is abandoned as cancelled, failed or interrupted.");
    return m_impl->write([&](SQLite::Database& db) -> Result<> {
        for (const std::string& id : ids) {
            const auto key = findRun(db, id);
            if (!key) return base::forward(key);
            if (key->state == RunState::Complete) return failure(ErrorCode::InvalidArgument, {"run.isComplete", {{"run", key->id}}});
            end(db, key->number, state, error);
        }
        return {};
    });
}

Result<int> History::markInterrupted() {
    return guarded(m_impl->file, m_impl->database.get(), [&]() -> Result<int> {
        SQLite::Database& db = *m_impl->database;
        std::vector<std::int64_t> gone;
        {
            SQLite::Statement running(db, "SELECT number FROM run WHERE state = 'running'");
            while (running.executeStep()) {
                const std::int64_t number = running.getColumn(0).getInt64();
                if (hasEnded(ownerOf(db, number))) gone.push_back(number);
            }
        }
        // Usually there are none: then a reader need not wait for a writer.
        if (gone.empty()) return 0;
        return m_impl->write([&](SQLite::Database& writable) -> Result<int> {
            int marked = 0;
            SQLite::Statement update(writable,
                                     "UPDATE run SET state = 'interrupted', error = 'The program ended before the run was complete.' "
                                     "WHERE number = ? AND state = 'running'");
            for (const std::int64_t number : gone) {
                execute(update, number);
                marked += writable.getChanges();
            }
            return marked;
        });
    });
}

Result<std::vector<RunRow>> History::list(const std::string& search, Page page) const {
    const ParsedFilter parsed = parseRunFilter(search);
    if (parsed.problem) return failure(ErrorCode::InvalidArgument, text(*parsed.problem));
    const RunFilter& filter = parsed.filter;
    // SQLite takes at most 1000 nested terms.
    if (filter.words.size() + filter.tags.size() > 100) return failure(ErrorCode::InvalidArgument, {"run.tooManyWords", {}});
    return m_impl->read([&](SQLite::Database& db) -> Result<std::vector<RunRow>> {
        if (filter.terms.empty()) return readRows(db, filter, page);
        // A speed-up can be one against a run that the words leave out: all runs tell how each stands.
        const std::vector<RunRow> all = readRows(db);
        const Standings standings = standingsOf(all);
        std::unordered_set<std::string> fitting;
        for (std::size_t at = 0; at < all.size(); ++at)
            if (std::ranges::all_of(filter.terms, [&](const RunTerm& term) { return fits(term, all[at], &standings.standing[at]); }))
                fitting.insert(all[at].id);
        std::vector<RunRow> rows = readRows(db, filter);
        std::erase_if(rows, [&](const RunRow& row) { return !fitting.contains(row.id); });
        const auto first = rows.begin() + static_cast<std::ptrdiff_t>(std::min(page.first, rows.size()));
        rows.erase(rows.begin(), first);
        rows.resize(std::min(page.count, rows.size()));
        return rows;
    });
}

Result<RunRow> History::run(const std::string& id) const {
    return m_impl->read([&](SQLite::Database& db) -> Result<RunRow> {
        const auto key = findRun(db, id);
        if (!key) return base::forward(key);
        return readRun(db, key->number);
    });
}

Result<> History::rename(const std::string& id, const std::string& name) {
    return m_impl->update(id, "UPDATE run SET name = ? WHERE number = ?", name);
}

Result<> History::setNote(const std::string& id, const std::string& note) {
    return m_impl->update(id, "UPDATE run SET note = ? WHERE number = ?", note);
}

Result<> History::setTags(const std::string& id, const std::vector<std::string>& tags) {
    return m_impl->write([&](SQLite::Database& db) -> Result<> {
        const auto key = findRun(db, id);
        if (!key) return base::forward(key);
        storeTags(db, key->number, tags);
        return {};
    });
}

Result<> History::pinBaseline(const std::string& id) {
    return m_impl->write([&](SQLite::Database& db) -> Result<> {
        const auto key = findRun(db, id);
        if (!key) return base::forward(key);
        const Scope scope = scopeOf(readRun(db, key->number));
        SQLite::Statement pinned(db, "SELECT number FROM run WHERE pinned = 1");
        std::vector<std::int64_t> replaced;
        while (pinned.executeStep()) {
            const std::int64_t number = pinned.getColumn(0).getInt64();
            if (scopeOf(readRun(db, number)) == scope) replaced.push_back(number);
        }
        for (const std::int64_t number : replaced)
            execute(db, "UPDATE run SET pinned = 0 WHERE number = ?", number);
        execute(db, "UPDATE run SET pinned = 1 WHERE number = ?", key->number);
        return {};
    });
}

Result<> History::unpinBaseline(const std::string& id) {
    return m_impl->write([&](SQLite::Database& db) -> Result<> {
        const auto key = findRun(db, id);
        if (!key) return base::forward(key);
        execute(db, "UPDATE run SET pinned = 0 WHERE number = ?", key->number);
        return {};
    });
}

Result<> History::remove(const std::vector<std::string>& ids) {
    return m_impl->write([&](SQLite::Database& db) -> Result<> {
        for (const std::string& id : ids) {
            const auto key = findRun(db, id);
            if (!key) return base::forward(key);
            if (key->state == RunState::Running && isAtWorkHere(db, key->number))
                return failure(ErrorCode::Busy, {"run.isAtWork", {{"run", key->id}}});
            execute(db, "DELETE FROM run WHERE number = ?", key->number);
        }
        removeUnused(db);
        return {};
    });
}

Result<std::string> History::addExport(const ExportedFile& exported) {
    return m_impl->write([&](SQLite::Database& db) -> Result<std::string> {
        SQLite::Statement run(db,
                              "SELECT r.number, r.id FROM run r JOIN model m ON m.number = r.model JOIN dataset d ON d.number = r.dataset "
                              "WHERE r.role = 'optimized' AND r.state = 'complete' AND m.sha256 = ? AND d.sha256 = ? AND r.recipe = ? "
                              "AND r.seed = ? ORDER BY r.number DESC LIMIT 1");
        (void)(Binder(run) << exported.modelSha256 << exported.dataSha256 << exported.recipeJson << exported.seed);
        const bool isOfRun = run.executeStep();
        storeExport(db, isOfRun ? run.getColumn(0).getInt64() : 0, exported);
        return isOfRun ? run.getColumn(1).getString() : std::string();
    });
}

Result<std::vector<ExportedFile>> History::exports() const {
    return m_impl->read([](SQLite::Database& db) -> Result<std::vector<ExportedFile>> { return readExports(db); });
}

Result<std::string> History::check() const {
    return m_impl->read([](SQLite::Database& db) -> Result<std::string> {
        std::string problems;
        SQLite::Statement integrity(db, "PRAGMA integrity_check");
        while (integrity.executeStep())
            if (const std::string line = integrity.getColumn(0).getString(); line != "ok") problems += line + "\n";
        SQLite::Statement references(db, "PRAGMA foreign_key_check");
        while (references.executeStep())
            problems += "a row of " + references.getColumn(0).getString() + " refers to a " + references.getColumn(2).getString() +
                        " that is missing\n";
        return problems;
    });
}

Result<std::int64_t> History::dataVersion() const {
    return guarded(m_impl->file, m_impl->database.get(),
                   [&]() -> Result<std::int64_t> { return m_impl->database->execAndGet("PRAGMA data_version").getInt64(); });
}

} // namespace lathe::history
