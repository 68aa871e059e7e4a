#include <core/history/database.h>

#include <csignal>
#include <functional>

#include <SQLiteCpp/Statement.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <core/base/files.h>

#include "support.h"

namespace lathe::history {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;

class DatabaseTest : public testing::Test {
protected:
    /// A history with one complete comparison, closed.
    void create() {
        History history = openOrDie(m_file);
        m_ids = addComparison(history, document());
    }
    /// Changes the file as another program could.
    void change(const std::string& sql) const {
        SQLite::Database database(m_file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        database.exec(sql);
    }
    void expectRejected(const std::string& why) const {
        const std::string before = *base::readFile(m_file);
        const auto history = History::open(m_file);
        ASSERT_FALSE(history);
        EXPECT_EQ(history.error().code, ErrorCode::Rejected);
        EXPECT_EQ(history.error().message, "The history \"" + m_file.string() + "\" cannot be used: " + why + ". It was left as it is.");
        EXPECT_EQ(*base::readFile(m_file), before);
    }

    base::TemporaryFolder m_folder;
    fs::path m_file = m_folder.path() / "history.sqlite";
    std::pair<std::string, std::string> m_ids;
};

TEST_F(DatabaseTest, CreatesFoldersAndASafeFile) {
    m_file = m_folder.path() / "a" / "b" / "history.sqlite";
    const auto database = openDatabase(m_file);
    ASSERT_TRUE(database) << database.error().text();
    const auto pragma = [&](const char* name) { return (*database)->execAndGet(std::string("PRAGMA ") + name).getString(); };
    EXPECT_EQ(pragma("journal_mode"), "wal");
    EXPECT_EQ(pragma("synchronous"), "2");
    EXPECT_EQ(pragma("foreign_keys"), "1");
    EXPECT_EQ(pragma("busy_timeout"), "5000");
    EXPECT_EQ(pragma("trusted_schema"), "0");
    EXPECT_EQ(pragma("cell_size_check"), "1");
    EXPECT_EQ(pragma("application_id"), std::to_string(applicationId));
    EXPECT_EQ(pragma("user_version"), std::to_string(migrations().size()));
    SQLite::Statement lax(**database, "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict "
                                      "AND name NOT LIKE 'sqlite!_%' ESCAPE '!'");
    ASSERT_TRUE(lax.executeStep());
    EXPECT_EQ(lax.getColumn(0).getInt(), 0) << "a table is not STRICT";
}

TEST_F(DatabaseTest, RejectsWhatIsNoSqliteFile) {
    ASSERT_TRUE(base::writeFile(m_file, std::string(4096, 'x')));
    expectRejected("it is not a SQLite file");
}

TEST_F(DatabaseTest, RejectsAFolder) {
    fs::create_directory(m_file);
    const auto history = History::open(m_file);
    ASSERT_FALSE(history);
    EXPECT_EQ(history.error().code, ErrorCode::Rejected);
    EXPECT_NE(history.error().message.text().find("it is a folder"), std::string::npos);
}

TEST_F(DatabaseTest, DoesNotWaitForAPipe) {
    ASSERT_EQ(mkfifo(m_file.c_str(), 0600), 0);
    EXPECT_EQ(History::open(m_file).error().code, ErrorCode::Rejected);
}

TEST_F(DatabaseTest, RejectsFilesOfOtherPrograms) {
    change("CREATE TABLE run(id TEXT); INSERT INTO run VALUES('theirs')");
    expectRejected("it is a SQLite file of another program");
    change("PRAGMA application_id = 1196444487");
    expectRejected("it is a SQLite file of another program");
}

TEST_F(DatabaseTest, RejectsNewerVersions) {
    create();
    change("PRAGMA user_version = 999");
    expectRejected("it was written by a newer Lathe (schema version 999, this one reads up to " + std::to_string(migrations().size()) +
                   ")");
}

TEST_F(DatabaseTest, DoesNotRunTriggersAndViewsOfAFile) {
    create();
    change("CREATE TRIGGER tag_added AFTER INSERT ON tag BEGIN UPDATE run SET note = 'taken'; END");
    expectRejected("it holds a trigger tag_added that is not part of a history");
    change("DROP TRIGGER tag_added; ALTER TABLE tag RENAME TO real_tag; CREATE VIEW tag AS SELECT * FROM real_tag");
    const auto history = History::open(m_file);
    ASSERT_FALSE(history);
    EXPECT_EQ(history.error().code, ErrorCode::Rejected);
    EXPECT_NE(history.error().message.text().find("that is not part of a history"), std::string::npos) << history.error().message;
}

TEST_F(DatabaseTest, RejectsAnotherSchemaUnderOurMark) {
    create();
    change("DROP INDEX run_parent");
    expectRejected("its index run_parent is missing");
    change("CREATE INDEX run_parent ON run(parent, name)");
    expectRejected("its index run_parent is not as Lathe creates it");
}

TEST_F(DatabaseTest, FindsDamageBeforeItWrites) {
    create();
    std::string content = *base::readFile(m_file);
    ASSERT_GT(content.size(), 5u * 4096);
    // Every page but the first, which holds the schema.
    for (std::size_t page = 4096; page < content.size(); page += 4096)
        content.replace(page, 64, 64, '\xA5');
    ASSERT_TRUE(base::writeFile(m_file, content));
    const auto history = History::open(m_file);
    ASSERT_FALSE(history);
    EXPECT_EQ(history.error().code, ErrorCode::Rejected);
    EXPECT_NE(history.error().message.text().find("it is damaged"), std::string::npos) << history.error().message;
    EXPECT_EQ(*base::readFile(m_file), content);
}

TEST_F(DatabaseTest, OneChangedByteIsNeverWorseThanAnError) {
    create();
    const std::string sound = *base::readFile(m_file);
    int refused = 0;
    for (std::size_t at = 0; at < sound.size(); at += 1009) {
        std::string content = sound;
        content[at] = static_cast<char>(content[at] ^ 0x55);
        for (const char* suffix : {"-wal", "-shm"})
            fs::remove(m_file.string() + suffix);
        ASSERT_TRUE(base::writeFile(m_file, content));
        const auto history = History::open(m_file);
        if (!history) {
            EXPECT_EQ(history.error().code, ErrorCode::Rejected) << "byte " << at << ": " << history.error().text();
            ++refused;
            continue;
        }
        for (const auto& id : {m_ids.first, m_ids.second}) {
            const auto row = history->run(id);
            if (row) continue;
            EXPECT_TRUE(row.error().code == ErrorCode::Rejected || row.error().code == ErrorCode::NotFound) << row.error().text();
        }
    }
    EXPECT_GT(refused, 0);
}

TEST_F(DatabaseTest, SaysWhenTheFileIsLocked) {
    create();
    SQLite::Database other(m_file.string(), SQLite::OPEN_READWRITE);
    auto database = openDatabase(m_file, {.busyTimeoutMs = 20});
    ASSERT_TRUE(database) << database.error().text();
    other.exec("BEGIN IMMEDIATE");
    const auto blocked = guarded(m_file, database->get(), [&]() -> base::Result<> {
        (*database)->exec("BEGIN IMMEDIATE");
        return {};
    });
    ASSERT_FALSE(blocked);
    EXPECT_EQ(blocked.error().code, ErrorCode::Busy);
    EXPECT_EQ(blocked.error().message,
              "The history \"" + m_file.string() + "\" is locked by another program; try again when that one is done.");
    // Readers are not blocked by a writer.
    EXPECT_EQ((*database)->execAndGet("SELECT count(*) FROM run").getInt(), 2);
    other.exec("COMMIT");
}

TEST_F(DatabaseTest, SaysWhenTheFileIsLockedForReadingToo) {
    create();
    change("PRAGMA journal_mode = DELETE");
    SQLite::Database other(m_file.string(), SQLite::OPEN_READWRITE);
    other.exec("BEGIN EXCLUSIVE");
    const auto blocked = openDatabase(m_file, {.busyTimeoutMs = 20});
    ASSERT_FALSE(blocked);
    EXPECT_EQ(blocked.error().code, ErrorCode::Busy);
}

/// Runs `body` without the rights of root, who may write everywhere.
int asNobody(const std::function<int()>& body) {
    return waitFor(startProcess([&] {
        if (getuid() == 0 && setresuid(65534, 65534, 65534) != 0) return 99;
        return body();
    }));
}

TEST_F(DatabaseTest, SaysWhenTheFileOrItsFolderIsReadOnly) {
    create();
    const auto code = [&](const fs::path& file) {
        const auto history = History::open(file);
        if (history) return 0;
        return history.error().code == ErrorCode::NoSpace &&
                       history.error().message.text().find(file.parent_path().string()) != std::string::npos
                   ? 1
                   : 2;
    };
    fs::permissions(m_folder.path(), fs::perms::owner_all | fs::perms::others_exec | fs::perms::others_read);
    fs::permissions(m_file, fs::perms::owner_read | fs::perms::others_read);
    EXPECT_EQ(asNobody([&] { return code(m_file); }), 1) << "read-only file";
    EXPECT_EQ(asNobody([&] { return code(m_folder.path() / "new.sqlite"); }), 1) << "new file in a read-only folder";
    EXPECT_EQ(asNobody([&] { return code(m_folder.path() / "sub" / "new.sqlite"); }), 1) << "new folder in a read-only folder";
}

TEST_F(DatabaseTest, SaysWhenTheDiskIsFullAndKeepsWhatWasThere) {
    create();
    const auto limited = [&](rlim_t bytes) {
        return waitFor(startProcess([&] {
            signal(SIGXFSZ, SIG_IGN); // the limit then shows as an error of write(), as a full disk does
            const rlimit limit{bytes, bytes};
            if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return 99;
            auto history = History::open(m_file);
            if (!history) return history.error().code == ErrorCode::NoSpace ? 1 : 2;
            const auto ids = history->begin(baselineRow(), optimizedRow());
            if (!ids) return ids.error().code == ErrorCode::NoSpace ? 1 : 3;
            measure::RunDocument large = document();
            large.baseline.latency.samplesMs.assign(1 << 20, 1.0);
            const auto done = history->complete(large, ids->first, ids->second);
            if (done) return 0;
            if (history->run(ids->first)->state != RunState::Running) return 4;
            return done.error().code == ErrorCode::NoSpace ? 1 : 5;
        }));
    };
    // Ever later in the way of a run: the journal's shared memory, its first frame, the rows, the large array.
    for (const rlim_t bytes : {rlim_t{0}, rlim_t{4096}, rlim_t{40000}, rlim_t{200000}, rlim_t{1 << 20}})
        EXPECT_EQ(limited(bytes), 1) << bytes << " bytes";
    EXPECT_EQ(limited(rlim_t{1} << 30), 0);

    const History history = openOrDie(m_file);
    EXPECT_EQ(*history.check(), "");
    EXPECT_EQ(history.run(m_ids.second)->result.fileBytes, document().optimized.fileBytes);
}

TEST_F(DatabaseTest, SaysWhenSqliteFindsTheDiskFull) {
    create();
    auto database = openDatabase(m_file);
    ASSERT_TRUE(database);
    (*database)->exec("PRAGMA max_page_count = 1"); // becomes the present size
    const auto full = guarded(m_file, database->get(), [&]() -> base::Result<> {
        (*database)->exec("INSERT INTO environment(content) VALUES(hex(randomblob(1000000)))");
        return {};
    });
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().code, ErrorCode::NoSpace);
    EXPECT_EQ(full.error().message, "The history \"" + m_file.string() + "\" cannot be written: the disk is full.");
}

} // namespace
} // namespace lathe::history
