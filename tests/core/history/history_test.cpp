#include <core/history/history.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <set>

#include <gtest/gtest.h>
#include <unistd.h>

#include <core/base/files.h>

#include "support.h"

namespace lathe::history {
namespace {

using base::ErrorCode;

class HistoryTest : public testing::Test {
protected:
    [[nodiscard]] std::filesystem::path file() const { return m_folder.path() / "history.sqlite"; }
    base::TemporaryFolder m_folder;
    History m_history = openOrDie(file());
};

TEST_F(HistoryTest, BeginShowsTwoRunningRows) {
    const auto ids = m_history.begin(baselineRow(), optimizedRow());
    ASSERT_TRUE(ids) << ids.error().text();
    const auto rows = m_history.list();
    ASSERT_TRUE(rows) << rows.error().text();
    ASSERT_EQ(rows->size(), 2u);
    EXPECT_EQ(rows->at(0).id, ids->second) << "newest first";
    EXPECT_EQ(rows->at(0).parentId, ids->first);
    EXPECT_EQ(rows->at(1).id, ids->first);
    for (const RunRow& row : *rows) {
        EXPECT_EQ(row.state, RunState::Running);
        EXPECT_EQ(row.id.size(), 36u);
        EXPECT_EQ(row.createdAt.size(), 20u);
        EXPECT_EQ(row.createdAt.back(), 'Z');
    }
}

TEST_F(HistoryTest, RunsThatEndedCannotBeCompletedAgain) {
    const auto ids = addComparison(m_history, document());
    const auto again = m_history.complete(document(2), ids.first, ids.second);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(again.error().message, "The run " + ids.first + " has already ended (complete).");
    EXPECT_EQ(m_history.run(ids.first)->result.fileBytes, document().baseline.fileBytes);
}

TEST_F(HistoryTest, CompleteIsAllOrNothing) {
    const auto ids = m_history.begin(baselineRow(), optimizedRow());
    ASSERT_TRUE(ids);
    const auto refused = m_history.complete(document(), ids->first, "no-such-run");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::NotFound);
    EXPECT_EQ(m_history.run(ids->first)->state, RunState::Running);
    EXPECT_EQ(m_history.run(ids->first)->result.fileBytes, 0);
    EXPECT_TRUE(m_history.complete(document(), ids->first, ids->second));
}

TEST_F(HistoryTest, AbandonKeepsTheReason) {
    const auto ids = m_history.begin(baselineRow(), optimizedRow());
    ASSERT_TRUE(ids);
    ASSERT_TRUE(m_history.abandon({ids->first, ids->second}, RunState::Failed, "The engine stopped."));
    for (const std::string& id : {ids->first, ids->second}) {
        const auto row = m_history.run(id);
        ASSERT_TRUE(row);
        EXPECT_EQ(row->state, RunState::Failed);
        EXPECT_EQ(row->error, "The engine stopped.");
    }
    const auto late = m_history.complete(document(), ids->first, ids->second);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, ErrorCode::InvalidArgument);
}

TEST_F(HistoryTest, CompleteRunsAreNotAbandoned) {
    const auto ids = addComparison(m_history, document());
    const auto refused = m_history.abandon({ids.second}, RunState::Cancelled, "");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(m_history.run(ids.second)->state, RunState::Complete);
    EXPECT_FALSE(m_history.abandon({ids.second}, RunState::Running, ""));
}

TEST_F(HistoryTest, UnknownIdsAreNamed) {
    for (const auto& result :
         {m_history.rename("dead", "x"), m_history.setNote("dead", "x"), m_history.setTags("dead", {"x"}), m_history.pinBaseline("dead"),
          m_history.unpinBaseline("dead"), m_history.remove({"dead"}), m_history.abandon({"dead"}, RunState::Failed, "")}) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, ErrorCode::NotFound);
        EXPECT_EQ(result.error().message, "No run \"dead\" is in the history.");
    }
    EXPECT_EQ(m_history.run("").error().code, ErrorCode::NotFound);
}

