#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include <SQLiteCpp/Database.h>

namespace lathe::history {

/// Marks a SQLite file as a history ("LATH" in ASCII, in the header's application_id).
inline constexpr std::int32_t applicationId = 0x4C415448;

/// `migrations()[n]` brings a file from user_version n to n + 1; the first one creates everything. A migration that has been released is
/// never edited: changes of the schema are appended. A new file runs all of them, so a new and a migrated file have the same schema text.
[[nodiscard]] std::span<const char* const> migrations();

/// Runs the migrations that `database` lacks, in one transaction that other processes wait for. Throws SQLite::Exception.
void migrate(SQLite::Database& database, std::span<const char* const> steps);

/// What a file holds: "table run" → its SQL. SQLite's own tables and indexes are left out.
using SchemaObjects = std::map<std::string, std::string>;
[[nodiscard]] SchemaObjects schemaObjects(SQLite::Database& database);

/// The objects that a file of `version` must hold, neither more nor less.
[[nodiscard]] SchemaObjects expectedSchema(std::span<const char* const> steps, std::int64_t version);

} // namespace lathe::history
