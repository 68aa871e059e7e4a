#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <SQLiteCpp/Database.h>

#include <core/base/result.h>
#include <core/history/history.h>

namespace lathe::history {

// Writing rows. Callers hold a transaction; SQLite::Exception passes through.

/// Inserts a row in state Running, owned by this process; returns its number. `parent`: number of the baseline, 0 for none.
[[nodiscard]] std::int64_t insertRunning(SQLite::Database& database, const RunRow& row, const std::string& id, std::int64_t parent);

/// What was measured with, as it turned out: model, data set, environment, seed, recipe (empty: unchanged). What the run referred to
/// before and no run uses any more is removed.
void updateOrigin(SQLite::Database& database, std::int64_t run, const measure::RunDocument& document, const std::string& recipeJson);

/// `comparison`: with the original, for those of its figures that are rows of `metric`.
void storeResult(SQLite::Database& database, std::int64_t run, const measure::ModelResult& result,
                 const std::optional<measure::Comparison>& comparison);
/// Latency, throughput and layer times of a stored result in place of the ones before; layers must be as they were.
void replaceSpeed(SQLite::Database& database, std::int64_t run, const measure::ModelResult& result);
void replaceSpeedup(SQLite::Database& database, std::int64_t run, const measure::Speedup& speedup);
void storeSteps(SQLite::Database& database, std::int64_t run, const std::vector<measure::StepResult>& steps);
void storeComparison(SQLite::Database& database, std::int64_t run, const measure::Comparison& comparison);
void storeTags(SQLite::Database& database, std::int64_t run, const std::vector<std::string>& tags);

/// Stores an export that belongs to `run` (0: none), in place of an earlier one of the same file.
void storeExport(SQLite::Database& database, std::int64_t run, const ExportedFile& exported);

/// Removes models, data sets and environments that no run uses any more.
void removeUnused(SQLite::Database& database);

/// storeResult needs rows of equal length.
[[nodiscard]] bool isRectangular(const std::vector<std::vector<std::int64_t>>& matrix);

} // namespace lathe::history