TEST_F(HistoryTest, TheBeginningOfAnIdIsEnoughWhenOnlyOneHasIt) {
    std::vector<std::string> ids;
    for (int i = 0; i < 9; ++i) {
        const auto pair = addComparison(m_history, document(i));
        ids.insert(ids.end(), {pair.first, pair.second});
    }
    // 18 ids and 16 first digits: two of them begin alike.
    std::set<char> seen;
    const auto twin = std::find_if(ids.begin(), ids.end(), [&](const std::string& id) { return !seen.insert(id[0]).second; });
    ASSERT_NE(twin, ids.end());
    const auto ambiguous = m_history.run(twin->substr(0, 1));
    ASSERT_FALSE(ambiguous);
    EXPECT_EQ(ambiguous.error().code, ErrorCode::InvalidArgument);
    EXPECT_NE(ambiguous.error().message.text().find("both begin with \"" + twin->substr(0, 1) + "\""), std::string::npos)
        << ambiguous.error().message;

    std::string upper = twin->substr(0, 30);
    std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    EXPECT_EQ(m_history.run(twin->substr(0, 30))->id, *twin);
    EXPECT_EQ(m_history.run(upper)->id, *twin);
    EXPECT_FALSE(m_history.run(*twin + "0"));
}

TEST_F(HistoryTest, NamesNotesAndTagsCanBeChanged) {
    const auto ids = addComparison(m_history, document());
    ASSERT_TRUE(m_history.rename(ids.second, "best so far"));
    ASSERT_TRUE(m_history.setNote(ids.second, "with histogram calibrator"));
    ASSERT_TRUE(m_history.setTags(ids.second, {"paper", "keep", "paper", ""}));
    auto row = m_history.run(ids.second);
    ASSERT_TRUE(row);
    EXPECT_EQ(row->name, "best so far");
    EXPECT_EQ(row->note, "with histogram calibrator");
    EXPECT_EQ(row->tags, (std::vector<std::string>{"keep", "paper"}));
    ASSERT_TRUE(m_history.setTags(ids.second, {}));
    EXPECT_TRUE(m_history.run(ids.second)->tags.empty());
}

TEST_F(HistoryTest, OneRunOfEachScopeIsPinned) {
    const auto first = addComparison(m_history, document(1));
    const auto second = addComparison(m_history, document(2));
    measure::RunDocument other = document(3);
    other.dataSha256 = "cc33";
    const auto elsewhere = addComparison(m_history, other);
    const auto isPinned = [&](const std::string& id) { return m_history.run(id)->isPinnedBaseline; };
    ASSERT_TRUE(m_history.pinBaseline(elsewhere.first));
    ASSERT_TRUE(m_history.pinBaseline(first.first));
    ASSERT_TRUE(m_history.pinBaseline(second.second));
    EXPECT_FALSE(isPinned(first.first));
    EXPECT_TRUE(isPinned(second.second));
    EXPECT_TRUE(isPinned(elsewhere.first)) << "it is of other data";
    EXPECT_FALSE(m_history.pinBaseline("no-such-run"));
    EXPECT_TRUE(isPinned(second.second)) << "a failed change must change nothing";
    ASSERT_TRUE(m_history.unpinBaseline(second.second));
    EXPECT_FALSE(isPinned(second.second));
    EXPECT_TRUE(isPinned(elsewhere.first));
}

TEST_F(HistoryTest, RemovingABaselineLeavesItsOptimizedRun) {
    const auto ids = addComparison(m_history, document());
    ASSERT_TRUE(m_history.remove({ids.first}));
    EXPECT_EQ(m_history.run(ids.first).error().code, ErrorCode::NotFound);
    const auto optimized = m_history.run(ids.second);
    ASSERT_TRUE(optimized);
    EXPECT_EQ(optimized->parentId, "");
    EXPECT_TRUE(optimized->comparison);
    ASSERT_TRUE(m_history.remove({ids.second}));
    EXPECT_TRUE(m_history.list()->empty());
    EXPECT_EQ(*m_history.check(), "");
}

