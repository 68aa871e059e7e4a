#include <core/history/run_query.h>

#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/history/database.h>
#include <core/history/statement.h>

#include "support.h"

namespace lathe::history {
namespace {

class RunQueryTest : public testing::Test {
protected:
    [[nodiscard]] std::filesystem::path file() const { return m_folder.path() / "history.sqlite"; }
    [[nodiscard]] std::vector<std::string> found(const std::string& search) const {
        const auto rows = m_history.list(search);
        EXPECT_TRUE(rows) << (rows ? "" : rows.error().text());
        std::vector<std::string> names;
        if (rows)
            for (const RunRow& row : *rows)
                names.push_back(row.name);
        return names;
    }
    void add(const std::string& name, const std::string& note, const std::vector<std::string>& tags) {
        RunRow baseline = baselineRow(), optimized = optimizedRow();
        baseline.name = "base";
        optimized.name = name;
        optimized.note = note;
        optimized.tags = tags;
        ASSERT_TRUE(m_history.begin(baseline, optimized));
    }

    base::TemporaryFolder m_folder;
    History m_history = openOrDie(file());
};

TEST_F(RunQueryTest, ListHasTheFiguresButNotTheArrays) {
    const measure::RunDocument measured = document();
    addComparison(m_history, measured);
    const auto rows = m_history.list();
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), 2u);
    const RunRow& row = rows->front();
    EXPECT_EQ(row.result.latency.p999, measured.optimized.latency.p999);
    EXPECT_EQ(row.result.quality.accuracy, measured.optimized.quality.accuracy);
    EXPECT_EQ(row.result.fileBytes, measured.optimized.fileBytes);
    EXPECT_EQ(row.environment, measured.environment);
    EXPECT_EQ(row.comparison->speedup.ratio, measured.comparison.speedup.ratio);
    EXPECT_TRUE(row.result.latency.samplesMs.empty());
    EXPECT_TRUE(row.result.quality.predictions.empty());
    EXPECT_TRUE(row.result.quality.confusion.empty());
    EXPECT_TRUE(row.result.layers.empty());
    EXPECT_TRUE(row.comparison->flips.empty());
    EXPECT_TRUE(row.steps.empty());
}

TEST_F(RunQueryTest, AllWordsOfASearchMustOccur) {
    add("alpha", "slow Friday", {"paper"});
    add("beta", "fast", {"paper", "keep"});
    using Names = std::vector<std::string>;
    EXPECT_EQ(found(""), (Names{"beta", "base", "alpha", "base"}));
    EXPECT_EQ(found("ALPHA"), (Names{"alpha"})) << "name";
    EXPECT_EQ(found("friday"), (Names{"alpha"})) << "note";
    EXPECT_EQ(found("paper"), (Names{"beta", "alpha"})) << "tag";
    EXPECT_EQ(found("int8 beta"), (Names{"beta"})) << "recipe summary and name";
    EXPECT_EQ(found("conv_relu"), (Names{"beta", "alpha"})) << "recipe";
    EXPECT_EQ(found("lenet5 base"), (Names{"base", "base"})) << "model";
    EXPECT_EQ(found("paper  slow\tfri"), (Names{"alpha"}));
    EXPECT_EQ(found("alpha beta"), Names{});
}

TEST_F(RunQueryTest, SearchTakesSignsLiterally) {
    add("100% done", "", {});
    add("100x done", "", {});
    using Names = std::vector<std::string>;
    EXPECT_EQ(found("100%"), Names{"100% done"});
    EXPECT_EQ(found("100_"), Names{});
    EXPECT_EQ(found("\\"), Names{});
    EXPECT_EQ(found("' OR 1=1 --"), Names{});
    std::string many;
    for (int i = 0; i < 101; ++i)
        many += "a ";
    EXPECT_EQ(m_history.list(many).error().code, base::ErrorCode::InvalidArgument);
}

TEST_F(RunQueryTest, ASearchKnowsTagsAndFigures) {
    const auto ids = addComparison(m_history, document());
    ASSERT_TRUE(m_history.setTags(ids.second, {"paper"}));
    add("still running", "paper", {"draft"});
    const auto row = m_history.run(ids.second);
    ASSERT_TRUE(row);
    using Names = std::vector<std::string>;
    EXPECT_EQ(found("tag:pap"), Names{row->name});
    EXPECT_EQ(found("tag:aper"), Names{});
    const auto size = [&](int bytes) { return "size<" + std::to_string(row->result.fileBytes + bytes) + "B"; };
    EXPECT_EQ(found(size(1) + " tag:pap"), Names{row->name});
    EXPECT_EQ(found(size(0) + " tag:pap"), Names{});
    const auto wrong = m_history.list("accuracy>abc");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, base::ErrorCode::InvalidArgument);
    EXPECT_EQ(wrong.error().message, "In \"accuracy>abc\", \"abc\" is no number.");
}

