// A writer is killed at random moments; what it acknowledged must be there afterwards, and nothing half-written may look complete.
// LATHE_KILL_ROUNDS=200 makes it long.

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

#include <core/base/files.h>
#include <core/history/history.h>

#include "support.h"

namespace lathe::history {
namespace {

/// Writes comparisons without end; after each acknowledged one its number goes into the pipe.
int writeForever(const std::filesystem::path& file, int acknowledgements, int firstSeed) {
    History history = openOrDie(file);
    for (int seed = firstSeed;; ++seed) {
        const auto ids = history.begin(baselineRow(), optimizedRow());
        if (!ids || !history.complete(document(seed), ids->first, ids->second)) return 1;
        if (write(acknowledgements, &seed, sizeof seed) != sizeof seed) return 2;
    }
}

TEST(KillTest, WhatWasAcknowledgedSurvivesAndNothingHalfIsShownAsComplete) {
    const char* variable = std::getenv("LATHE_KILL_ROUNDS");
    const int rounds = variable != nullptr ? std::atoi(variable) : 30;
    const base::TemporaryFolder folder;
    const auto file = folder.path() / "history.sqlite";
    std::mt19937 random(20240501);
    // A machine with other work to do opens the file slowly, and kills must also come after that.
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    (void)openOrDie(file);
    const auto opening = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin).count();
    const auto longestUs = static_cast<std::uint64_t>(std::max<std::int64_t>(40'000, 4 * opening));
    std::set<int> acknowledged;
    int killedInside = 0, interruptedBefore = 0; // rounds whose kill met a run at work

    for (int round = 0; round < rounds; ++round) {
        std::array<int, 2> pipeEnds{};
        ASSERT_EQ(pipe(pipeEnds.data()), 0);
        const pid_t child = startProcess([&] { return writeForever(file, pipeEnds[1], round * 100000); });
        close(pipeEnds[1]);
        // Random moments: from before the file is open to the middle of some commit. No outcome depends on how long it really takes.
        std::this_thread::sleep_for(std::chrono::microseconds(random() % longestUs));
        kill(child, SIGKILL);
        ASSERT_EQ(waitFor(child), -1) << "the writer ended by itself";
        for (int seed = 0; read(pipeEnds[0], &seed, sizeof seed) == sizeof seed;)
            acknowledged.insert(seed);
        close(pipeEnds[0]);

        History history = openOrDie(file);
        const auto problems = history.check();
        ASSERT_TRUE(problems) << problems.error().text();
        ASSERT_EQ(*problems, "") << "round " << round;
        const auto rows = history.list();
        ASSERT_TRUE(rows) << rows.error().text();
        std::map<std::int64_t, int> completeBySeed;
        int interrupted = 0;
        for (const RunRow& row : *rows) {
            ASSERT_TRUE(row.state == RunState::Complete || row.state == RunState::Interrupted) << "round " << round;
            if (row.state == RunState::Interrupted) {
                ASSERT_EQ(row.result.fileBytes, 0) << "an interrupted run holds results";
                ++interrupted;
                continue;
            }
            const measure::RunDocument expected = document(static_cast<int>(row.seed));
            ASSERT_EQ(row.result.fileBytes, (row.role == RunRole::Baseline ? expected.baseline : expected.optimized).fileBytes);
            ++completeBySeed[row.seed];
        }
        killedInside += interrupted > interruptedBefore ? 1 : 0;
        interruptedBefore = interrupted;
        for (const auto& [seed, count] : completeBySeed)
            ASSERT_EQ(count, 2) << "half a comparison is complete";
        for (const int seed : acknowledged)
            ASSERT_TRUE(completeBySeed.contains(seed)) << "round " << round << " lost an acknowledged run";
        // The next round begins with few rows, so that it spends its time on being killed.
        if (rows->size() > 400) {
            std::filesystem::remove(file);
            std::filesystem::remove(file.string() + "-wal");
            std::filesystem::remove(file.string() + "-shm");
            acknowledged.clear();
            interruptedBefore = 0;
        }
    }
    RecordProperty("rounds_killed_inside_a_run", killedInside);
    EXPECT_GT(killedInside, 0) << "no kill ever met a run at work: the test shows nothing";
}

} // namespace
} // namespace lathe::history