TEST_F(HistoryTest, RemoveIsAllOrNothingAndSparesRunsAtWork) {
    const auto ids = addComparison(m_history, document());
    EXPECT_EQ(m_history.remove({ids.first, "no-such-run"}).error().code, ErrorCode::NotFound);
    EXPECT_TRUE(m_history.run(ids.first));
    const auto atWork = m_history.begin(baselineRow(), optimizedRow());
    ASSERT_TRUE(atWork);
    const auto refused = m_history.remove({ids.first, atWork->first});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Busy);
    EXPECT_TRUE(m_history.run(ids.first));
}

TEST_F(HistoryTest, AnExportBelongsToTheNewestRunOfTheSameModelRecipeDataAndSeed) {
    addComparison(m_history, document());
    const auto ids = addComparison(m_history, document());
    addComparison(m_history, document(2));                       // another seed
    ASSERT_TRUE(m_history.begin(baselineRow(), optimizedRow())); // not complete
    const ExportedFile exported = exportOf(document(), "/out/a.pt");
    const auto run = m_history.addExport(exported);
    ASSERT_TRUE(run) << run.error().text();
    EXPECT_EQ(*run, ids.second);

    auto row = m_history.run(ids.second);
    ASSERT_TRUE(row) << row.error().text();
    ASSERT_EQ(row->exports.size(), 1u);
    EXPECT_EQ(row->exports[0].createdAt.size(), 20u);
    ExportedFile expected = exported;
    expected.runId = ids.second;
    expected.createdAt = row->exports[0].createdAt;
    EXPECT_EQ(row->exports[0], expected);
    EXPECT_TRUE(m_history.run(ids.first)->exports.empty()) << "a baseline is not exported";
    std::size_t withExports = 0;
    const auto rows = m_history.list();
    ASSERT_TRUE(rows) << rows.error().text();
    for (const RunRow& one : *rows)
        withExports += one.exports.size();
    EXPECT_EQ(withExports, 1u);
}

TEST_F(HistoryTest, AnExportOfNoRunStandsAlone) {
    const auto ids = addComparison(m_history, document());
    const auto expectAlone = [&](void (*change)(ExportedFile&), const char* file) {
        ExportedFile exported = exportOf(document(), file);
        change(exported);
        const auto run = m_history.addExport(exported);
        ASSERT_TRUE(run) << run.error().text();
        EXPECT_EQ(*run, "") << file;
    };
    expectAlone([](ExportedFile& one) { one.modelSha256 = "cc"; }, "/out/model.pt");
    expectAlone([](ExportedFile& one) { one.dataSha256 = "cc"; }, "/out/data.pt");
    expectAlone([](ExportedFile& one) { one.recipeJson = "{}"; }, "/out/recipe.pt");
    expectAlone([](ExportedFile& one) { one.seed = 12; }, "/out/seed.pt");
    const auto all = m_history.exports();
    ASSERT_TRUE(all) << all.error().text();
    ASSERT_EQ(all->size(), 4u);
    EXPECT_EQ(all->front().file, "/out/seed.pt") << "newest first";
    EXPECT_EQ(all->front().checks, exportOf(document(), "").checks);
    EXPECT_TRUE(m_history.run(ids.second)->exports.empty());
}

TEST_F(HistoryTest, TheSameFileAgainReplacesItsExportAndARunTakesItsExportsAlong) {
    const auto ids = addComparison(m_history, document());
    ExportedFile exported = exportOf(document(), "/out/a.pt");
    ASSERT_TRUE(m_history.addExport(exported));
    exported.bytes = 7;
    exported.checks.pop_back();
    ASSERT_TRUE(m_history.addExport(exported));
    ASSERT_EQ(m_history.exports()->size(), 1u);
    EXPECT_EQ(m_history.exports()->front().bytes, 7);
    EXPECT_EQ(m_history.exports()->front().checks, exported.checks);
    ASSERT_TRUE(m_history.remove({ids.second}));
    EXPECT_TRUE(m_history.exports()->empty());
    EXPECT_EQ(m_history.check().value(), "");
}

