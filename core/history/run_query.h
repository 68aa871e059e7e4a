#pragma once

#include <string>
#include <vector>

#include <SQLiteCpp/Database.h>

#include <core/history/history.h>

namespace lathe::history {

// Reading rows. Callers hold a read transaction, so that all parts are of one moment. Throw SQLite::Exception and Damaged.

/// Rows with their figures, newest first, that hold all of `words`.
[[nodiscard]] std::vector<RunRow> readRows(SQLite::Database& database, const std::vector<std::string>& words);

/// All exports, newest first.
[[nodiscard]] std::vector<ExportedFile> readExports(SQLite::Database& database);

/// The row with everything. The number must exist.
[[nodiscard]] RunRow readRun(SQLite::Database& database, std::int64_t number);

} // namespace lathe::history
