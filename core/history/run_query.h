#pragma once

#include <vector>

#include <SQLiteCpp/Database.h>

#include <core/history/history.h>
#include <core/history/run_filter.h>

namespace lathe::history {

// Reading rows. Callers hold a read transaction, so that all parts are of one moment. Throw SQLite::Exception and Damaged.

/// Rows with their figures, newest first, that have the words and tags of the filter (its terms are not looked at); of these the page. A
/// handful of queries, however many rows there are.
[[nodiscard]] std::vector<RunRow> readRows(SQLite::Database& database, const RunFilter& filter = {}, Page page = {});

/// All exports, newest first.
[[nodiscard]] std::vector<ExportedFile> readExports(SQLite::Database& database);

/// The row with everything. The number must exist.
[[nodiscard]] RunRow readRun(SQLite::Database& database, std::int64_t number);

} // namespace lathe::history