TEST_F(HistoryTest, RowsOfAProcessThatIsGoneBecomeInterrupted) {
    std::array<int, 2> pipeEnds{};
    ASSERT_EQ(pipe(pipeEnds.data()), 0);
    const pid_t child = startProcess([&] {
        History history = openOrDie(file());
        const auto ids = history.begin(baselineRow(), optimizedRow());
        if (!ids || write(pipeEnds[1], "x", 1) != 1) return 1;
        pause(); // until it is killed
        return 0;
    });
    char started = 0;
    ASSERT_EQ(read(pipeEnds[0], &started, 1), 1);
    EXPECT_EQ(*m_history.markInterrupted(), 0) << "the child is still at work";
    EXPECT_EQ(*openOrDie(file()).markInterrupted(), 0);
    const auto own = m_history.begin(baselineRow(), optimizedRow());
    ASSERT_TRUE(own);

    kill(child, SIGKILL);
    EXPECT_EQ(waitFor(child), -1);
    EXPECT_EQ(*m_history.markInterrupted(), 2);
    EXPECT_EQ(*m_history.markInterrupted(), 0);
    const auto rows = m_history.list();
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), 4u);
    for (const RunRow& row : *rows) {
        const bool isOwn = row.id == own->first || row.id == own->second;
        EXPECT_EQ(row.state, isOwn ? RunState::Running : RunState::Interrupted);
        EXPECT_EQ(row.error, isOwn ? "" : "The program ended before the run was complete.");
    }
    close(pipeEnds[0]);
    close(pipeEnds[1]);
}

TEST_F(HistoryTest, SeveralProcessesWriteOneHistory) {
    // All of them also open it, so creating the file is raced for when it is a new one.
    const auto shared = m_folder.path() / "shared" / "history.sqlite";
    constexpr int processes = 4, comparisons = 5;
    std::vector<pid_t> children;
    for (int process = 0; process < processes; ++process)
        children.push_back(startProcess([&, process] {
            for (int i = 0; i < comparisons; ++i) {
                auto history = History::open(shared);
                if (!history) {
                    std::fprintf(stderr, "%s\n", history.error().text().c_str());
                    return 1;
                }
                const auto ids = history->begin(baselineRow(), optimizedRow());
                if (!ids || !history->complete(document(process * 10 + i), ids->first, ids->second)) return 2;
            }
            return 0;
        }));
    for (const pid_t child : children)
        EXPECT_EQ(waitFor(child), 0);
    const History history = openOrDie(shared);
    const auto rows = history.list();
    ASSERT_TRUE(rows);
    EXPECT_EQ(rows->size(), 2u * processes * comparisons);
    for (const RunRow& row : *rows)
        EXPECT_EQ(row.state, RunState::Complete);
    EXPECT_EQ(*history.check(), "");
}

TEST_F(HistoryTest, SeesThatAnotherConnectionWrote) {
    const auto before = m_history.dataVersion();
    ASSERT_TRUE(before);
    EXPECT_EQ(*m_history.dataVersion(), *before);
    History other = openOrDie(file());
    addComparison(other, document());
    EXPECT_NE(*m_history.dataVersion(), *before);
    EXPECT_EQ(m_history.list()->size(), 2u);
}

TEST(HistoryFileTest, DefaultFileFollowsTheEnvironment) {
    setenv("LATHE_HISTORY", "/a/b.sqlite", 1);
    EXPECT_EQ(History::defaultFile(), "/a/b.sqlite");
    unsetenv("LATHE_HISTORY");
    setenv("XDG_DATA_HOME", "/data", 1);
    EXPECT_EQ(History::defaultFile(), "/data/lathe/history.sqlite");
    setenv("XDG_DATA_HOME", "relative", 1);
    setenv("HOME", "/home/ada", 1);
    EXPECT_EQ(History::defaultFile(), "/home/ada/.local/share/lathe/history.sqlite");
}

} // namespace
} // namespace lathe::history
