#include <core/history/schema.h>

#include <array>
#include <fstream>

#include <SQLiteCpp/Statement.h>
#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/history/database.h>

#include "support.h"

namespace lathe::history {
namespace {

namespace fs = std::filesystem;

/// A history as version 1 wrote it. It is never made anew: every later version must be able to open this one.
const fs::path version1 = fs::path(LATHE_SOURCE_DIR) / "tests/core/history/data/version1.sqlite";

// What a later version may do: a new column with data derived from old ones, and a new table.
constexpr const char* toVersion2 = "ALTER TABLE run ADD COLUMN archived INTEGER NOT NULL DEFAULT 0; UPDATE run SET archived = pinned;";
constexpr const char* toVersion3 =
    "CREATE TABLE budget(run INTEGER PRIMARY KEY REFERENCES run(number) ON DELETE CASCADE, seconds REAL) STRICT;";

class SchemaTest : public testing::Test {
protected:
    SchemaTest() { fs::copy_file(version1, m_file); }
    [[nodiscard]] std::int64_t value(const fs::path& file, const std::string& sql) const {
        SQLite::Database database(file.string());
        return database.execAndGet(sql).getInt64();
    }
    base::TemporaryFolder m_folder;
    const fs::path m_file = m_folder.path() / "history.sqlite";
};

TEST_F(SchemaTest, OpensWhatVersion1Wrote) {
    const History history = openOrDie(m_file);
    const auto rows = history.list();
    ASSERT_TRUE(rows) << rows.error().text();
    ASSERT_EQ(rows->size(), 2u);
    const auto row = history.run(rows->front().id);
    ASSERT_TRUE(row) << row.error().text();
    EXPECT_EQ(row->name, "version 1");
    EXPECT_EQ(row->tags, std::vector<std::string>{"fixture"});
    EXPECT_TRUE(row->isPinnedBaseline);
    EXPECT_EQ(row->result.latency.samplesMs, document().optimized.latency.samplesMs);
    EXPECT_EQ(row->result.quality.confusion, document().optimized.quality.confusion);
    EXPECT_EQ(row->comparison->flips.size(), 2u);
    EXPECT_EQ(row->steps.size(), 2u);
    EXPECT_EQ(row->result.layers.size(), 2u);
    EXPECT_TRUE(row->exports.empty());
    EXPECT_TRUE(fs::exists(m_file.string() + ".v1.bak"));
}

/// Version 1 knew how many calls were disturbed and gave a verdict all the same.
TEST_F(SchemaTest, WhatWasDisturbedInOldHistoriesHasNoVerdictAnyMore) {
    for (const char* role : {"baseline", "optimized"}) { // whichever of both it was
        const fs::path file = m_folder.path() / (std::string(role) + ".sqlite");
        fs::copy_file(version1, file);
        {
            SQLite::Database old(file.string(), SQLite::OPEN_READWRITE);
            old.exec("UPDATE metric SET value = 1 WHERE name = 'latency_disturbed'");
            old.exec("UPDATE metric SET value = 29815 WHERE name = 'latency_calls'");
            old.exec("UPDATE metric SET value = 29748 WHERE name = 'latency_disturbed' AND run = (SELECT number FROM run WHERE role = '" +
                     std::string(role) + "')");
        }
        const History history = openOrDie(file);
        const RunRow row = history.run(history.list()->front().id).value();
        EXPECT_EQ(row.comparison->speedup.verdict, measure::Verdict::NotReliable) << role;
        EXPECT_EQ(row.comparison->speedup.reason, "29,748 of 29,815 calls were disturbed.") << role;
        EXPECT_EQ(row.comparison->speedup.ratio, 3.0) << "it is kept, but says nothing";
        EXPECT_EQ(row.result.latency.whyNotReliable.empty(), row.role == RunRole::Optimized && std::string(role) == "baseline");
        EXPECT_EQ(row.comparison->flips.size(), 2U);
        EXPECT_EQ(history.check().value(), "");
    }
}

TEST_F(SchemaTest, AFewDisturbedCallsLeaveTheVerdict) {
    {
        SQLite::Database old(m_file.string(), SQLite::OPEN_READWRITE);
        old.exec("UPDATE metric SET value = 100 WHERE name = 'latency_calls'");
        old.exec("UPDATE metric SET value = 9 WHERE name = 'latency_disturbed'");
    }
    const History history = openOrDie(m_file);
    const RunRow row = history.run(history.list()->front().id).value();
    EXPECT_EQ(row.comparison->speedup.verdict, measure::Verdict::Faster);
    EXPECT_EQ(row.comparison->speedup.reason, "");
    EXPECT_EQ(row.comparison->speedup.baseline, "Lathe's plan of the original");
    EXPECT_TRUE(measure::isReliable(row.result.latency));
    EXPECT_EQ(history.check().value(), "");
}

TEST_F(SchemaTest, AnExportOfARunThatVersion1StoredIsKept) {
    History history = openOrDie(m_file);
    const RunRow before = history.run(history.list()->front().id).value();
    ExportedFile exported = exportOf(document(), "/out/a.pt");
    exported.modelSha256 = before.modelSha256;
    exported.dataSha256 = before.dataSha256;
    exported.recipeJson = before.recipeJson;
    exported.seed = before.seed;
    EXPECT_EQ(history.addExport(exported).value(), before.id);
    EXPECT_EQ(openOrDie(m_file).run(before.id)->exports.size(), 1u);
}

TEST_F(SchemaTest, MigratesAfterMakingACopy) {
    const std::array steps{migrations()[0], toVersion2, toVersion3};
    {
        const auto database = openDatabase(m_file, {.busyTimeoutMs = 0, .steps = steps});
        ASSERT_TRUE(database) << database.error().text();
    }
    EXPECT_EQ(value(m_file, "PRAGMA user_version"), 3);
    EXPECT_EQ(value(m_file, "SELECT count(*) FROM run WHERE archived = pinned"), 2);
    EXPECT_EQ(value(m_file, "SELECT count(*) FROM budget"), 0);

    const fs::path backup = m_file.string() + ".v1.bak";
    ASSERT_TRUE(fs::exists(backup));
    EXPECT_EQ(value(backup, "PRAGMA user_version"), 1);
    EXPECT_EQ(openOrDie(backup).list()->size(), 2u) << "the copy is a history of the old version";

    // Opened again there is nothing to do, and the schema counts as ours although ALTER TABLE wrote its text.
    fs::remove(backup);
    EXPECT_TRUE(openDatabase(m_file, {.busyTimeoutMs = 0, .steps = steps}));
    EXPECT_FALSE(fs::exists(backup));
}

TEST_F(SchemaTest, AFailedMigrationLeavesTheFileAsItWas) {
    const std::array steps{migrations()[0], toVersion2, "CREATE TABLE run(again INTEGER) STRICT"};
    const auto failed = openDatabase(m_file, {.busyTimeoutMs = 0, .steps = steps});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, base::ErrorCode::Failed);
    EXPECT_EQ(value(m_file, "PRAGMA user_version"), 1);
    EXPECT_EQ(openOrDie(m_file).list()->size(), 2u);
}

TEST_F(SchemaTest, ANewFileAndAMigratedOneAreAlike) {
    const std::array steps{migrations()[0], toVersion2, toVersion3};
    const fs::path fresh = m_folder.path() / "fresh.sqlite";
    const auto migrated = openDatabase(m_file, {.busyTimeoutMs = 0, .steps = steps});
    const auto created = openDatabase(fresh, {.busyTimeoutMs = 0, .steps = steps});
    ASSERT_TRUE(migrated);
    ASSERT_TRUE(created);
    EXPECT_EQ(schemaObjects(**migrated), schemaObjects(**created));
    EXPECT_EQ(schemaObjects(**created), expectedSchema(steps, 3));
}

} // namespace
} // namespace lathe::history
