#include <core/history/database.h>

#include <array>
#include <cerrno>
#include <system_error>

#include <SQLiteCpp/Statement.h>
#include <sqlite3.h>
#include <sys/vfs.h>

#include <core/base/files.h>
#include <core/base/log.h>

namespace lathe::history {
namespace fs = std::filesystem;
using base::ErrorCode;
using base::failure;
using base::Result;

namespace {

base::Error rejected(const fs::path& file, const base::Message& reason) {
    return {ErrorCode::Rejected, {"history.cannotBeUsed", {{"file", file.string()}, {"reason", reason}}}, {}};
}

base::Message damaged(const std::string& how) { return {"history.isDamagedSo", {{"how", how}}}; }

bool meansNoSpace(int systemError) {
    constexpr std::array codes = {ENOSPC, EDQUOT, EFBIG, EROFS, EACCES, EPERM};
    for (const int code : codes)
        if (code == systemError) return true;
    return false;
}

/// WAL needs memory shared between all processes that have the file open: impossible over a network (https://www.sqlite.org/wal.html).
bool isOnNetwork(const fs::path& file) {
    constexpr std::array<std::uint32_t, 9> networkFileSystems = {0x6969 /* nfs */,      0x517B /* smb */,        0xFF534D42 /* cifs */,
                                                                 0xFE534D42 /* smb2 */, 0x0BD00BD0 /* lustre */, 0x00C36400 /* ceph */,
                                                                 0x5346414F /* afs */,  0x01021997 /* 9p */,     0x47504653 /* gpfs */};
    struct statfs information {};
    if (statfs(file.c_str(), &information) != 0) return false;
    for (const std::uint32_t type : networkFileSystems)
        if (static_cast<std::uint32_t>(information.f_type) == type) return true;
    return false;
}

Result<> prepareFolder(const fs::path& file) {
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    if (error)
        return failure(meansNoSpace(error.value()) ? ErrorCode::NoSpace : ErrorCode::NotFound,
                       {"history.folderCannotBeCreated", {{"folder", file.parent_path().string()}, {"reason", error.message()}}});
    if (fs::exists(file, error) && !fs::is_regular_file(file, error))
        return tl::unexpected<base::Error>(
            rejected(file, {fs::is_directory(file, error) ? "history.isFolder" : "history.isNoRegularFile", {}}));
    return {};
}

/// Before anything is read: a file may hold triggers, views and functions in its schema that would run on our behalf.
void distrust(SQLite::Database& database) {
    sqlite3* handle = database.getHandle();
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    // Closing a file that we refuse must not write another program's journal into it.
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    database.exec("PRAGMA cell_size_check = ON");
}

/// Is the file new (true), or a history that we can use (false)? One read transaction, so that another process that creates it is seen not
/// at all or completely.
Result<bool> inspect(SQLite::Database& database, const fs::path& file, const OpenOptions& options) {
    database.exec("BEGIN");
    const std::int64_t application = database.execAndGet("PRAGMA application_id").getInt64();
    const std::int64_t version = database.execAndGet("PRAGMA user_version").getInt64();
    const SchemaObjects objects = schemaObjects(database);
    database.exec("COMMIT");

    if (application == 0 && version == 0 && objects.empty()) return true;
    const auto latest = static_cast<std::int64_t>(options.steps.size());
    if (application != applicationId) return tl::unexpected<base::Error>(rejected(file, {"history.isOfAnotherProgram", {}}));
    if (version > latest)
        return tl::unexpected<base::Error>(rejected(file, {"history.isNewer", {{"version", version}, {"latest", latest}}}));
    if (version < 1) return tl::unexpected<base::Error>(rejected(file, damaged("schema version " + std::to_string(version))));

    const SchemaObjects expected = expectedSchema(options.steps, version);
    for (const auto& [name, sql] : objects) {
        const auto known = expected.find(name);
        if (known == expected.end()) return tl::unexpected<base::Error>(rejected(file, {"history.holdsMore", {{"what", name}}}));
        if (known->second != sql) return tl::unexpected<base::Error>(rejected(file, {"history.isOtherwise", {{"what", name}}}));
    }
    for (const auto& [name, sql] : expected)
        if (!objects.contains(name)) return tl::unexpected<base::Error>(rejected(file, {"history.isMissing", {{"what", name}}}));
    return false;
}

Result<> checkSoundness(SQLite::Database& database, const fs::path& file) {
    const std::string answer = database.execAndGet("PRAGMA quick_check(1)").getString();
    if (answer != "ok") return tl::unexpected<base::Error>(rejected(file, damaged(answer)));
    return {};
}

/// SQLite does not wait for another program when the journal changes: with two programs that create one history, the second would fail.
void changeJournal(SQLite::Database& database, const std::string& mode, int busyTimeoutMs) {
    constexpr int pauseMs = 5;
    for (int waitedMs = 0;; waitedMs += pauseMs) {
        try {
            if (database.execAndGet("PRAGMA journal_mode").getString() != mode) database.exec("PRAGMA journal_mode = " + mode);
            return;
        } catch (const SQLite::Exception& exception) {
            const bool isBusy = (exception.getErrorCode() & 0xFF) == SQLITE_BUSY;
            if (!isBusy || waitedMs >= busyTimeoutMs) throw;
        }
        sqlite3_sleep(pauseMs);
    }
}

void setJournal(SQLite::Database& database, const fs::path& file, int busyTimeoutMs) {
    const bool network = isOnNetwork(file);
    changeJournal(database, network ? "delete" : "wal", busyTimeoutMs);
    if (network)
        base::log(base::LogLevel::Warning,
                  "the history " + file.string() + " is on a network file system: readers and writers wait for each other");
    // A run costs minutes and a commit a millisecond: what was acknowledged survives a power cut.
    database.exec("PRAGMA synchronous = FULL");
    database.exec("PRAGMA foreign_keys = ON");
}

Result<> migrateWithBackup(SQLite::Database& database, const fs::path& file, const OpenOptions& options) {
    const std::int64_t version = database.execAndGet("PRAGMA user_version").getInt64();
    if (version == static_cast<std::int64_t>(options.steps.size())) return {};
    if (version > 0) {
        const fs::path backup = file.string() + ".v" + std::to_string(version) + ".bak";
        const auto saved = base::replaceFile(backup, [&](const fs::path& temporary) {
            return guarded(file, &database, [&]() -> Result<> {
                SQLite::Statement copy(database, "VACUUM INTO ?");
                copy.bind(1, temporary.string());
                copy.exec();
                return {};
            });
        });
        if (!saved) return base::forward(saved, {"while.copyingHistory", {{"file", backup.string()}}});
    }
    migrate(database, options.steps);
    return {};
}

} // namespace

base::Error errorOf(const SQLite::Exception& exception, const fs::path& file, SQLite::Database* database) {
    const int systemError = database != nullptr ? sqlite3_system_errno(database->getHandle()) : errno;
    const auto noSpace = [&](const base::Message& reason) {
        return base::Error{ErrorCode::NoSpace, {"history.cannotBeWritten", {{"file", file.string()}, {"reason", reason}}}, {}};
    };
    const int extended = exception.getExtendedErrorCode();
    // SQLiteCpp hands on the primary code, or the extended one where a call was made with extended codes on.
    switch (exception.getErrorCode() & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return {ErrorCode::Busy, {"history.isLocked", {{"file", file.string()}}}, {}};
    case SQLITE_FULL:
        return noSpace({"history.diskIsFull", {}});
    case SQLITE_READONLY:
        return noSpace({"history.isReadOnly", {}});
    case SQLITE_CANTOPEN:
        return noSpace({"history.cannotBeOpened", {}});
    case SQLITE_IOERR:
        if (meansNoSpace(systemError)) return noSpace(std::generic_category().message(systemError));
        // SQLite does not keep the reason everywhere, so go by what it was doing.
        if (extended == SQLITE_IOERR_WRITE || extended == SQLITE_IOERR_SHMSIZE) return noSpace({"history.diskTakesNoData", {}});
        break;
    case SQLITE_NOTADB:
        return rejected(file, {"history.isNoDatabase", {}});
    case SQLITE_CORRUPT:
        return rejected(file, {"history.isDamaged", {}});
    default:
        break;
    }
    return {ErrorCode::Failed, {"history.failed", {{"file", file.string()}, {"reason", exception.what()}, {"code", extended}}}, {}};
}

base::Error errorOf(const Damaged& damage, const fs::path& file) { return rejected(file, damaged(damage.what())); }

Result<std::unique_ptr<SQLite::Database>> openDatabase(const fs::path& path, const OpenOptions& options) {
    // Absolute: SQLite gives names such as ":memory:" and "file:…" a meaning.
    const fs::path file = fs::absolute(path);
    if (const auto prepared = prepareFolder(file); !prepared) return base::forward(prepared);
    auto database = guarded(file, nullptr, [&]() -> Result<std::unique_ptr<SQLite::Database>> {
        return std::make_unique<SQLite::Database>(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, options.busyTimeoutMs);
    });
    if (!database) return base::forward(database);
    SQLite::Database& opened = **database;
    const auto ready = guarded(file, &opened, [&]() -> Result<> {
        if (sqlite3_db_readonly(opened.getHandle(), "main") == 1)
            return failure(ErrorCode::NoSpace,
                           {"history.cannotBeWritten", {{"file", file.string()}, {"reason", base::Message("history.isReadOnly", {})}}});
        distrust(opened);
        const auto isNew = inspect(opened, file, options);
        if (!isNew) return base::forward(isNew);
        if (!*isNew)
            if (const auto sound = checkSoundness(opened, file); !sound) return base::forward(sound);
        sqlite3_db_config(opened.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
        setJournal(opened, file, options.busyTimeoutMs);
        return migrateWithBackup(opened, file, options);
    });
    if (!ready) return base::forward(ready);
    return database;
}

} // namespace lathe::history