TEST_F(RunQueryTest, PagesTogetherAreTheWholeList) {
    for (int number = 0; number < 3; ++number)
        addComparison(m_history, document(number));
    ASSERT_TRUE(m_history.setTags(m_history.list()->front().id, {"b", "a"}));
    measure::RunDocument measured = document(2);
    ASSERT_TRUE(m_history.addExport(exportOf(measured, "/out/a.pt")));
    ASSERT_TRUE(m_history.addExport(exportOf(measured, "/out/b.pt")));
    const auto all = m_history.list();
    ASSERT_TRUE(all);
    ASSERT_EQ(all->size(), 6u);
    EXPECT_EQ(all->front().tags, (std::vector<std::string>{"a", "b"}));
    std::size_t at = 0, exports = 0;
    for (std::size_t first = 0; first < 8; first += 2) {
        const auto page = m_history.list({}, {first, 2});
        ASSERT_TRUE(page);
        for (const RunRow& row : *page) {
            const RunRow& same = all->at(at++);
            EXPECT_EQ(row.id, same.id);
            EXPECT_EQ(row.tags, same.tags);
            EXPECT_EQ(row.result.latency.p50, same.result.latency.p50);
            EXPECT_EQ(row.result.fileBytes, same.result.fileBytes);
            EXPECT_EQ(row.comparison.has_value(), same.comparison.has_value());
            EXPECT_EQ(row.exports.size(), same.exports.size());
            EXPECT_EQ(row.environment, same.environment);
            // And each is what it is alone.
            const auto one = m_history.run(row.id);
            ASSERT_TRUE(one);
            EXPECT_EQ(one->result.quality.accuracy, row.result.quality.accuracy);
            EXPECT_EQ(one->exports.size(), row.exports.size());
            exports += row.exports.size();
        }
    }
    EXPECT_EQ(at, 6u);
    EXPECT_EQ(exports, 2u);
    EXPECT_EQ(m_history.list("size>0B", {1, 2})->size(), 2u);
    EXPECT_EQ(m_history.list("size>0B", {5, 2})->size(), 1u);
}

TEST_F(RunQueryTest, ListNeitherSortsNorScansForEachRow) {
    auto database = openDatabase(file());
    ASSERT_TRUE(database);
    const auto plan = [&](const std::string& sql) {
        SQLite::Statement statement(**database, "EXPLAIN QUERY PLAN " + sql);
        std::string text;
        while (statement.executeStep())
            text += statement.getColumn(3).getString() + "\n";
        return text;
    };
    const std::string metrics = plan("SELECT part.name FROM json_each('[2,1]') page CROSS JOIN metric part ON part.run = page.value");
    EXPECT_NE(metrics.find("SEARCH part USING PRIMARY KEY"), std::string::npos) << metrics;
    const std::string rows = plan("SELECT r.id FROM run r JOIN model m ON m.number = r.model ORDER BY r.number DESC");
    EXPECT_EQ(rows.find("TEMP B-TREE"), std::string::npos) << rows;
    const std::string running = plan("SELECT number FROM run WHERE state = 'running'");
    EXPECT_NE(running.find("run_running"), std::string::npos) << running;
}

TEST_F(RunQueryTest, RowsThatWeNeverWriteAreReportedAsDamage) {
    const auto ids = addComparison(m_history, document());
    const auto spoil = [&](const char* sql) {
        auto database = openDatabase(file());
        ASSERT_TRUE(database);
        (*database)->exec("PRAGMA ignore_check_constraints = ON");
        (*database)->exec(sql);
    };
    const auto expectDamaged = [&] {
        const auto row = m_history.run(ids.second);
        ASSERT_FALSE(row);
        EXPECT_EQ(row.error().code, base::ErrorCode::Rejected);
        EXPECT_NE(row.error().message.text().find("damaged"), std::string::npos) << row.error().message;
    };
    spoil("UPDATE metric SET value = NULL WHERE name = 'parameters'");
    expectDamaged();
    spoil("UPDATE metric SET value = 1e300 WHERE name = 'parameters'");
    expectDamaged();
    spoil("UPDATE metric SET value = 1 WHERE name = 'parameters'; UPDATE series SET data = x'00' WHERE name = 'prediction'");
    expectDamaged();
    spoil("UPDATE series SET data = x'00000000' WHERE name = 'prediction'; UPDATE series SET rows = 3 WHERE name = 'confusion'");
    expectDamaged();
    spoil("UPDATE series SET rows = 2 WHERE name = 'confusion'; UPDATE environment SET content = '{'");
    expectDamaged();
    spoil("UPDATE environment SET content = '{}'");
    EXPECT_TRUE(m_history.run(ids.second));
    spoil("UPDATE run SET state = 'odd'");
    expectDamaged();
}

} // namespace
} // namespace lathe::history
