#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <type_traits>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>

#include <core/base/result.h>
#include <core/history/schema.h>
#include <core/history/text_codes.h>

namespace lathe::history {

struct OpenOptions {
    int busyTimeoutMs = 5000;
    std::span<const char* const> steps = migrations();
};

/// Opens or creates the file, distrusting it: nothing of a file that is not a history as we write it is run or changed. Errors as
/// History::open.
[[nodiscard]] base::Result<std::unique_ptr<SQLite::Database>> openDatabase(const std::filesystem::path& file,
                                                                           const OpenOptions& options = {});

/// The sentence and code for what SQLite said about `file`. `database` may be null.
[[nodiscard]] base::Error errorOf(const SQLite::Exception& exception, const std::filesystem::path& file, SQLite::Database* database);
[[nodiscard]] base::Error errorOf(const Damaged& damage, const std::filesystem::path& file);

/// Calls `body`, which returns a base::Result, and turns what it throws into an error: the edge of this folder.
template<class Body>
[[nodiscard]] std::invoke_result_t<Body> guarded(const std::filesystem::path& file, SQLite::Database* database, Body&& body) {
    try {
        return body();
    } catch (const SQLite::Exception& exception) {
        return tl::unexpected<base::Error>(errorOf(exception, file, database));
    } catch (const Damaged& damage) {
        return tl::unexpected<base::Error>(errorOf(damage, file));
    }
}

} // namespace lathe::history
